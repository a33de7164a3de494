import { access, planned, proven, section, serve, tenancy } from '#kernel/edition'
import { money } from '../../../modules/shop/controls.ts'

export const about = section(
  { en: 'About this page', ar: 'عن هذه الصفحة' },
  planned(
    'jeweller-0.0',
    {
      en: 'This page shows since when it applies and when it last changed, and it also explains how to report a vulnerability.',
      ar: 'تعرض هذه الصفحة تاريخ سريانها وتاريخ آخر تحديث لها، وتشرح كذلك كيفية الإبلاغ عن ثغرة أمنية.',
    },
    'trust',
  ),
)

export const construction = section(
  { en: 'How the product is built', ar: 'كيف بُني المنتج' },
  proven(
    'jeweller-1.1',
    {
      en: 'Every row carries the identifier of its workspace, and the database itself applies it to every read and every write. No path leads from one workspace into another.',
      ar: 'يحمل كل صف معرّف مساحة العمل التي ينتمي إليها، وتطبّقه قاعدة البيانات نفسها على كل قراءة وكل كتابة. ولا يوجد أي مسار من مساحة عمل إلى أخرى.',
    },
    tenancy.rows,
    tenancy.sql,
    tenancy.reach,
    tenancy.twins,
    tenancy.keys,
    tenancy.login,
  ),
  proven(
    'jeweller-1.2',
    {
      en: 'The server enforces what owners, admins, managers and cashiers may do. What a screen shows or hides is only a convenience.',
      ar: 'يفرض الخادم ما يُسمح به للمالك والمسؤول والمدير وأمين الصندوق. أما ما تعرضه الشاشة أو تخفيه فهو للتيسير فحسب.',
    },
    access.matrix,
  ),
  proven(
    'jeweller-1.3',
    {
      en: 'Our code reaches the data through Kysely over a dialect of our own, with types read from the database schema. A mismatch between the code and the schema is caught.',
      ar: 'تصل شيفرتنا إلى البيانات بمكتبة Kysely عبر طبقة خاصة بنا، وبأنواع بيانات مستمدة من مخطط قاعدة البيانات. وأي تعارض بين الشيفرة والمخطط يُكتشف.',
    },
    serve.schema,
  ),
  proven(
    'jeweller-1.4',
    {
      en: 'Amounts of money are whole numbers of the currency’s smallest unit, and the lines of an issued invoice add up to its total exactly.',
      ar: 'تُحفظ المبالغ المالية أعدادًا صحيحة بأصغر وحدة للعملة، ومجموع بنود الفاتورة الصادرة يساوي إجماليها بالضبط.',
    },
    money,
  ),
)
