import { access as rights, identity, proven, section } from '#kernel/edition'
import { roles } from '../roles.ts'

export const access = section(
  { en: 'Identity and access', ar: 'الهوية وصلاحيات الوصول' },
  proven(
    'suite-3.1',
    {
      en: 'Administrative roles require a second factor: time-based codes (TOTP) or a passkey. Until it is set up, its holder can do nothing but set it up.',
      ar: 'تتطلب الأدوار الإدارية عامل تحقق ثانيًا: رموزًا زمنية (TOTP) أو مفتاح مرور. ولا يستطيع صاحب الدور قبل إعداده أن يفعل شيئًا سوى إعداده.',
    },
    identity.demanded,
    identity.apps,
    identity.halfway,
  ),
  proven(
    'suite-3.2',
    {
      en: `There are ${Object.keys(roles).length} roles. Every permission guards one operation and no operation is without one; the list of permissions is counted from what the server can do and shows which roles hold each of them.`,
      ar: `هناك ${Object.keys(roles).length} دورًا. وكل صلاحية تحمي عملية واحدة، ولا توجد عملية بلا صلاحية؛ وتُحصى قائمة الصلاحيات مما يستطيع الخادم فعله، وتُظهر الأدوار التي تحمل كلًّا منها.`,
    },
    rights.counted,
    rights.matrix,
  ),
  proven(
    'suite-3.3',
    {
      en: 'The server authorises each action by itself, not each page: a role that may read a list is still refused any action on it that it was not granted.',
      ar: 'يتحقق الخادم من صلاحية كل إجراء على حدة لا من صلاحية الصفحة: فالدور المخوَّل بالاطلاع على قائمة يُرفض منه أي إجراء عليها لم يُمنح له.',
    },
    rights.matrix,
  ),
  proven(
    'suite-3.4a',
    {
      en: 'Sessions end after a time without activity and after a fixed lifetime, and their cookies travel only over encrypted connections.',
      ar: 'تنتهي الجلسة بعد مدة من عدم النشاط وبعد عمر محدد، ولا تُرسل ملفات تعريف الارتباط الخاصة بها إلا عبر اتصالات مشفّرة.',
    },
    identity.timeouts,
    identity.cookies,
  ),
  proven(
    'suite-3.4b',
    {
      en: 'Every request that changes something is protected against cross-site request forgery.',
      ar: 'كل طلب يُحدث تغييرًا محمي من تزوير الطلبات عبر المواقع (CSRF).',
    },
    identity.forgery,
  ),
  proven(
    'suite-3.5',
    {
      en: 'Requests to reset a password are limited and receive the same answer whether or not the address has an account, so they cannot be used to discover accounts.',
      ar: 'طلبات إعادة تعيين كلمة المرور محدودة العدد، وتتلقى الرد نفسه سواء أكان للعنوان حساب أم لم يكن، فلا يمكن استخدامها لاكتشاف الحسابات.',
    },
    identity.reset,
  ),
)
