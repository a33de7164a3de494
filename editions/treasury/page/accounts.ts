import { access, audit, identity, proven, section } from '#kernel/edition'
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
  proven(
    'treasury-4.3',
    {
      en: 'A refresh token is replaced at every use, and one that comes back later, after it was replaced, ends its whole session. Signing out ends a session at once: none of its tokens opens anything any more.',
      ar: 'يُستبدل رمز التجديد عند كل استخدام، وإذا عاد لاحقًا رمز سبق استبداله انتهت الجلسة كلها. وينهي تسجيل الخروج الجلسة فورًا، فلا يفتح أي من رموزها شيئًا بعد ذلك.',
    },
    identity.rotation,
    identity.signOut,
  ),
  proven(
    'treasury-4.4',
    {
      en: 'Rights come with a role: what its published list does not name is refused, and the list of permissions shows which roles hold each of them.',
      ar: 'تُمنح الصلاحيات بحسب الدور: فما لا تذكره قائمته المنشورة مرفوض، وتُظهر قائمة الصلاحيات الأدوار التي تحمل كلًّا منها.',
    },
    access.matrix,
    access.counted,
  ),
  proven(
    'treasury-4.5',
    {
      en: 'Every administrative action leaves exactly one entry in the audit log: who did it, from where, to what, when, and which fields it changed; one that was refused leaves its own. The application can add entries but can neither change nor remove them, and if somebody else does, it shows.',
      ar: 'كل إجراء إداري يترك قيدًا واحدًا بالضبط في سجل التدقيق: من نفّذه، ومن أين، وعلى ماذا، ومتى، وأي الحقول غيّر، ولكل إجراء رُفض قيده أيضًا. ويستطيع التطبيق إضافة القيود، لكنه لا يستطيع تعديلها أو حذفها، وإن فعل ذلك غيره انكشف.',
    },
    audit.entries,
    audit.changes,
    audit.refusals,
    audit.insertonly,
    audit.tamper,
  ),
)
