import { planned, section } from '#kernel/edition'

export const customer = section(
  { en: 'What we ask of you', ar: 'ما نطلبه منكم' },
  planned(
    'helpdesk-11.1',
    {
      en: 'Please use long passwords that serve nowhere else, and a second factor for administrators; the owner can see who still lacks one.',
      ar: 'نرجو استخدام كلمات مرور طويلة لا تُستعمل في مكان آخر، وعامل تحقق ثانٍ لحسابات المسؤولين، ويستطيع المالك أن يرى من لم يفعّله بعد.',
    },
    'posture',
  ),
  planned(
    'helpdesk-11.2',
    {
      en: 'Please give seats only to those who need them, and remove people when they leave; removal ends their sessions at once.',
      ar: 'نرجو قصر المقاعد على من يحتاج إليها، وإزالة من يغادر فريقكم، فالإزالة تنهي جلساته في الحال.',
    },
    'posture',
  ),
  planned(
    'helpdesk-11.3',
    {
      en: 'Please choose how long conversations are kept; the service deletes what is older.',
      ar: 'نرجو اختيار مدة الاحتفاظ بالمحادثات، وتتولى الخدمة حذف ما تجاوزها.',
    },
    'privacy',
  ),
  planned(
    'helpdesk-11.4',
    {
      en: 'Please look through the audit log regularly; the service reminds you and records each review.',
      ar: 'نرجو مراجعة سجل التدقيق بانتظام، وتذكّركم الخدمة بذلك وتوثّق كل مراجعة.',
    },
    'posture',
  ),
  planned(
    'helpdesk-11.5',
    {
      en: 'Please rotate API keys when someone who knew them leaves; on removal the service lists the keys in question.',
      ar: 'نرجو تدوير مفاتيح الواجهة البرمجية متى غادر شخص يعرفها، وتعرض الخدمة عند إزالته المفاتيح المعنية.',
    },
    'posture',
  ),
  planned(
    'helpdesk-11.6',
    {
      en: 'Please guard API keys and webhook secrets as you guard any secret of your production; the service shows each of them once and tells when it was last used.',
      ar: 'نرجو صون مفاتيح الواجهة البرمجية وأسرار خطافات الويب كما تصونون أسرار بيئة الإنتاج لديكم، فالخدمة تعرض كلًّا منها مرة واحدة وتبيّن متى استُخدم آخر مرة.',
    },
    'posture',
  ),
)
