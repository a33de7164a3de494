import { identity, planned, proven, section, transport, vault } from '#kernel/edition'
import { policy } from '../policy.ts'

/** Said of this policy and of no other: under another one this does not compile. */
const PLAIN = {
  redirect: { en: 'plain HTTP leads only to a redirect', ar: 'ولا يؤدي HTTP غير المشفّر إلا إلى إعادة توجيه' },
}

export const encryption = section(
  { en: 'Encryption', ar: 'التشفير' },
  proven(
    'suite-2.1',
    {
      en: `Connections to this product use TLS ${policy.tls} or newer: anything older is refused, and ${PLAIN[policy.plainHttp].en}.`,
      ar: `تستخدم الاتصالات بهذا المنتج TLS ${policy.tls} أو أحدث: يُرفض ما هو أقدم، ${PLAIN[policy.plainHttp].ar}.`,
    },
    transport.tls,
    transport.plain,
  ),
  /** The headers' control skips this header where TLS ends in front; the other one does not let that pass. */
  proven(
    'suite-2.2',
    {
      en: 'Browsers are instructed to reach this product over HTTPS only (HSTS).',
      ar: 'تُوجَّه المتصفحات إلى ألا تصل إلى هذا المنتج إلا عبر HTTPS (آلية HSTS).',
    },
    transport.headers,
    transport.tls,
  ),
  planned(
    'suite-2.3',
    {
      en: 'Backups are stored only in encrypted form.',
      ar: 'لا تُخزَّن النسخ الاحتياطية إلا مشفّرة.',
    },
    'backups',
  ),
  proven(
    'suite-2.4',
    {
      en: 'Second-factor secrets are stored encrypted and API keys only as hashes, so that a copy of the database contains nothing one could sign in with.',
      ar: 'تُخزَّن أسرار المصادقة الثنائية مشفّرة، ولا يُحفظ من مفاتيح واجهة البرمجة إلا بصماتها، فلا تحتوي أي نسخة من قاعدة البيانات على ما يصلح للدخول.',
    },
    identity.secrets,
    identity.hashed,
    vault.sealed,
  ),
)
