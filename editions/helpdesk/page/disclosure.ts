import { attested, planned, section } from '#kernel/edition'

export const disclosure = section(
  { en: 'Reporting a vulnerability', ar: 'الإبلاغ عن الثغرات' },
  planned(
    'helpdesk-12.1',
    {
      en: 'Please report vulnerabilities to our security mailbox, with the steps that show them. Mail can be encrypted, and we provide a PGP key on request.',
      ar: 'نرجو إرسال بلاغات الثغرات إلى بريدنا المخصص للأمان مع خطوات إثباتها. ويمكن تشفير المراسلة، ونوفّر مفتاح PGP عند الطلب.',
    },
    'disclosure',
  ),
  planned(
    'helpdesk-12.2',
    {
      en: 'We acknowledge a report within 72 hours.',
      ar: 'نؤكد استلام البلاغ خلال 72 ساعة.',
    },
    'disclosure',
  ),
  planned(
    'helpdesk-12.3',
    {
      en: 'Depending on how severe a flaw is, we patch it within 7, 30 or 90 days.',
      ar: 'نعالج الثغرة خلال 7 أيام أو 30 يومًا أو 90 يومًا بحسب خطورتها.',
    },
    'disclosure',
  ),
  attested(
    'helpdesk-12.4',
    {
      en: 'We ask for 90 days before a flaw is made public, and take no legal action against those who act in good faith.',
      ar: 'نطلب مهلة 90 يومًا قبل إعلان الثغرة، ولا نتخذ أي إجراء قانوني ضد من يتصرف بحسن نية.',
    },
    'good-faith-research',
  ),
  planned(
    'helpdesk-12.5',
    {
      en: 'We pay no bounties; those who report a flaw are credited in the changelog.',
      ar: 'لا ندفع مكافآت مالية، ونذكر فضل المبلّغين في سجل التغييرات.',
    },
    'disclosure',
  ),
  attested(
    'helpdesk-12.6',
    {
      en: 'Denial of service, social engineering, physical attacks and accounts already taken over are out of scope.',
      ar: 'يخرج عن النطاق حجب الخدمة، والهندسة الاجتماعية، والهجمات المادية، والحسابات التي سبق الاستيلاء عليها.',
    },
    'research-scope',
  ),
)
