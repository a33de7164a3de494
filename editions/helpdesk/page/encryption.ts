import { identity, partly, planned, proven, section, transport, vault } from '#kernel/edition'
import { policy } from '../policy.ts'

/** Said of this policy and of no other: under another one this does not compile. */
const PLAIN = {
  redirect: { en: 'plain HTTP leads only to a redirect', ar: 'فلا يؤدي HTTP غير المشفّر إلا إلى إعادة توجيه' },
}

export const encryption = section(
  { en: 'Encryption', ar: 'التشفير' },
  proven(
    'helpdesk-2.1',
    {
      en: `All of this product answers only over TLS ${policy.tls} or newer with modern ciphers: ${PLAIN[policy.plainHttp].en}, and browsers are told to insist on HTTPS (HSTS).`,
      ar: `لا يجيب هذا المنتج بكل أجزائه إلا عبر TLS ${policy.tls} أو أحدث وبخوارزميات تشفير حديثة: ${PLAIN[policy.plainHttp].ar}، وتُوجَّه المتصفحات إلى استخدام HTTPS دائمًا (آلية HSTS).`,
    },
    transport.tls,
    transport.plain,
    transport.headers,
  ),
  planned(
    'helpdesk-2.2',
    {
      en: 'The disks that hold customer data are encrypted in full.',
      ar: 'الأقراص التي تُحفظ عليها بيانات العملاء مشفّرة بالكامل.',
    },
    'vault',
  ),
  partly(
    'helpdesk-2.3',
    {
      en: 'The database provider encrypts what it stores. On top of that, the application itself encrypts the secrets of second factors, hashes codes and links, and stores no refresh token at all.',
      ar: 'يشفّر مزوّد قاعدة البيانات ما يخزّنه. وفوق ذلك يشفّر التطبيق نفسه أسرار عامل التحقق الثاني، ولا يحفظ من الرموز والروابط إلا بصماتها، ولا يخزّن رموز التجديد على الإطلاق.',
    },
    'provider-encryption',
    identity.secrets,
    vault.sealed,
  ),
  planned(
    'helpdesk-2.4',
    {
      en: 'No backup is stored unencrypted, and we practise restoring from our backups.',
      ar: 'لا تُحفظ أي نسخة احتياطية دون تشفير، ونتدرّب على الاستعادة من نسخنا.',
    },
    'backups',
  ),
  proven(
    'helpdesk-2.5',
    {
      en: `Passwords are kept only as ${policy.passwordHash} hashes: a memory-hard function, a separate salt for each account, and parameters that follow the OWASP recommendations.`,
      ar: `لا تُحفظ كلمات المرور إلا على هيئة بصمات ${policy.passwordHash}: دالة كثيفة الاستهلاك للذاكرة، وملح مستقل لكل حساب، ومعاملات توافق توصيات OWASP.`,
    },
    identity.passwords,
  ),
)
