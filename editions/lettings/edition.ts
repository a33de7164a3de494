import { edition } from '#kernel/edition'
import { lettingsPage } from './page.ts'
import { policy } from './policy.ts'

/**
 * Lease operations for a property company: the chief executive approves, the secretary keeps contracts and documents,
 * the accountant keeps the money. Plain HTTP is refused outright, never redirected.
 */
export const lettings = edition({
  name: 'lettings',
  title: { en: 'Lease operations for property companies', ar: 'إدارة عقود الإيجار للشركات العقارية' },
  modules: [],
  roles: {
    ceo: ['identity.*', 'audit.*'],
    secretary: ['identity.workspace.get'],
    accountant: ['identity.workspace.get'],
  },
  policy,
  page: lettingsPage,
  demo: { workspace: 'Dar Alsidra Properties', fill: async () => {} },
})
