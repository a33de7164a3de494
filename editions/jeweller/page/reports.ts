import { attested, planned, section } from '#kernel/edition'

export const reports = section(
  { en: 'Reporting a vulnerability', ar: 'الإبلاغ عن ثغرة أمنية' },
  attested(
    'jeweller-7.1',
    {
      en: 'We ask researchers to leave other people’s data alone: not to read, change or delete it.',
      ar: 'نرجو من الباحثين ألا يمسّوا بيانات الآخرين: لا اطلاعًا ولا تعديلًا ولا حذفًا.',
    },
    'research-leaves-data-alone',
  ),
  attested(
    'jeweller-7.2',
    {
      en: 'We ask that automated scans be agreed with us before they are run.',
      ar: 'نرجو الاتفاق معنا قبل إجراء أي فحص آلي.',
    },
    'scans-by-agreement',
  ),
  attested(
    'jeweller-7.3',
    {
      en: 'We ask that a finding be published only once it is fixed, for which we expect to need about 90 days.',
      ar: 'نرجو ألا تُنشر الثغرة إلا بعد إصلاحها، ونقدّر المدة اللازمة لذلك بنحو 90 يومًا.',
    },
    'coordinated-disclosure',
  ),
  planned(
    'jeweller-7.4',
    {
      en: 'We acknowledge a report within one business day.',
      ar: 'نؤكد استلام البلاغ خلال يوم عمل واحد.',
    },
    'disclosure',
  ),
  planned(
    'jeweller-7.5',
    {
      en: 'We keep the reporter informed of progress.',
      ar: 'نُطلع المبلّغ على ما يستجد في بلاغه.',
    },
    'disclosure',
  ),
  planned(
    'jeweller-7.6',
    {
      en: 'Reporters who wish it are credited by name.',
      ar: 'نذكر اسم المبلّغ ونشكره إذا رغب في ذلك.',
    },
    'disclosure',
  ),
  attested(
    'jeweller-7.7',
    {
      en: 'We take no legal action against anyone who acts in good faith.',
      ar: 'لا نتخذ أي إجراء قانوني ضد من يتصرف بحسن نية.',
    },
    'good-faith-research',
  ),
)
