import { audit, planned, proven, section } from '#kernel/edition'

export const auditing = section(
  { en: 'Audit log', ar: 'سجل التدقيق' },
  planned(
    'jeweller-2.3.1',
    {
      en: 'The audit log records sensitive acts with the person, the time and the network address: rates, edits and voids of invoices, payments, settings, the plan, billing and roles.',
      ar: 'يسجّل سجل التدقيق الأعمال الحساسة مع اسم منفّذها ووقتها وعنوانه الشبكي: الأسعار، وتعديل الفواتير وإبطالها، والمدفوعات، والإعدادات، والاشتراك، والفوترة، والأدوار.',
    },
    'audit',
  ),
  proven(
    'jeweller-2.3.2',
    {
      en: 'Owners and admins can read their workspace’s audit log inside the application, and each look is an entry itself; nobody else can.',
      ar: 'يستطيع المالكون والمسؤولون قراءة سجل تدقيق مساحة عملهم من داخل التطبيق، وكل اطّلاع عليه قيد من قيوده، ولا يستطيع ذلك غيرهم.',
    },
    audit.reading,
  ),
)

export const backups = section(
  { en: 'Backups and retention', ar: 'النسخ الاحتياطي ومدد الاحتفاظ' },
  planned(
    'jeweller-2.4.1',
    {
      en: 'The database is backed up daily and can be restored to any moment within the retention period.',
      ar: 'تُنسخ قاعدة البيانات احتياطيًا كل يوم، ويمكن استعادتها إلى أي لحظة ضمن مدة الاحتفاظ.',
    },
    'backups',
  ),
  planned(
    'jeweller-2.4.3',
    {
      en: 'We rehearse restoring from backups periodically.',
      ar: 'نُجري تدريبات دورية على الاستعادة من النسخ الاحتياطية.',
    },
    'backups',
  ),
  planned(
    'jeweller-2.4.2',
    {
      en: 'Backups are kept for the period that the privacy policy states, and no longer.',
      ar: 'تُحفظ النسخ الاحتياطية للمدة المذكورة في سياسة الخصوصية، لا أكثر.',
    },
    'privacy',
  ),
)
