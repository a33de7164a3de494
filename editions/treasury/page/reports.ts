import { planned, section } from '#kernel/edition'

export const reports = section(
  { en: 'Reporting a vulnerability', ar: 'الإبلاغ عن ثغرة أمنية' },
  planned(
    'treasury-9.1',
    {
      en: 'Vulnerabilities can be reported to a published address.',
      ar: 'يمكن الإبلاغ عن الثغرات الأمنية إلى عنوان منشور.',
    },
    'disclosure',
  ),
  planned(
    'treasury-9.2',
    {
      en: 'Every valid report is acknowledged to the person who sent it.',
      ar: 'نؤكد لمن أرسل بلاغًا صحيحًا أننا استلمناه.',
    },
    'disclosure',
  ),
  planned(
    'treasury-9.3',
    {
      en: 'We ask those who report a vulnerability to give us time to fix it before they make it public.',
      ar: 'نرجو ممن يبلّغ عن ثغرة أن يمهلنا حتى نصلحها قبل أن ينشرها.',
    },
    'disclosure',
  ),
)

export const contact = section(
  { en: 'Contact', ar: 'التواصل' },
  planned(
    'treasury-10.1',
    {
      en: 'Questions about security go to one contact address, the same wherever we publish it.',
      ar: 'تُوجَّه الأسئلة المتعلقة بالأمان إلى عنوان تواصل واحد لا يختلف حيثما نشرناه.',
    },
    'disclosure',
  ),
)
