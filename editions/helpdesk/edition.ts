import { edition } from '#kernel/edition'
import { helpdeskPage } from './page.ts'
import { policy } from './policy.ts'

/**
 * Customer messaging: the people of a workspace answer their own customers, who write from a chat widget or by mail.
 * Many workspaces share a database, and each may decide for itself whether to demand a second factor.
 */
export const helpdesk = edition({
  name: 'helpdesk',
  title: { en: 'Customer messaging for support teams', ar: 'مراسلة العملاء لفرق الدعم' },
  modules: [],
  roles: {
    owner: ['identity.*', 'audit.*'],
    admin: [
      'identity.workspace.get',
      'identity.key.*',
      'identity.member.*',
      'identity.invitation.*',
      'identity.role.list',
      'identity.right.*',
      'audit.entry.*',
      'audit.log.export',
    ],
    agent: ['identity.workspace.get'],
    viewer: ['identity.workspace.get'],
  },
  policy,
  page: helpdeskPage,
  demo: { workspace: 'Larkfield Outdoor Supply', fill: async () => {} },
})
