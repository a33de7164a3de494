import { planned, section } from '#kernel/edition'

export const people = section(
  { en: 'People, process and suppliers', ar: 'العاملون والإجراءات والموردون' },
  planned(
    'helpdesk-8.1',
    {
      en: 'Only a small number of our engineers can enter production, and everything they do there is logged.',
      ar: 'لا يستطيع دخول بيئة الإنتاج إلا عدد قليل من مهندسينا، ويُسجَّل كل ما يفعلونه فيها.',
    },
    'hosting',
  ),
  planned(
    'helpdesk-8.2',
    {
      en: 'Secrets are handed to the application in environment variables and never stand in the source code.',
      ar: 'تُمرَّر الأسرار إلى التطبيق عبر متغيرات البيئة، ولا توضع أبدًا في الشيفرة المصدرية.',
    },
    'hosting',
  ),
  planned(
    'helpdesk-8.3',
    {
      en: 'Each change to the code is reviewed as a pull request and passes type checking, linting and tests in continuous integration.',
      ar: 'يُراجَع كل تغيير في الشيفرة على هيئة طلب دمج، ويجتاز فحص الأنواع وتدقيق الأسلوب والاختبارات ضمن التكامل المستمر.',
    },
    'supply',
  ),
  planned(
    'helpdesk-8.4',
    {
      en: 'Sub-processors are reviewed before we use them, published in a list, and reviewed again every year.',
      ar: 'نراجع المعالجين الفرعيين قبل التعامل معهم، وننشر قائمة بهم، ونعيد مراجعتهم كل سنة.',
    },
    'vendors',
  ),
)
