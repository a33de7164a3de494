import { jsonArrayFrom } from 'kysely/helpers/postgres'
import { z } from 'zod'
import { Day, Id, notFound, operations, Page, page, refuse, Text } from '#kernel'
import { allocate, releasePayment } from './ledgers/allocating.ts'
import { Series } from './papers/document.ts'
import { enterMoney, lockCustomer } from './ledgers/entries.ts'
import { Currency, PartMinor } from './metal.ts'
import {
  columns,
  Counter,
  lockedPayment,
  MOST_PARTS,
  Part,
  PartBack,
  partColumns,
  Payment,
  PaymentFilter,
  Way,
  WholePayment,
  writePayment,
} from './ledgers/paying.ts'
import type { PartWords, Words } from './ledgers/paying.ts'
import type { Tables } from './tables.ts'

const { action, query } = operations<Tables>()

/** A payment settles a few invoices; who owes more pays once more. */
const MOST_INVOICES = 20
const parts = z.array(Part).min(1).max(MOST_PARTS)

export const take = action({
  summary: 'Take a payment, in parts, for invoices, for an order, or in advance',
  input: z.strictObject({
    customerId: Id,
    currency: Currency,
    series: Series.default('RCT'),
    orderId: Id.optional(),
    counter: Counter.optional(),
    note: Text.optional(),
    parts,
    allocations: z
      .array(z.strictObject({ invoiceId: Id, amountMinor: PartMinor.min(1) }))
      .max(MOST_INVOICES)
      .default([]),
  }),
  output: Payment,
  refuses: [
    'amount_too_large',
    'old_gold_is_paid',
    'other_customer',
    'other_currency',
    'old_gold_value',
    'invoice_is_draft',
    'invoice_is_void',
    'invoice_overpaid',
    'payment_overspent',
    'paper_is_void',
    'till_not_open',
  ],
  example: (id) => ({
    customerId: id('customer'),
    currency: 'INR',
    orderId: id('order'),
    parts: [
      { way: Way.enum.old_gold, amountMinor: 5_940_000, oldGoldId: id('oldGold') },
      { way: Way.enum.cash, amountMinor: 50_000 },
    ],
    allocations: [{ invoiceId: id('owedInvoice'), amountMinor: 60_000 }],
  }),
  async run({ input, db, today, actor }) {
    await lockCustomer(db, input.customerId)
    const { id, totalMinor } = await writePayment(db, { ...input, direction: 'in', today, by: actor })
    const { customerId, currency } = input
    for (const one of input.allocations) await allocate(db, { id, customerId, currency }, one)
    const entry = { customerId, currency, kind: 'payment' as const, paymentId: id, byName: actor.name }
    await enterMoney(db, { ...entry, amountMinor: -totalMinor })
    return await shown(db, id)
  },
})

export const allocateIt = action({
  summary: 'Use what is left of a payment for an invoice',
  input: z.strictObject({ id: Id, invoiceId: Id, amountMinor: PartMinor.min(1) }),
  output: Payment,
  refuses: [
    'payment_is_void',
    'payment_is_refund',
    'other_customer',
    'other_currency',
    'invoice_is_draft',
    'invoice_is_void',
    'invoice_overpaid',
    'payment_overspent',
  ],
  example: (id) => ({ id: id('advance'), invoiceId: id('owedInvoice'), amountMinor: 10_000 }),
  async run({ input, db }) {
    const payment = await lockedPayment(db, input.id)
    if (payment.direction === 'out') throw refuse('payment_is_refund')
    await allocate(db, payment, input)
    return await shown(db, input.id)
  },
})

export const refund = action({
  summary: 'Give back what is left of a payment',
  input: z.strictObject({
    id: Id,
    series: Series.default('RFD'),
    reason: Text.min(3).max(500),
    counter: Counter.optional(),
    parts: z.array(PartBack).min(1).max(MOST_PARTS),
  }),
  output: Payment,
  rate: 'sensitive',
  refuses: [
    'payment_is_void',
    'payment_is_refund',
    'payment_overspent',
    'amount_too_large',
    'till_not_open',
    'other_currency',
  ],
  example: (id) => ({
    id: id('refundedPayment'),
    reason: 'the order was called off',
    parts: [{ way: PartBack.shape.way.enum.bank, amountMinor: 25_000, reference: 'NEFT 4711' }],
  }),
  async run({ input, db, today, actor }) {
    const { id, customerId, currency, direction } = await lockedPayment(db, input.id)
    if (direction === 'out') throw refuse('payment_is_refund')
    const { series, reason, counter } = input
    const asked = { customerId, currency, series, counter, note: reason, parts: input.parts, refundOf: id }
    const back = await writePayment(db, { ...asked, direction: 'out', today, by: actor })
    await db
      .updateTable('payment')
      .set((eb) => ({ refunded_minor: eb('refunded_minor', '+', back.totalMinor) }))
      .where('id', '=', id)
      .execute()
    const entry = { customerId, currency, kind: 'refund' as const, paymentId: back.id, byName: actor.name }
    await enterMoney(db, { ...entry, amountMinor: back.totalMinor })
    return await shown(db, back.id)
  },
})

