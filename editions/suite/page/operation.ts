import { attested, planned, section } from '#kernel/edition'

export const infrastructure = section(
  { en: 'Infrastructure', ar: 'البنية التحتية' },
  planned(
    'suite-7.1',
    {
      en: 'Servers run a hardened Linux behind a firewall and are administered over SSH with keys only, never with passwords.',
      ar: 'تعمل الخوادم بنظام Linux محصّن خلف جدار حماية، وتُدار عبر SSH بالمفاتيح فقط لا بكلمات المرور.',
    },
    'hosting',
  ),
  planned(
    'suite-7.2',
    {
      en: 'Development, staging and production are separate environments.',
      ar: 'بيئات التطوير والاختبار التمهيدي والإنتاج منفصلة بعضها عن بعض.',
    },
    'hosting',
  ),
  planned(
    'suite-7.3',
    {
      en: 'Secrets of the configuration come from the environment in which the product runs and never from its source code.',
      ar: 'تأتي أسرار الإعدادات من البيئة التي يعمل فيها المنتج، ولا تُكتب أبدًا في شيفرته المصدرية.',
    },
    'hosting',
  ),
)

export const incidents = section(
  { en: 'Incidents', ar: 'الحوادث الأمنية' },
  attested(
    'suite-8.1',
    {
      en: 'We have a written internal process for security incidents and rehearse it.',
      ar: 'لدينا إجراء داخلي مكتوب للتعامل مع الحوادث الأمنية، ونتدرب عليه.',
    },
    'incident-process',
  ),
  planned(
    'suite-8.2',
    {
      en: 'We notify affected customers within 72 hours of discovering an incident, with what is known and what we are doing.',
      ar: 'نُخطر العملاء المتأثرين خلال 72 ساعة من اكتشاف الحادثة، ونبيّن لهم الوقائع المعروفة والإجراءات المتخذة.',
    },
    'incidents',
  ),
)

export const reports = section(
  { en: 'Reporting a vulnerability', ar: 'الإبلاغ عن ثغرة أمنية' },
  planned(
    'suite-9.1',
    {
      en: 'Vulnerabilities can be reported to a published address, under the subject line named beside it.',
      ar: 'يمكن الإبلاغ عن الثغرات الأمنية إلى عنوان منشور، وبسطر الموضوع المذكور معه.',
    },
    'disclosure',
  ),
  planned(
    'suite-9.2',
    {
      en: 'We ask reporters to allow a fair time for a fix before they publish.',
      ar: 'نرجو من المبلّغين أن يمنحونا مهلة معقولة لإصلاح الثغرة قبل نشرها.',
    },
    'disclosure',
  ),
  planned(
    'suite-9.3',
    {
      en: 'We take no legal action against anyone who researches and reports in good faith.',
      ar: 'لا نتخذ أي إجراء قانوني ضد من يبحث عن الثغرات ويبلّغ عنها بحسن نية.',
    },
    'disclosure',
  ),
)
