import { planned, section } from '#kernel/edition'

export const incidents = section(
  { en: 'If something goes wrong', ar: 'عند وقوع حادثة' },
  planned(
    'jeweller-6.1',
    {
      en: 'A breach is contained as fast as possible: we can lock a workspace, revoke its keys and end its sessions at once.',
      ar: 'نحتوي أي اختراق بأسرع ما يمكن: إذ نستطيع قفل مساحة العمل وإبطال مفاتيحها وإنهاء جلساتها على الفور.',
    },
    'incidents',
  ),
  planned(
    'jeweller-6.2',
    {
      en: 'Owners of affected workspaces are notified within 72 hours.',
      ar: 'نُخطر مالكي مساحات العمل المتأثرة خلال 72 ساعة.',
    },
    'incidents',
  ),
  planned(
    'jeweller-6.3',
    {
      en: 'We notify the Data Protection Board of India where the Digital Personal Data Protection Act requires it.',
      ar: 'نُخطر مجلس حماية البيانات في الهند متى اقتضى ذلك قانون حماية البيانات الشخصية الرقمية.',
    },
    'incidents',
  ),
  planned(
    'jeweller-6.4',
    {
      en: 'After an incident we publish a summary of what happened.',
      ar: 'ننشر بعد انتهاء الحادثة ملخصًا لما حدث.',
    },
    'incidents',
  ),
)
