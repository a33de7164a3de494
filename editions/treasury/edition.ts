import { edition } from '#kernel/edition'
import { treasuryPage } from './page.ts'
import { policy } from './policy.ts'

/**
 * Cash sheets for finance teams, each customer in a silo of its own. The cash module is still to come: until then the
 * edition has the kernel's own operations, and its roles are granted what they may already do with those.
 */
export const treasury = edition({
  name: 'treasury',
  title: { en: 'Cash sheets for finance teams', ar: 'كشوف النقد لفرق المالية' },
  modules: [],
  roles: {
    owner: ['identity.*', 'audit.*'],
    controller: [
      'identity.workspace.get',
      'identity.member.list',
      'identity.role.list',
      'audit.entry.list',
      'audit.entry.get',
    ],
    cashier: ['identity.workspace.get'],
    auditor: [
      'identity.workspace.get',
      'identity.member.list',
      'identity.member.get',
      'identity.invitation.list',
      'identity.key.list',
      'identity.role.list',
      'identity.right.*',
      'audit.entry.*',
      'audit.log.export',
    ],
  },
  policy,
  page: treasuryPage,
  demo: { workspace: 'Harbour Lane Foods', fill: async () => {} },
})
