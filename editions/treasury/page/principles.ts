import { attested, section } from '#kernel/edition'

/** Intent cannot be measured, so both sentences say that they are intent and wait for a signature. */
export const principles = section(
  { en: 'What we set out to do', ar: 'ما نلتزم به' },
  attested(
    'treasury-1.1',
    {
      en: 'Security is a founding requirement of this product and is weighed in every decision about it. This is a statement of intent that we sign, not something a machine can measure.',
      ar: 'الأمان مطلب أساسي في هذا المنتج، ونراعيه في كل قرار يتعلق به. وهذا إعلان نيّة نوقّع عليه، لا أمر يمكن لآلة أن تقيسه.',
    },
    'security-is-fundamental',
  ),
  attested(
    'treasury-1.2',
    {
      en: 'We treat our customers’ data with the same care as our own. This too is a signed statement of intent.',
      ar: 'نتعامل مع بيانات عملائنا بالعناية نفسها التي نوليها لبياناتنا. وهذا أيضًا إعلان نيّة نوقّع عليه.',
    },
    'customer-data-as-our-own',
  ),
)
