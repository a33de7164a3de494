import { planned, section } from '#kernel/edition'

export const isolation = section(
  { en: 'Isolation between customers', ar: 'العزل بين العملاء' },
  planned(
    'treasury-2.1',
    {
      en: 'Each customer has a Postgres server, application processes and a subdomain of its own; stopping one customer’s leaves the others untouched.',
      ar: 'لكل عميل خادم Postgres وعمليات تطبيق ونطاق فرعي خاصة به، وإيقاف ما يخص عميلًا لا يؤثر في سائر العملاء.',
    },
    'tenancy',
  ),
  planned(
    'treasury-2.2',
    {
      en: 'No database holds data of more than one workspace. All that customers share is a directory, and it knows only where to route a request.',
      ar: 'لا توجد قاعدة بيانات تضم بيانات أكثر من مساحة عمل واحدة. ولا يشترك العملاء إلا في دليل لا يعرف سوى الوجهة التي يُحوَّل إليها الطلب.',
    },
    'tenancy',
  ),
  planned(
    'treasury-2.3',
    {
      en: 'Customers are separated by infrastructure, not by the correctness of our code: even a faulty build of the application cannot open a connection to another customer’s database.',
      ar: 'الفصل بين العملاء تتولاه البنية التحتية ولا يعتمد على سلامة شيفرة التطبيق: فحتى الإصدار المعيب منه لا يستطيع فتح اتصال بقاعدة بيانات عميل آخر.',
    },
    'tenancy',
  ),
)
