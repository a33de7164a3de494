import { planned, section } from '#kernel/edition'

/** What we ask of the workspace's own people, each time with what the product does to make it easy. */
export const yourPart = section(
  { en: 'Your part', ar: 'دوركم' },
  planned(
    'jeweller-8.1',
    {
      en: 'Please choose strong passwords. The product refuses those that are weak or known to have leaked.',
      ar: 'نرجو اختيار كلمات مرور قوية. ويرفض المنتج الكلمات الضعيفة أو المعروف أنها تسرّبت.',
    },
    'posture',
  ),
  planned(
    'jeweller-8.3',
    {
      en: 'Please remove people who leave. The product points out accounts that nobody uses, and one step ends a leaver’s access.',
      ar: 'نرجو إزالة من يترك العمل لديكم. ويُظهر المنتج الحسابات غير المستخدمة، وتكفي خطوة واحدة لإنهاء وصول من غادر.',
    },
    'posture',
  ),
  planned(
    'jeweller-8.4',
    {
      en: 'Please review your audit log. The product reminds you to and records that it was done.',
      ar: 'نرجو مراجعة سجل التدقيق لديكم. ويذكّركم المنتج بذلك ويسجّل إتمام المراجعة.',
    },
    'posture',
  ),
  planned(
    'jeweller-8.5',
    {
      en: 'Please keep your billing e-mail address current. When mail to it comes back, the product tells the owner.',
      ar: 'نرجو تحديث عنوان البريد الإلكتروني الخاص بالفوترة. وإذا ارتدّت رسالة أُرسلت إليه، نبّه المنتج المالك.',
    },
    'posture',
  ),
  planned(
    'jeweller-8.2',
    {
      en: 'Please give each member of staff a login of their own. The product shows where one appears to be shared.',
      ar: 'نرجو تخصيص حساب دخول لكل موظف. ويُظهر المنتج الحسابات التي يبدو أن أكثر من شخص يستخدمها.',
    },
    'posture',
  ),
)

export const contact = section(
  { en: 'Contact', ar: 'التواصل' },
  planned(
    'jeweller-9.1',
    {
      en: 'Questions about security go to one contact address, the same wherever we publish it.',
      ar: 'تُوجَّه الأسئلة المتعلقة بالأمان إلى عنوان تواصل واحد لا يختلف حيثما نشرناه.',
    },
    'disclosure',
  ),
)
