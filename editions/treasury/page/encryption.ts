import { planned, proven, section, transport } from '#kernel/edition'
import { policy } from '../policy.ts'

/** Said of this policy and of no other: under another one this does not compile. */
const PLAIN = {
  redirect: {
    en: 'A page that is asked for over plain HTTP is answered with nothing but a redirect to the same address over HTTPS; any other request over plain HTTP is refused.',
    ar: 'الصفحة التي تُطلب عبر HTTP غير المشفّر لا يُردّ عليها إلا بإعادة توجيه إلى العنوان نفسه عبر HTTPS، ويُرفض أي طلب آخر عبر HTTP غير المشفّر.',
  },
}

export const encryption = section(
  { en: 'Encryption', ar: 'التشفير' },
  proven(
    'treasury-3.1a',
    {
      en: `Every encrypted connection to this product uses TLS ${policy.tls}; a client that offers only an older version is refused.`,
      ar: `كل اتصال مشفّر بهذا المنتج يستخدم TLS ${policy.tls}، ويُرفض أي برنامج لا يعرض سوى إصدار أقدم.`,
    },
    transport.tls,
  ),
  proven('treasury-3.1b', PLAIN[policy.plainHttp], transport.plain),
  planned(
    'treasury-3.1c',
    {
      en: 'Traffic between our own components is encrypted as well, and the application verifies the database’s identity before it sends anything to it.',
      ar: 'حركة البيانات بين مكوّناتنا الداخلية مشفّرة أيضًا، ويتحقق التطبيق من هوية قاعدة البيانات قبل أن يرسل إليها شيئًا.',
    },
    'transport',
  ),
  planned(
    'treasury-3.2',
    {
      en: 'Storage volumes and backups are encrypted with AES-256 under keys held in a dedicated key management service. Without its key, a backup cannot be restored.',
      ar: 'وحدات التخزين والنسخ الاحتياطية مشفّرة بخوارزمية AES-256 بمفاتيح محفوظة في خدمة مخصصة لإدارة المفاتيح. ولا يمكن استعادة نسخة احتياطية من دون مفتاحها.',
    },
    'vault',
  ),
)
