import { attested, identity, partly, planned, proven, section, serve, transport } from '#kernel/edition'

export const application = section(
  { en: 'Application security', ar: 'أمان التطبيق' },
  partly(
    'treasury-6.1',
    {
      en: 'Values reach the database as parameters and never as part of a statement’s text. Queries are built with Kysely and sent through a dialect of our own.',
      ar: 'تصل القيم إلى قاعدة البيانات بوصفها معاملات، ولا تدخل أبدًا في نص الاستعلام. وتُبنى الاستعلامات بمكتبة Kysely وتُرسل عبر طبقة خاصة بنا.',
    },
    'parameterised-statements',
    serve.injection,
  ),
  proven(
    'treasury-6.2',
    {
      en: 'Every request that changes something is protected against cross-site request forgery: a page of another site cannot act here through a visitor’s browser.',
      ar: 'كل طلب يُحدث تغييرًا محمي من تزوير الطلبات عبر المواقع: فلا تستطيع صفحة في موقع آخر أن تنفّذ شيئًا هنا من خلال متصفح الزائر.',
    },
    identity.forgery,
  ),
  proven(
    'treasury-6.3',
    {
      en: 'A strict content security policy is in force on every kind of response.',
      ar: 'تُطبَّق سياسة صارمة لأمان المحتوى (CSP) على كل نوع من أنواع الاستجابات.',
    },
    transport.headers,
  ),
  planned(
    'treasury-6.4',
    {
      en: 'Every input is checked against a declared schema, and everything that is shown or exported is encoded for where it goes: a page, a spreadsheet, a document or an e-mail.',
      ar: 'يُتحقق من كل مُدخل وفق مخطط معلن، ويُرمَّز كل ما يُعرض أو يُصدَّر بما يناسب وجهته: صفحةً كانت أو جدول بيانات أو مستندًا أو رسالة بريد إلكتروني.',
    },
    'modules',
  ),
  planned(
    'treasury-6.5',
    {
      en: 'The dependencies of the running build are listed and scanned for known vulnerabilities.',
      ar: 'تُحصر المكونات البرمجية التي يعتمد عليها الإصدار العامل وتُفحص بحثًا عن الثغرات المعروفة.',
    },
    'supply',
  ),
  attested(
    'treasury-6.6',
    {
      en: 'Code changes are reviewed for their effect on security before they are released.',
      ar: 'تُراجع تغييرات الشيفرة من حيث أثرها في الأمان قبل إصدارها.',
    },
    'security-code-review',
  ),
)