const voidIt = action({
  summary: 'Make a payment void; it keeps its number, and what it was used for is owed again',
  input: z.strictObject({ id: Id, reason: Text.min(3).max(500) }),
  output: Payment,
  rate: 'sensitive',
  refuses: ['payment_is_void', 'payment_is_refunded', 'till_is_closed'],
  example: (id) => ({ id: id('voidedPayment'), reason: 'the card was refused' }),
  async run({ input: { id, reason }, db, today, actor }) {
    const payment = await lockedPayment(db, id)
    const { customerId, currency, direction, totalMinor } = payment
    if (payment.refundedMinor > 0) throw refuse('payment_is_refunded')
    if (payment.tillDayId !== null) await insistOnOpenDay(db, payment.tillDayId)
    await releasePayment(db, id)
    await db
      .updateTable('payment')
      .set({ status: 'void', voided_on: today, void_reason: reason, voided_by: actor.name })
      .where('id', '=', id)
      .execute()
    await db.updateTable('old_gold').set({ payment_id: null }).where('payment_id', '=', id).execute()
    if (payment.refundOf !== null)
      await db
        .updateTable('payment')
        .set((eb) => ({ refunded_minor: eb('refunded_minor', '-', totalMinor) }))
        .where('id', '=', payment.refundOf)
        .execute()
    const amountMinor = direction === 'in' ? totalMinor : -totalMinor
    await enterMoney(db, { customerId, currency, kind: 'void', amountMinor, paymentId: id, byName: actor.name })
    return await shown(db, id)
  },
})
export { allocateIt as allocate, voidIt as void }

export const get = query({
  summary: 'Show a payment, its parts and what it was used for',
  input: z.strictObject({ id: Id }),
  output: WholePayment,
  example: (id) => ({ id: id('payment') }),
  run: ({ input: { id }, db }) =>
    db
      .selectFrom('payment')
      .select(columns)
      .select((eb) => [
        jsonArrayFrom(
          eb
            .selectFrom('payment_part')
            .select(partColumns)
            .$narrowType<PartWords>()
            .where('payment_id', '=', id)
            .orderBy('position'),
        ).as('parts'),
        jsonArrayFrom(
          eb
            .selectFrom('allocation')
            .select(['invoice_id as invoiceId', 'amount_minor as amountMinor'])
            .where('payment_id', '=', id)
            .orderBy('id'),
        ).as('allocations'),
      ])
      .$narrowType<Words>()
      .where('id', '=', id)
      .executeTakeFirstOrThrow(notFound),
})

export const list = query({
  summary: 'List the payments, newest first',
  input: PaymentFilter.extend({ from: Day.optional(), to: Day.optional() }),
  output: Page(Payment),
  example: (id) => ({ customerId: id('customer'), limit: 50 }),
  run({ input, db }) {
    let found = db.selectFrom('payment').select(columns).$narrowType<Words>()
    if (input.customerId !== undefined) found = found.where('customer_id', '=', input.customerId)
    if (input.direction !== undefined) found = found.where('direction', '=', input.direction)
    if (input.status !== undefined) found = found.where('status', '=', input.status)
    if (input.from !== undefined) found = found.where('paid_on', '>=', input.from)
    if (input.to !== undefined) found = found.where('paid_on', '<=', input.to)
    return page(found, input)
  },
})

/** What was counted stays counted: a payment of a closed day is refunded, not made void. */
async function insistOnOpenDay(db: Parameters<typeof lockCustomer>[0], id: string) {
  const day = await db.selectFrom('till_day').select('closed_at').where('id', '=', id).forShare().executeTakeFirst()
  if (day?.closed_at !== null) throw refuse('till_is_closed')
}

const shown = (db: Parameters<typeof lockCustomer>[0], id: string) =>
  db.selectFrom('payment').select(columns).$narrowType<Words>().where('id', '=', id).executeTakeFirstOrThrow(notFound)
