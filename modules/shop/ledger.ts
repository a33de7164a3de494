import { z } from 'zod'
import { Id, Line, Moment, oneOf, operations, Page, page, paging, refuse, SignedMoney, Text } from '#kernel'
import { enterMetal, enterMoney, lockCustomer } from './ledgers/entries.ts'
import type { MoneyKind } from './ledgers/entries.ts'
import { Currency, Metal, RateMinor } from './metal.ts'
import { halfUp } from './pricing/rounding.ts'
import type { Tables } from './tables.ts'

const { action, query } = operations<Tables>()

const Kind = oneOf('invoice', 'credit', 'payment', 'refund', 'void', 'metal', 'adjustment')
const MetalKind = oneOf('received', 'returned', 'priced')

/** A tonne: more than any customer leaves in a shop. */
const HEAVIEST_MG = 1_000_000_000
/** As much as the dearest invoice line could be. */
const MOST_MINOR = 1_000_000_000_000
const MG_PER_GRAM = 1_000

const MoneyEntry = z.strictObject({
  n: z.int(),
  createdAt: Moment,
  kind: Kind,
  amountMinor: SignedMoney,
  balanceMinor: SignedMoney,
  invoiceId: Id.nullable(),
  paymentId: Id.nullable(),
  note: Text.nullable(),
  byName: Line,
})
const MetalEntry = z.strictObject({
  n: z.int(),
  createdAt: Moment,
  kind: MetalKind,
  fineMg: z.int(),
  balanceMg: z.int(),
  oldGoldId: Id.nullable(),
  note: Text.nullable(),
  byName: Line,
})

export const money = query({
  summary: 'Show a customer’s ledger of money, last entry first',
  input: z.strictObject({ ...paging, customerId: Id, currency: Currency }),
  output: Page(MoneyEntry),
  example: (id) => ({ customerId: id('customer'), currency: 'INR', limit: 50 }),
  run: ({ input, db }) =>
    page(
      db
        .selectFrom('money_entry')
        .select(['n', 'created_at as createdAt', 'kind', 'amount_minor as amountMinor'])
        .select(['balance_minor as balanceMinor', 'invoice_id as invoiceId', 'payment_id as paymentId'])
        .select(['note', 'by_name as byName'])
        .$narrowType<{ kind: MoneyKind }>()
        .where('customer_id', '=', input.customerId)
        .where('currency', '=', input.currency),
      input,
      ['n'],
    ),
})

export const metal = query({
  summary: 'Show a customer’s ledger of fine metal, last entry first',
  input: z.strictObject({ ...paging, customerId: Id, metal: Metal }),
  output: Page(MetalEntry),
  example: (id) => ({ customerId: id('customer'), metal: Metal.enum.gold, limit: 50 }),
  run: ({ input, db }) =>
    page(
      db
        .selectFrom('metal_entry')
        .select(['n', 'created_at as createdAt', 'kind', 'fine_mg as fineMg', 'balance_mg as balanceMg'])
        .select(['old_gold_id as oldGoldId', 'note', 'by_name as byName'])
        .$narrowType<{ kind: z.output<typeof MetalKind> }>()
        .where('customer_id', '=', input.customerId)
        .where('metal', '=', input.metal),
      input,
      ['n'],
    ),
})

export const balance = query({
  summary: 'Show what a customer owes and is owed, in every currency and metal',
  input: z.strictObject({ customerId: Id }),
  output: z.strictObject({
    money: z.array(z.strictObject({ currency: Currency, balanceMinor: SignedMoney })),
    metal: z.array(z.strictObject({ metal: Metal, balanceMg: z.int() })),
  }),
  example: (id) => ({ customerId: id('customer') }),
  async run({ input: { customerId }, db }) {
    const ofMoney = db
      .selectFrom('money_entry')
      .distinctOn('currency')
      .select(['currency', 'balance_minor as balanceMinor'])
      .where('customer_id', '=', customerId)
      .orderBy('currency')
      .orderBy('n', 'desc')
    const ofMetal = db
      .selectFrom('metal_entry')
      .distinctOn('metal')
      .select(['metal', 'balance_mg as balanceMg'])
      .$narrowType<{ metal: Metal }>()
      .where('customer_id', '=', customerId)
      .orderBy('metal')
      .orderBy('n', 'desc')
    return { money: await ofMoney.execute(), metal: await ofMetal.execute() }
  },
})

const Balance = z.strictObject({ balanceMinor: SignedMoney })

export const adjust = action({
  summary: 'Enter an opening balance or a correction into a customer’s ledger of money, and say why',
  input: z.strictObject({
    customerId: Id,
    currency: Currency,
    amountMinor: SignedMoney.min(-MOST_MINOR).max(MOST_MINOR),
    reason: Text.min(3).max(500),
  }),
  output: Balance,
  rate: 'sensitive',
  example: (id) => ({
    customerId: id('customer'),
    currency: 'INR',
    amountMinor: 125_000,
    reason: 'from the old book',
  }),
  async run({ input: { customerId, currency, amountMinor, reason }, db, actor }) {
    await lockCustomer(db, customerId)
    const entry = { customerId, currency, amountMinor, note: reason, byName: actor.name }
    const { balance_minor } = await enterMoney(db, { ...entry, kind: 'adjustment' })
    return { balanceMinor: balance_minor }
  },
})

const fine = { customerId: Id, metal: Metal, fineMg: z.int().min(1).max(HEAVIEST_MG) }
const MetalBalance = z.strictObject({ balanceMg: z.int() })

const giveBack = action({
  summary: 'Give a customer’s fine metal back to them',
  input: z.strictObject({ ...fine, note: Text.optional() }),
  output: MetalBalance,
  rate: 'sensitive',
  refuses: ['metal_not_there'],
  example: (id) => ({ customerId: id('customer'), metal: Metal.enum.gold, fineMg: 100 }),
  async run({ input: { note = null, ...input }, db, actor }) {
    await lockCustomer(db, input.customerId)
    const { balance_mg } = await enterMetal(db, { ...input, note, kind: 'returned', byName: actor.name })
    if (balance_mg > 0) throw refuse('metal_not_there')
    return { balanceMg: balance_mg }
  },
})

export { giveBack as return }

export const price = action({
  summary: 'Turn a customer’s fine metal into money at a rate, from one of their ledgers into the other',
  input: z.strictObject({ ...fine, currency: Currency, rateMinor: RateMinor }),
  output: Balance.extend(MetalBalance.shape),
  rate: 'sensitive',
  refuses: ['metal_not_there', 'amount_too_large'],
  example: (id) => ({
    customerId: id('customer'),
    metal: Metal.enum.gold,
    fineMg: 250,
    currency: 'INR',
    rateMinor: 1_250_000,
  }),
  async run({ input: { customerId, metal, fineMg, currency, rateMinor }, db, actor }) {
    await lockCustomer(db, customerId)
    const byName = actor.name
    const { balance_mg } = await enterMetal(db, { customerId, metal, fineMg, kind: 'priced', byName })
    if (balance_mg > 0) throw refuse('metal_not_there')
    const amountMinor = -halfUp(fineMg, rateMinor, MG_PER_GRAM)
    const { balance_minor } = await enterMoney(db, { customerId, currency, amountMinor, kind: 'metal', byName })
    return { balanceMinor: balance_minor, balanceMg: balance_mg }
  },
})
