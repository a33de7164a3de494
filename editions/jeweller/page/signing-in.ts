import { identity, notClaimed, proven, section } from '#kernel/edition'
import { policy } from '../policy.ts'

export const signingIn = section(
  { en: 'Signing in', ar: 'تسجيل الدخول' },
  proven(
    'jeweller-2.2.1',
    {
      en: `Passwords are stored only as ${policy.passwordHash} hashes with a strong work factor.`,
      ar: `لا تُخزَّن كلمات المرور إلا على هيئة بصمات ${policy.passwordHash} بمعامل كلفة قوي.`,
    },
    identity.passwords,
  ),
  proven(
    'jeweller-2.2.2',
    {
      en: 'People sign in with a password or with a link sent by e-mail, which works once, for a short time, and only in the browser that asked for it.',
      ar: 'يكون تسجيل الدخول بكلمة مرور أو برابط يُرسل بالبريد الإلكتروني، يعمل مرة واحدة ولمدة قصيرة، وفي المتصفح الذي طلبه دون سواه.',
    },
    identity.passwords,
    identity.links,
  ),
  proven(
    'jeweller-2.2.3',
    {
      en: `A session ends after ${policy.session.idle_hours} hours without activity and after ${policy.session.absolute_hours / 24} days in any case, and its cookie belongs to one workspace: presented to another, it signs nobody in.`,
      ar: `تنتهي الجلسة بعد ${policy.session.idle_hours} ساعة من عدم النشاط وبعد ${policy.session.absolute_hours / 24} أيام في كل الأحوال، وملف تعريف الارتباط الخاص بها يتبع مساحة عمل واحدة، فإذا قُدِّم إلى غيرها لم يُدخل أحدًا.`,
    },
    identity.timeouts,
    identity.cookies,
  ),
  notClaimed('jeweller-2.2.4', {
    en: 'Multi-factor authentication is on the roadmap; this edition does not offer it today.',
    ar: 'المصادقة متعددة العوامل مدرجة في خطة التطوير، ولا تتوفر في هذه النسخة حاليًا.',
  }),
)
