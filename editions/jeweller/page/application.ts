import { identity, planned, proven, section, serve, transport } from '#kernel/edition'

export const application = section(
  { en: 'Application security', ar: 'أمان التطبيق' },
  proven(
    'jeweller-4.1',
    {
      en: 'The server validates every input against a declared Zod schema and refuses unknown fields and wrong types.',
      ar: 'يتحقق الخادم من كل مُدخل وفق مخطط Zod معلن، ويرفض الحقول غير المعروفة والأنواع الخاطئة.',
    },
    serve.input,
  ),
  proven(
    'jeweller-4.2',
    {
      en: 'Nothing is changed by posting a form from a web page: every change is an operation of our own API that accepts JSON and refuses other content types.',
      ar: 'لا يتغير شيء بإرسال نموذج من صفحة ويب: فكل تغيير عملية من عمليات واجهتنا البرمجية تقبل JSON وترفض أنواع المحتوى الأخرى.',
    },
    serve.forms,
  ),
  proven(
    'jeweller-4.3',
    {
      en: 'Requests that change something are protected against cross-site request forgery.',
      ar: 'الطلبات التي تُحدث تغييرًا محمية من تزوير الطلبات عبر المواقع (CSRF).',
    },
    identity.forgery,
  ),
  proven(
    'jeweller-4.4',
    {
      en: 'Every kind of response carries a strict content security policy and protective headers.',
      ar: 'يحمل كل نوع من أنواع الاستجابات سياسة صارمة لأمان المحتوى (CSP) وترويسات واقية.',
    },
    transport.headers,
  ),
  planned(
    'jeweller-4.5',
    {
      en: 'Dependencies are scanned for known vulnerabilities and patched promptly.',
      ar: 'تُفحص المكونات البرمجية المستخدمة بحثًا عن الثغرات المعروفة، وتُحدَّث دون تأخير.',
    },
    'supply',
  ),
  planned(
    'jeweller-4.6',
    {
      en: 'Every change to the code is reviewed before it is released.',
      ar: 'تُراجع كل تغييرات الشيفرة قبل إصدارها.',
    },
    'supply',
  ),
)
