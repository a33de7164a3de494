import { notClaimed, planned, section } from '#kernel/edition'
import { policy } from '../policy.ts'

export const encryption = section(
  { en: 'Encryption', ar: 'التشفير' },
  planned(
    'jeweller-2.1.1',
    {
      en: `Connections use TLS ${policy.tls} or newer, the product is served over HTTPS only, and browsers are instructed to keep to it (HSTS).`,
      ar: `تستخدم الاتصالات TLS ${policy.tls} أو أحدث، ولا يُقدَّم المنتج إلا عبر HTTPS، وتُوجَّه المتصفحات إلى الالتزام بذلك (آلية HSTS).`,
    },
    'transport',
  ),
  notClaimed('jeweller-2.1.1n', {
    en: 'HSTS preload is pending: browsers do not yet know before a first visit that this site is HTTPS only.',
    ar: 'الإدراج في قائمة التحميل المسبق لآلية HSTS قيد الانتظار: فالمتصفحات لا تعرف بعدُ قبل الزيارة الأولى أن هذا الموقع لا يعمل إلا عبر HTTPS.',
  }),
  planned(
    'jeweller-2.1.2',
    {
      en: 'The primary database is encrypted at rest by the managed database service.',
      ar: 'قاعدة البيانات الرئيسية مشفّرة في التخزين من خلال خدمة قواعد البيانات المُدارة.',
    },
    'vault',
  ),
  planned(
    'jeweller-2.1.3',
    {
      en: 'Backups are stored only in encrypted form.',
      ar: 'لا تُخزَّن النسخ الاحتياطية إلا مشفّرة.',
    },
    'backups',
  ),
)
