import { identity, limits, partly, planned, proven, section, serve, transport } from '#kernel/edition'

export const application = section(
  { en: 'Application security', ar: 'أمان التطبيق' },
  proven(
    'helpdesk-7.1',
    {
      en: 'At the edge of the API every request is held against a declared schema; what does not fit is refused, and unchecked JSON never gets further in.',
      ar: 'عند حدود الواجهة البرمجية يُطابَق كل طلب مع مخطط معلن، فيُرفض ما يخالفه، ولا يتجاوز تلك الحدود أي JSON لم يُفحص.',
    },
    serve.input,
  ),
  partly(
    'helpdesk-7.2',
    {
      en: 'The application reaches the database through our own query layer, built on Kysely, which sends values as parameters and never writes them into the statement.',
      ar: 'يصل التطبيق إلى قاعدة البيانات عبر طبقة استعلام خاصة بنا مبنية على Kysely، ترسل القيم معاملاتٍ مستقلة ولا تكتبها أبدًا داخل نص الاستعلام.',
    },
    'parameterised-statements',
    serve.injection,
  ),
  planned(
    'helpdesk-7.3',
    {
      en: 'The interface, built with React, escapes what users have written; their content is never inserted as raw HTML.',
      ar: 'الواجهة مبنية بمكتبة React وتُحيّد ما يكتبه المستخدمون قبل عرضه، ولا يُدرج محتواهم أبدًا على هيئة HTML خام.',
    },
    'modules',
  ),
  proven(
    'helpdesk-7.4',
    {
      en: 'Requests that pages of other sites forge (CSRF) are refused: with the cookie of a session every change must carry a header that only our pages send, and come from our own origin. The cookies are marked SameSite=Lax and Secure.',
      ar: 'تُرفض الطلبات التي تزوّرها صفحات مواقع أخرى (CSRF): فمع ملف تعريف الارتباط الخاص بالجلسة يجب أن يحمل كل تغيير ترويسة لا ترسلها إلا صفحاتنا، وأن يصدر عن موقعنا نفسه. وتحمل هذه الملفات السمتين SameSite=Lax وSecure.',
    },
    identity.forgery,
    identity.cookies,
  ),
  proven(
    'helpdesk-7.5a',
    {
      en: 'Every page is served under a strict content security policy, which tells browsers to run no injected script.',
      ar: 'تُقدَّم كل صفحة في ظل سياسة صارمة لأمان المحتوى (CSP) توجّه المتصفحات إلى عدم تشغيل أي نص برمجي دخيل.',
    },
    transport.headers,
  ),
  planned(
    'helpdesk-7.5b',
    {
      en: 'The chat widget lives on an isolated origin of its own, out of reach of the page that embeds it.',
      ar: 'تعمل أداة المحادثة على أصل (origin) معزول خاص بها، بعيدًا عن متناول الصفحة التي تتضمنها.',
    },
    'transport',
  ),
  planned(
    'helpdesk-7.6',
    {
      en: 'Outgoing webhooks are signed with HMAC-SHA256, so that receivers can tell ours from forgeries.',
      ar: 'توقَّع خطافات الويب الصادرة (webhooks) بخوارزمية HMAC-SHA256، فيميّز المستقبِل ما صدر عنا مما هو مزوّر.',
    },
    'webhooks',
  ),
  planned(
    'helpdesk-7.7',
    {
      en: 'Messages that other providers send us take effect only after their signature has been verified.',
      ar: 'لا يسري أثر الرسائل التي يرسلها إلينا مزوّدون آخرون إلا بعد التحقق من توقيعها.',
    },
    'webhooks',
  ),
  proven(
    'helpdesk-7.8',
    {
      en: 'Sign-in and password reset are rate limited, for each network address and for each account.',
      ar: 'يخضع تسجيل الدخول وإعادة تعيين كلمة المرور لحدود في المعدّل، لكل عنوان شبكة ولكل حساب.',
    },
    limits.attempts,
    identity.reset,
  ),
)
