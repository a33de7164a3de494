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
import * as rate from './rate.ts'
import * as advances from './reports/advances.ts'
import * as ageing from './reports/ageing.ts'
import * as daybook from './reports/daybook.ts'
import * as metalbalance from './reports/metalbalance.ts'
import * as outstanding from './reports/outstanding.ts'
import * as overrides from './reports/overrides.ts'
import * as sales from './reports/sales.ts'
import * as staff from './reports/staff.ts'
import * as stock from './reports/stock.ts'
import * as taxes from './reports/taxes.ts'
import * as setting from './setting.ts'
import * as stocktake from './stocktake.ts'
import * as tax from './tax.ts'
import * as till from './till.ts'

/** All that a shop is made of; each name is a file and the middle of its operations' names. */
export const nouns = {
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
  daybook,
  stock,
  sales,
  staff,
  outstanding,
  ageing,
  advances,
  overrides,
  taxes,
  metalbalance,
}
