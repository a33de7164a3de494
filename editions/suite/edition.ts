import { edition } from '#kernel/edition'
import { shop } from '../../modules/shop/module.ts'
import { suitePage } from './page.ts'
import { policy } from './policy.ts'
import { roles } from './roles.ts'

/** The whole business in one place, Arabic first, with a database of its own for every customer. */
export const suite = edition({
  name: 'suite',
  title: { en: 'Business suite', ar: 'منظومة الأعمال' },
  modules: [shop],
  roles,
  policy,
  page: suitePage,
  demo: { workspace: 'شركة واحة النخيل للتجارة', fill: async () => {} },
})
