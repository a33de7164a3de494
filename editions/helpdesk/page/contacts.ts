import { planned, section } from '#kernel/edition'

export const contacts = section(
  { en: 'Contacts', ar: 'جهات الاتصال' },
  planned(
    'helpdesk-14.1',
    {
      en: 'Questions and reports about security have an address of their own.',
      ar: 'للأسئلة والبلاغات المتعلقة بالأمان عنوان مخصص لها.',
    },
    'disclosure',
  ),
  planned(
    'helpdesk-14.2',
    {
      en: 'Our legal contact provides the data processing agreement (DPA) and answers to the SIG, CAIQ and VSA questionnaires.',
      ar: 'توفّر جهة الاتصال القانونية لدينا اتفاقية معالجة البيانات (DPA) والأجوبة عن استبيانات SIG وCAIQ وVSA.',
    },
    'disclosure',
  ),
  planned(
    'helpdesk-14.3',
    {
      en: 'Questions about privacy and requests from data subjects go to our privacy contact, who follows each one up.',
      ar: 'تُوجَّه أسئلة الخصوصية وطلبات أصحاب البيانات إلى جهة الاتصال المعنية بالخصوصية، وهي تتابع كل طلب منها.',
    },
    'disclosure',
  ),
)
