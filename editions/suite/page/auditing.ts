import { audit, proven, section } from '#kernel/edition'
import { policy } from '../policy.ts'

export const auditing = section(
  { en: 'Audit log', ar: 'سجل التدقيق' },
  proven(
    'suite-4.1',
    {
      en: 'Whenever a record is created, changed or deleted, the audit log keeps who did it, which fields changed and when.',
      ar: 'عند إنشاء أي سجل أو تعديله أو حذفه، يحفظ سجل التدقيق من قام بذلك، والحقول التي تغيّرت، ووقت حدوثه.',
    },
    audit.entries,
    audit.changes,
  ),
  proven(
    'suite-4.2',
    {
      en: `The audit log is kept for at least ${policy.auditMonths} months.`,
      ar: `يُحتفظ بسجل التدقيق مدة لا تقل عن ${policy.auditMonths} شهرًا.`,
    },
    audit.retention,
  ),
)
