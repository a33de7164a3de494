import { attested, planned, section } from '#kernel/edition'

export const infrastructure = section(
  { en: 'Infrastructure and backups', ar: 'البنية التحتية والنسخ الاحتياطي' },
  attested(
    'helpdesk-6.1',
    {
      en: 'A managed platform hosts the service, and what is under development never shares an environment with production.',
      ar: 'تستضيف الخدمةَ منصةٌ مُدارة، ولا يتشارك ما هو قيد التطوير بيئة واحدة مع الإنتاج.',
    },
    'managed-hosting',
  ),
  planned(
    'helpdesk-6.2',
    {
      en: 'Each service runs in isolation on a private network. Only the dashboard and the chat widget can be reached from the internet, through a proxy that speaks TLS.',
      ar: 'تعمل كل خدمة بمعزل عن غيرها داخل شبكة خاصة. ولا يمكن الوصول من الإنترنت إلا إلى لوحة التحكم وأداة المحادثة، عبر خادم وكيل يعمل ببروتوكول TLS.',
    },
    'hosting',
  ),
  planned(
    'helpdesk-6.3',
    {
      en: 'The database cannot be reached from the internet; administrators pass through a bastion host that demands an SSH key and an operator account.',
      ar: 'لا يمكن الوصول إلى قاعدة البيانات من الإنترنت، ويمر المسؤولون عبر خادم وسيط محصّن يشترط مفتاح SSH وحساب مشغّل.',
    },
    'hosting',
  ),
  planned(
    'helpdesk-6.4',
    {
      en: 'Encrypted backups are taken every day, and data can be restored to any moment within the retention period.',
      ar: 'تُؤخذ نسخ احتياطية مشفّرة كل يوم، ويمكن استعادة البيانات إلى أي لحظة ضمن مدة الاحتفاظ.',
    },
    'backups',
  ),
  planned(
    'helpdesk-6.5',
    {
      en: 'Bots propose updates to our dependencies and a person reviews each pull request; critical patches do not wait for the regular cycle.',
      ar: 'تقترح أدوات آلية تحديثات المكتبات التي نعتمد عليها ويراجع شخص كل طلب دمج، ولا تنتظر التحديثات الأمنية الحرجة دورة التحديث المعتادة.',
    },
    'supply',
  ),
)
