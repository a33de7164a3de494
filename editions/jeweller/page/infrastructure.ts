import { planned, section } from '#kernel/edition'

export const infrastructure = section(
  { en: 'Infrastructure', ar: 'البنية التحتية' },
  planned(
    'jeweller-3.1',
    {
      en: 'The product runs on managed hosting, with its primary systems in India.',
      ar: 'يعمل المنتج على استضافة مُدارة، وأنظمته الرئيسية موجودة في الهند.',
    },
    'hosting',
  ),
  planned(
    'jeweller-3.2',
    {
      en: 'The database is a managed Postgres that is replicated continuously.',
      ar: 'قاعدة البيانات خدمة Postgres مُدارة تُنسخ نسخًا متماثلًا مستمرًا.',
    },
    'backups',
  ),
  planned(
    'jeweller-3.3',
    {
      en: 'An edge provider stands in front of the product: it absorbs denial-of-service attacks, filters traffic and serves our DNS. Requests that go around it are refused.',
      ar: 'يقف أمام المنتج مزوّد خدمات حافة الشبكة: يمتص هجمات حجب الخدمة ويرشّح حركة البيانات ويدير نظام أسماء النطاقات. وتُرفض الطلبات التي تتجاوزه.',
    },
    'transport',
  ),
  planned(
    'jeweller-3.4',
    {
      en: 'Laptops hold no production data, and credentials for production are short-lived.',
      ar: 'لا تُحفظ بيانات الإنتاج على الحواسيب المحمولة، وبيانات الدخول إلى بيئة الإنتاج قصيرة العمر.',
    },
    'hosting',
  ),
)

export const vendors = section(
  { en: 'Sub-processors', ar: 'المعالجون الفرعيون' },
  planned(
    'jeweller-5.1',
    {
      en: 'The data processing agreement lists every sub-processor that handles your data.',
      ar: 'تسرد اتفاقية معالجة البيانات كل معالج فرعي يتعامل مع بياناتكم.',
    },
    'vendors',
  ),
  planned(
    'jeweller-5.2',
    {
      en: 'You are given 30 days’ notice before a new sub-processor starts.',
      ar: 'نُخطركم قبل 30 يومًا من بدء عمل أي معالج فرعي جديد.',
    },
    'vendors',
  ),
)
