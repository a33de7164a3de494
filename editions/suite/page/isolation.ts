import { identity, planned, proven, section, tenancy } from '#kernel/edition'

export const about = section(
  { en: 'About this page', ar: 'عن هذه الصفحة' },
  planned(
    'suite-0.0',
    {
      en: 'This page goes through the areas of our security in Arabic and in English, with the same statements in both, and shows the date from which it applies.',
      ar: 'تستعرض هذه الصفحة مجالات الأمان لدينا بالعربية والإنجليزية بالبيانات نفسها في اللغتين، وتعرض تاريخ سريانها.',
    },
    'trust',
  ),
)

export const isolation = section(
  { en: 'Isolation between customers', ar: 'العزل بين العملاء' },
  proven(
    'suite-1.1',
    {
      en: 'Each customer’s workspace has a database of its own, and the login that opens it can connect to no other.',
      ar: 'لمساحة عمل كل عميل قاعدة بيانات خاصة بها، وحساب الدخول الذي يفتحها لا يستطيع الاتصال بغيرها.',
    },
    tenancy.database,
  ),
  proven(
    'suite-1.2',
    {
      en: 'Workspaces share no tables. A connection is bound to one workspace’s database, and a request made with that workspace’s key reaches nothing of another.',
      ar: 'لا تتشارك مساحات العمل أي جداول. فكل اتصال مرتبط بقاعدة بيانات مساحة عمل واحدة، والطلب المقدَّم بمفتاحها لا يصل إلى شيء من مساحة عمل أخرى.',
    },
    tenancy.database,
    tenancy.reach,
    identity.scoped,
  ),
  planned(
    'suite-1.3',
    {
      en: 'Running code, stored files, cache keys, background jobs and broadcast channels belong to one workspace each: the same name used in two workspaces never collides.',
      ar: 'الشيفرة أثناء تنفيذها والملفات المخزَّنة ومفاتيح التخزين المؤقت والمهام الخلفية وقنوات البث يتبع كل منها مساحة عمل واحدة، فلا يتعارض أبدًا اسم مستخدم في مساحتَي عمل.',
    },
    'tenancy',
  ),
)
