import { audit, identity, planned, proven, section } from '#kernel/edition'
import { policy } from '../policy.ts'

export const accounts = section(
  { en: 'Accounts and access', ar: 'الحسابات وصلاحيات الوصول' },
  proven(
    'treasury-4.1',
    {
      en: `A password is stored only as a ${policy.passwordHash} hash with a salt of its own for each person.`,
      ar: `لا تُخزَّن كلمة المرور إلا على هيئة بصمة ${policy.passwordHash} مع قيمة عشوائية (salt) خاصة بكل شخص.`,
    },
    identity.passwords,
  ),
  proven(
    'treasury-4.2',
    {
      en: 'Every account is protected by two-factor authentication.',
      ar: 'كل حساب محمي بالمصادقة الثنائية.',
    },
    identity.demanded,
    identity.apps,
    identity.halfway,
  ),
  planned(
    'treasury-4.3',
    {
      en: 'Session tokens are replaced during use and end at sign-out. A replaced or ended token opens nothing, neither by request nor over a live connection.',
      ar: 'تُستبدل رموز الجلسة أثناء الاستخدام وتنتهي عند تسجيل الخروج. والرمز المستبدل أو المنتهي لا يفتح شيئًا، لا بطلب ولا عبر اتصال مباشر.',
    },
    'identity',
  ),
  planned(
    'treasury-4.4',
    {
      en: 'Rights come with a role, and a role has the least that its work needs: what its published list does not name is refused, and permissions that nobody uses are reported.',
      ar: 'تُمنح الصلاحيات بحسب الدور، ولكل دور أقل ما يحتاج إليه عمله: فما لا تذكره قائمته المنشورة مرفوض، والصلاحيات التي لا يستخدمها أحد تظهر في تقرير.',
    },
    'access',
  ),
  proven(
    'treasury-4.5',
    {
      en: 'Every administrative action leaves exactly one entry in the audit log: who did it, from where, to what and when. The application can add entries but can neither change nor remove them.',
      ar: 'كل إجراء إداري يترك قيدًا واحدًا بالضبط في سجل التدقيق: من نفّذه، ومن أين، وعلى ماذا، ومتى. ويستطيع التطبيق إضافة القيود، لكنه لا يستطيع تعديلها أو حذفها.',
    },
    audit.entries,
    audit.insertonly,
  ),
)
