import { edition } from '#kernel/edition'
import { shop } from '../../modules/shop/module.ts'
import { fill } from './demo.ts'
import { jewellerPage } from './page.ts'
import { policy } from './policy.ts'

/** A jeweller's shop: daily rates, customers and invoices; many shops share a database, each behind its own wall. */
export const jeweller = edition({
  name: 'jeweller',
  title: { en: 'Shop management for jewellers', ar: 'إدارة متاجر المجوهرات' },
  modules: [shop],
  roles: {
    owner: ['identity.*', 'audit.*', 'shop.*'],
    admin: [
      'identity.workspace.get',
      'identity.key.*',
      'identity.member.*',
      'identity.invitation.*',
      'identity.role.list',
      'identity.right.*',
      'audit.entry.*',
      'shop.*',
    ],
    manager: ['identity.workspace.get', 'shop.*'],
    cashier: [
      'identity.workspace.get',
      'shop.customer.create',
      'shop.customer.get',
      'shop.customer.list',
      'shop.customer.update',
      'shop.rate.list',
      'shop.rate.current',
      'shop.setting.current',
      'shop.tax.current',
      'shop.piece.get',
      'shop.piece.list',
      'shop.estimate.*',
      'shop.order.*',
      'shop.invoice.draft',
      'shop.invoice.follow',
      'shop.invoice.get',
      'shop.invoice.list',
      'shop.invoice.issue',
      'shop.invoice.discard',
      'shop.invoice.deliver',
      'shop.credit.get',
      'shop.credit.list',
      'shop.payment.take',
      'shop.payment.allocate',
      'shop.payment.get',
      'shop.payment.list',
      'shop.oldgold.take',
      'shop.oldgold.list',
      'shop.ledger.money',
      'shop.ledger.metal',
      'shop.ledger.balance',
    ],
  },
  policy,
  page: jewellerPage,
  demo: { workspace: 'Lotus Lane Jewellers', fill },
})
