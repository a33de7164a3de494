import { notClaimed, planned, section } from '#kernel/edition'
import { policy } from '../policy.ts'

export const signingIn = section(
  { en: 'Signing in', ar: 'تسجيل الدخول' },
  planned(
    'jeweller-2.2.1',
    {
      en: `Passwords are stored only as ${policy.passwordHash} hashes with a strong work factor.`,
      ar: `لا تُخزَّن كلمات المرور إلا على هيئة بصمات ${policy.passwordHash} بمعامل كلفة قوي.`,
    },
    'identity',
  ),
  planned(
    'jeweller-2.2.2',
    {
      en: 'People sign in with a password or, where the workspace has enabled it, with a link sent by e-mail that works once and for a short time.',
      ar: 'يكون تسجيل الدخول بكلمة مرور أو، إذا فعّلت مساحة العمل ذلك، برابط يُرسل بالبريد الإلكتروني ويعمل مرة واحدة ولمدة قصيرة.',
    },
    'identity',
  ),
  planned(
    'jeweller-2.2.3',
    {
      en: 'Sessions are short, and their cookie belongs to one workspace: presented to another, it signs nobody in.',
      ar: 'الجلسات قصيرة، وملف تعريف الارتباط الخاص بها يتبع مساحة عمل واحدة، فإذا قُدِّم إلى غيرها لم يُدخل أحدًا.',
    },
    'identity',
  ),
  notClaimed('jeweller-2.2.4', {
    en: 'Multi-factor authentication is on the roadmap; this edition does not offer it today.',
    ar: 'المصادقة متعددة العوامل مدرجة في خطة التطوير، ولا تتوفر في هذه النسخة حاليًا.',
  }),
)
