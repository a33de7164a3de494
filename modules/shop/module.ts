import { module } from '#kernel'
import * as controls from './controls.ts'
import * as cost from './cost.ts'
import * as credit from './credit.ts'
import * as customer from './customer.ts'
import * as discount from './discount.ts'
import * as estimate from './estimate.ts'
import * as invoice from './invoice.ts'
import * as ledger from './ledger.ts'
import * as oldgold from './oldgold.ts'
import * as order from './order.ts'
import * as payment from './payment.ts'
import * as piece from './piece.ts'
import { plant } from './plant.ts'
import * as rate from './rate.ts'
import * as setting from './setting.ts'
import * as stocktake from './stocktake.ts'
import { tables } from './tables.ts'
import * as tax from './tax.ts'
import * as till from './till.ts'

/**
 * A jeweller's shop: who buys, what a gram costs today, and the invoices that come of it. It promises that an invoice
 * is the sum of its lines to the last minor unit, that numbers have no gap, and that an issued invoice never changes:
 * it can only become void, and keeps its number when it does.
 */
export const shop = module('shop', import.meta.url, {
  nouns: {
    customer,
    setting,
    tax,
    rate,
    piece,
    cost,
    estimate,
    order,
    invoice,
    credit,
    discount,
    payment,
    oldgold,
    ledger,
    till,
    stocktake,
  },
  tables,
  controls,
  plant,
})
