import { attested, partly, planned, section, staff } from '#kernel/edition'

export const monitoring = section(
  { en: 'Monitoring and incidents', ar: 'المراقبة والاستجابة للحوادث' },
  planned(
    'treasury-7.1',
    {
      en: 'The service is monitored day and night, and a component that stops raises an alert by itself.',
      ar: 'تُراقَب الخدمة على مدار الساعة طوال أيام الأسبوع، وتوقُّف أي مكوّن يُطلق تنبيهًا تلقائيًا.',
    },
    'status',
  ),
  planned(
    'treasury-7.2',
    {
      en: 'Incidents follow a written process: contain, find the root cause, notify those affected, review.',
      ar: 'تُعالَج الحوادث وفق إجراء مكتوب: الاحتواء، ثم تحديد السبب الجذري، ثم إخطار المتأثرين، ثم المراجعة.',
    },
    'incidents',
  ),
)

export const data = section(
  { en: 'Your data', ar: 'بياناتكم' },
  planned(
    'treasury-8.1',
    {
      en: 'We access customer data only to provide the service or where the law obliges us. Support access needs a reason and the workspace’s permission, and it expires.',
      ar: 'لا نصل إلى بيانات العملاء إلا لتقديم الخدمة أو متى ألزمنا القانون بذلك. ويتطلب وصول الدعم الفني سببًا وإذنًا من مساحة العمل، وينتهي بعد مدة.',
    },
    'privacy',
  ),
  partly(
    'treasury-8.2',
    {
      en: 'Only employees who need it may access customer data: they enter a workspace only while it lets them, and each visit, with its reason, appears in the workspace’s own audit log.',
      ar: 'لا يصل إلى بيانات العملاء من موظفينا إلا من يحتاج إلى ذلك: فلا يدخلون مساحة عمل إلا ما دامت تأذن لهم، وتظهر كل زيارة مع سببها في سجل التدقيق الخاص بها.',
    },
    'staff-roster',
    staff.separate,
  ),
  planned(
    'treasury-8.3',
    {
      en: 'A deletion request is completed within 90 days, copies and backups included, and confirmed by a dated receipt.',
      ar: 'يُنجَز طلب الحذف خلال 90 يومًا، ويشمل النسخ المشتقة والنسخ الاحتياطية، ويُؤكَّد بإيصال مؤرَّخ.',
    },
    'privacy',
  ),
  attested(
    'treasury-8.4',
    {
      en: 'We do not sell customer data, share it or use it for advertising.',
      ar: 'لا نبيع بيانات العملاء ولا نشاركها ولا نستخدمها في الإعلانات.',
    },
    'no-sale-of-data',
  ),
)
