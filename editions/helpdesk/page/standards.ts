import { notClaimed, planned, section } from '#kernel/edition'

export const standards = section(
  { en: 'Standards and certificates', ar: 'المعايير والشهادات' },
  notClaimed('helpdesk-10.1', {
    en: 'A SOC 2 Type II report is on our roadmap; we have not been attested.',
    ar: 'تقرير SOC 2 من النوع الثاني ضمن خططنا، ولم نحصل عليه بعد.',
  }),
  notClaimed('helpdesk-10.2', {
    en: 'We are not certified to ISO 27001.',
    ar: 'لسنا حاصلين على شهادة ISO 27001.',
  }),
  notClaimed('helpdesk-10.3', {
    en: 'The service is not made for protected health information, and we claim no compliance with HIPAA.',
    ar: 'الخدمة غير معدّة للمعلومات الصحية المحمية، ولا ندّعي الامتثال لقانون HIPAA.',
  }),
  planned(
    'helpdesk-10.4',
    {
      en: 'We store no payment card data, so PCI DSS does not apply to the service.',
      ar: 'لا نخزّن أي بيانات لبطاقات الدفع، ولذلك لا ينطبق معيار PCI DSS على الخدمة.',
    },
    'privacy',
  ),
  notClaimed('helpdesk-10.5', {
    en: 'Penetration testing is done by our own people only; a test by an outside firm is planned and has not taken place.',
    ar: 'يقتصر اختبار الاختراق على فريقنا الداخلي، أما الاختبار على يد جهة خارجية فمخطط له ولم يُجرَ بعد.',
  }),
  planned(
    'helpdesk-10.6',
    {
      en: 'When the standing of one of these items changes, this page is updated to say so.',
      ar: 'متى تغيّرت حالة أي من هذه البنود حُدّثت هذه الصفحة لتبيّن ذلك.',
    },
    'trust',
  ),
)
