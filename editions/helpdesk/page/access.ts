import { identity, limits, proven, section, staff } from '#kernel/edition'
import { policy } from '../policy.ts'

export const access = section(
  { en: 'Sign-in and access', ar: 'تسجيل الدخول والوصول' },
  proven(
    'helpdesk-3.1',
    {
      en: 'People sign in with an e-mail address and a password; repeated attempts are slowed down both for the network address they come from and for the account they aim at.',
      ar: 'يسجّل المستخدمون دخولهم بالبريد الإلكتروني وكلمة المرور، وتُقيَّد المحاولات المتكررة بحسب عنوان الشبكة الذي تصدر عنه وبحسب الحساب الذي تستهدفه.',
    },
    identity.passwords,
    limits.attempts,
  ),
  proven(
    'helpdesk-3.2a',
    {
      en: 'Every operator can protect the account with a second factor: time-based codes from an authenticator app.',
      ar: 'يستطيع كل مشغّل أن يحمي حسابه بعامل تحقق ثانٍ: رموز زمنية يولّدها تطبيق المصادقة.',
    },
    identity.apps,
    identity.halfway,
  ),
  proven(
    'helpdesk-3.2b',
    {
      en: 'A workspace can demand the second factor of all its members. Until they have set it up, they reach nothing but the page for doing so.',
      ar: 'يمكن لمساحة العمل أن تشترط عامل التحقق الثاني على جميع أعضائها، ولا يصل العضو قبل تفعيله إلا إلى صفحة التفعيل.',
    },
    identity.demanded,
    identity.halfway,
  ),
  proven(
    'helpdesk-3.3a',
    {
      en: `A session works with an access token that expires after ${policy.session.access_minutes} minutes and a refresh token that is exchanged for a new one at each use.`,
      ar: `تعتمد الجلسة على رمز وصول تنتهي صلاحيته بعد ${policy.session.access_minutes} دقائق ورمز تجديد يُستبدل بآخر جديد عند كل استخدام.`,
    },
    identity.tokens,
    identity.rotation,
  ),
  proven(
    'helpdesk-3.3b',
    {
      en: 'A refresh token that comes back after it was exchanged has fallen into other hands. But for the first moments, in which two tabs may ask at once, our server then ends that sign-in with all its tokens.',
      ar: 'رمز التجديد الذي يعود بعد استبداله يكون قد وقع في يد أخرى، فيُنهي خادمنا عندئذ عملية الدخول تلك بكل رموزها، باستثناء اللحظات الأولى التي قد تطلب فيها علامتا تبويب معًا.',
    },
    identity.rotation,
  ),
  proven(
    'helpdesk-3.4',
    {
      en: 'An API key opens one workspace and no other, and we keep only its prefix and a hash. The workspace itself rotates the key, with a period of grace for the old one, or revokes it, which takes effect within a second.',
      ar: 'يفتح مفتاح الواجهة البرمجية مساحة عمل واحدة دون سواها، ولا نحفظ منه إلا بادئته وبصمته. وتستطيع مساحة العمل بنفسها تدوير المفتاح مع مهلة سماح للقديم، أو إلغاءه فيسري الإلغاء خلال ثانية.',
    },
    identity.scoped,
    identity.hashed,
    identity.revoked,
  ),
  proven(
    'helpdesk-3.5',
    {
      en: 'When someone switches to another workspace, the earlier context stops working and the person’s rights are read anew. A member who is disabled is out within a second, with their sessions and the keys that they made.',
      ar: 'عند الانتقال إلى مساحة عمل أخرى يبطل السياق السابق، وتُقرأ صلاحيات الشخص من جديد. ومن عُطّلت عضويته يخرج خلال ثانية، ومعه جلساته والمفاتيح التي أنشأها.',
    },
    identity.switching,
    identity.leaving,
  ),
  proven(
    'helpdesk-3.6',
    {
      en: 'Our own administrators belong to a hierarchy separate from the roles of customers; they enter a workspace only while it lets them, and each visit stands with its reason in that workspace’s audit log.',
      ar: 'ينتمي مسؤولونا الداخليون إلى هيكل صلاحيات منفصل عن أدوار العملاء، ولا يدخلون مساحة عمل إلا ما دامت تأذن لهم، وتُقيَّد كل زيارة مع سببها في سجل تدقيق تلك المساحة.',
    },
    staff.separate,
  ),
)
