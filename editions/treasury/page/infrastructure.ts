import { planned, section } from '#kernel/edition'

export const infrastructure = section(
  { en: 'Infrastructure', ar: 'البنية التحتية' },
  planned(
    'treasury-5.1',
    {
      en: 'Servers run a hardened Linux and install security updates automatically.',
      ar: 'تعمل الخوادم بنظام Linux محصّن، وتُثبَّت عليها التحديثات الأمنية تلقائيًا.',
    },
    'hosting',
  ),
  planned(
    'treasury-5.2',
    {
      en: 'A firewall leaves open only the ports that the service needs; all others are closed, to the internet and to neighbouring machines.',
      ar: 'لا يترك جدار الحماية مفتوحًا سوى المنافذ التي تحتاج إليها الخدمة، وما عداها مغلق أمام الإنترنت وأمام الأجهزة المجاورة.',
    },
    'hosting',
  ),
  planned(
    'treasury-5.3',
    {
      en: 'The application runs in containers from immutable images: the image that runs is the image that was signed, and nothing can be written to its file system.',
      ar: 'يعمل التطبيق في حاويات مبنية من صور غير قابلة للتغيير: فالصورة العاملة هي الصورة الموقَّعة نفسها، ولا يمكن الكتابة على نظام ملفاتها.',
    },
    'hosting',
  ),
  planned(
    'treasury-5.4',
    {
      en: 'Each customer’s database is backed up daily and can be restored to any moment within the retention period.',
      ar: 'تُنسخ قاعدة بيانات كل عميل احتياطيًا كل يوم، ويمكن استعادتها إلى أي لحظة ضمن مدة الاحتفاظ.',
    },
    'backups',
  ),
  planned(
    'treasury-5.5',
    {
      en: 'Production, staging and development are separate environments with separate databases and keys, and credentials of one are refused by the others.',
      ar: 'بيئات الإنتاج والاختبار التمهيدي والتطوير منفصلة، ولكل منها قواعد بياناتها ومفاتيحها، وبيانات الدخول الخاصة بإحداها مرفوضة في غيرها.',
    },
    'hosting',
  ),
)
