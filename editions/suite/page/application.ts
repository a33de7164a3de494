import { identity, limits, partly, planned, proven, section, serve, transport } from '#kernel/edition'

export const application = section(
  { en: 'Application security', ar: 'أمان التطبيق' },
  planned(
    'suite-6.1',
    {
      en: 'Third-party components are kept current, and we follow the security advisories that concern them.',
      ar: 'نُبقي المكونات الخارجية محدَّثة، ونتابع التنبيهات الأمنية المتعلقة بها.',
    },
    'supply',
  ),
  planned(
    'suite-6.2',
    {
      en: 'What people type is encoded by default wherever it is displayed, so that it is never run as code.',
      ar: 'يُرمَّز ما يكتبه المستخدمون افتراضيًا حيثما عُرض، فلا يُنفَّذ أبدًا على أنه شيفرة.',
    },
    'modules',
  ),
  partly(
    'suite-6.3',
    {
      en: 'Database access uses prepared statements: Kysely builds them, a dialect of our own sends them, and values travel apart from the text of the statement.',
      ar: 'يعتمد الوصول إلى قاعدة البيانات على استعلامات مُعدّة مسبقًا: تبنيها مكتبة Kysely وترسلها طبقة خاصة بنا، وتنتقل القيم منفصلة عن نص الاستعلام.',
    },
    'parameterised-statements',
    serve.injection,
  ),
  proven(
    'suite-6.4',
    {
      en: 'Every kind of response carries a strict content security policy and protective headers.',
      ar: 'يحمل كل نوع من أنواع الاستجابات سياسة صارمة لأمان المحتوى (CSP) وترويسات واقية.',
    },
    transport.headers,
  ),
  proven(
    'suite-6.5',
    {
      en: 'Decoy addresses, which no public page names, give automated scanners away: they answer like any address that does not exist, and whoever asks for one is recorded.',
      ar: 'عناوين خادعة لا تذكرها أي صفحة عامة تكشف أدوات الفحص الآلي: فهي تردّ كما يردّ أي عنوان لا وجود له، ويُسجَّل كل من يطلب أحدها.',
    },
    limits.decoys,
  ),
  proven(
    'suite-6.6',
    {
      en: 'Attempts to sign in and to reset a password are limited in rate.',
      ar: 'يُحدّ من معدل محاولات تسجيل الدخول وإعادة تعيين كلمة المرور.',
    },
    limits.attempts,
    identity.reset,
  ),
)
