import { notClaimed, planned, proven, section, transport } from '#kernel/edition'
import { policy } from '../policy.ts'

/** Said of this policy and of no other: under another one this does not compile. */
const PLAIN = {
  redirect: { en: 'plain HTTP leads only to a redirect', ar: 'أما HTTP غير المشفّر فلا يؤدي إلا إلى إعادة توجيه' },
}

export const encryption = section(
  { en: 'Encryption', ar: 'التشفير' },
  proven(
    'jeweller-2.1.1',
    {
      en: `Connections use TLS ${policy.tls} or newer, the product is served over HTTPS only (${PLAIN[policy.plainHttp].en}), and browsers are instructed to keep to it (HSTS).`,
      ar: `تستخدم الاتصالات TLS ${policy.tls} أو أحدث، ولا يُقدَّم المنتج إلا عبر HTTPS (${PLAIN[policy.plainHttp].ar})، وتُوجَّه المتصفحات إلى الالتزام بذلك (آلية HSTS).`,
    },
    transport.tls,
    transport.plain,
    transport.headers,
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
