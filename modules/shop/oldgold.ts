import { z } from 'zod'
import { Id, Line, Moment, Money, one, oneOf, operations, Page, page, paging, Text } from '#kernel'
import { enterMetal, lockCustomer } from './ledgers/entries.ts'
import { Currency, Metal, Purity, RateMinor, WeightMg } from './metal.ts'
import { halfUp } from './pricing/rounding.ts'
import type { Tables } from './tables.ts'

const { action, query, rows } = operations<Tables>()

const Purpose = oneOf('exchange', 'purchase', 'deposit')
const tested = { customerId: Id, metal: Metal, grossMg: WeightMg.min(1), deductionMg: WeightMg, purity: Purity }

const OldGold = z.strictObject({
  id: Id,
  createdAt: Moment,
  purpose: Purpose,
  ...tested,
  netMg: z.int(),
  fineMg: z.int(),
  currency: Currency.nullable(),
  rateMinor: Money.nullable(),
  valueMinor: Money.nullable(),
  paymentId: Id.nullable(),
  note: Text.nullable(),
  byName: Line,
})
const columns = [
  'id',
  'created_at as createdAt',
  'purpose',
  'customer_id as customerId',
  'metal',
  'gross_mg as grossMg',
  'deduction_mg as deductionMg',
  'purity',
  'net_mg as netMg',
  'fine_mg as fineMg',
  'currency',
  'rate_minor as rateMinor',
  'value_minor as valueMinor',
  'payment_id as paymentId',
  'note',
  'by_name as byName',
] as const
type Words = { metal: Metal; purpose: z.output<typeof Purpose> }
const lots = rows('old_gold', columns).$narrowType<Words>()

const MG_PER_GRAM = 1_000
const PER_MILLE = 1_000

export const take = action({
  summary: 'Take old gold by its tested purity, at a rate of its own',
  input: z.strictObject({
    purpose: z.enum([Purpose.enum.exchange, Purpose.enum.purchase]).default(Purpose.enum.exchange),
    ...tested,
    deductionMg: WeightMg.default(0),
    currency: Currency,
    rateMinor: RateMinor,
    note: Text.optional(),
  }),
  output: OldGold,
  refuses: ['deduction_above_gross', 'amount_too_large'],
  example: (id) => ({
    customerId: id('customer'),
    metal: Metal.enum.gold,
    grossMg: 6_150,
    deductionMg: 150,
    purity: 900,
    currency: 'INR',
    rateMinor: 1_100_000,
  }),
  run({ input, db, actor }) {
    const { netMg, row } = weighed(input, actor.name)
    const value_minor = halfUp(netMg, input.rateMinor, MG_PER_GRAM)
    const worth = { currency: input.currency, rate_minor: input.rateMinor, value_minor }
    return one(
      db
        .insertInto('old_gold')
        .values({ ...row, ...worth, purpose: input.purpose })
        .returning(columns)
        .$narrowType<Words>(),
    )
  },
})

export const keep = action({
  summary: 'Keep a customer’s own metal, which goes to their metal ledger',
  input: z.strictObject({ ...tested, deductionMg: WeightMg.default(0), note: Text.optional() }),
  output: OldGold,
  refuses: ['deduction_above_gross'],
  example: (id) => ({ customerId: id('customer'), metal: Metal.enum.gold, grossMg: 10_000, purity: 916 }),
  async run({ input, db, actor }) {
    await lockCustomer(db, input.customerId)
    const { fineMg, row } = weighed(input, actor.name)
    const kept = await db
      .insertInto('old_gold')
      .values({ ...row, purpose: 'deposit' })
      .returning(columns)
      .$narrowType<Words>()
      .executeTakeFirstOrThrow()
    const { customerId, metal, note = null } = input
    const entry = { customerId, metal, note, oldGoldId: kept.id, byName: actor.name }
    await enterMetal(db, { ...entry, kind: 'received', fineMg: -fineMg })
    return kept
  },
})

export const list = query({
  summary: 'List the old gold that was taken, newest first',
  input: z.strictObject({ ...paging, customerId: Id.optional(), purpose: Purpose.optional(), metal: Metal.optional() }),
  output: Page(OldGold),
  example: (id) => ({ customerId: id('customer'), limit: 50 }),
  run({ input }) {
    let found = lots
    if (input.customerId !== undefined) found = found.where('customer_id', '=', input.customerId)
    if (input.purpose !== undefined) found = found.where('purpose', '=', input.purpose)
    if (input.metal !== undefined) found = found.where('metal', '=', input.metal)
    return page(found, input)
  },
})

type Weighing = {
  customerId: string
  metal: Metal
  grossMg: number
  deductionMg: number
  purity: number
  note?: string | undefined
}

/** What is left of it without dirt and stones, and how much of that is fine. */
function weighed(input: Weighing, byName: string) {
  const netMg = input.grossMg - input.deductionMg
  const fineMg = netMg < 0 ? 0 : halfUp(netMg, input.purity, PER_MILLE)
  const row = {
    customer_id: input.customerId,
    metal: input.metal,
    gross_mg: input.grossMg,
    deduction_mg: input.deductionMg,
    net_mg: netMg,
    purity: input.purity,
    fine_mg: fineMg,
    note: input.note ?? null,
    by_name: byName,
  }
  return { netMg, fineMg, row }
}
