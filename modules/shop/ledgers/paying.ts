import type { Kysely } from 'kysely'
import { z } from 'zod'
import { Day, Id, Line, Money, notFound, oneOf, paging, refuse, SignedMoney, Text } from '#kernel'
import { Series } from '../papers/document.ts'
import type { Actor } from '../papers/drafting.ts'
import { lockCustomer } from './entries.ts'
import { Currency, PartMinor } from '../metal.ts'
import { nextNumber } from '../papers/numbers.ts'
import { sum } from '../pricing/rounding.ts'
import { yearOf } from '../pricing/settled.ts'
import type { Tables } from '../tables.ts'

/** A payment as it is asked for, kept and shown, and how one is written down under its number. */

/** Nobody splits a payment over more cards than this. */
export const MOST_PARTS = 20
export const Way = oneOf('cash', 'card', 'bank', 'upi', 'old_gold')
/** A drawer that somebody answers for. */
export const Counter = z.string().regex(/^[A-Z0-9-]{1,16}$/)
const Direction = oneOf('in', 'out')
const PaymentStatus = oneOf('taken', 'void')
export type Words = { direction: z.output<typeof Direction>; status: z.output<typeof PaymentStatus> }
export type PartWords = { way: z.output<typeof Way> }

const part = z.strictObject({
  way: Way,
  amountMinor: PartMinor.min(1),
  reference: Line.max(60).nullable().default(null),
  oldGoldId: Id.optional(),
})

/** Old gold is named, and nothing else is paid with it. */
export const Part = part.refine(({ way, oldGoldId }) => (way === 'old_gold') === (oldGoldId !== undefined), {
  path: ['oldGoldId'],
})

/** What the shop pays with: it gives no old gold back for money. */
export const PartBack = part.omit({ oldGoldId: true }).extend({ way: Way.exclude(['old_gold']) })

export const Payment = z.strictObject({
  id: Id,
  direction: Direction,
  status: PaymentStatus,
  series: Series,
  year: z.int(),
  number: z.int(),
  customerId: Id,
  currency: Currency,
  paidOn: Day,
  voidedOn: Day.nullable(),
  voidReason: Text.nullable(),
  refundOf: Id.nullable(),
  orderId: Id.nullable(),
  tillDayId: Id.nullable(),
  note: Text.nullable(),
  totalMinor: Money,
  allocatedMinor: Money,
  refundedMinor: Money,
  byName: Line,
})
export const WholePayment = Payment.extend({
  parts: z.array(part.extend({ oldGoldId: Id.nullable() })),
  allocations: z.array(z.strictObject({ invoiceId: Id, amountMinor: SignedMoney })),
})
export const PaymentFilter = z.strictObject({
  ...paging,
  customerId: Id.optional(),
  direction: Direction.optional(),
  status: PaymentStatus.optional(),
})

export const columns = [
  'id',
  'direction',
  'status',
  'series',
  'year',
  'number',
  'customer_id as customerId',
  'currency',
  'paid_on as paidOn',
  'voided_on as voidedOn',
  'void_reason as voidReason',
  'refund_of as refundOf',
  'order_id as orderId',
  'till_day_id as tillDayId',
  'note',
  'total_minor as totalMinor',
  'allocated_minor as allocatedMinor',
  'refunded_minor as refundedMinor',
  'by_name as byName',
] as const
export const partColumns = ['way', 'amount_minor as amountMinor', 'reference', 'old_gold_id as oldGoldId'] as const

type Paid = z.output<typeof Part> | (z.output<typeof PartBack> & { oldGoldId?: undefined })
type Asked = {
  direction: 'in' | 'out'
  customerId: string
  currency: string
  series: string
  note?: string | undefined
  orderId?: string | undefined
  counter?: string | undefined
  refundOf?: string
  parts: readonly Paid[]
  today: string
  by: Actor
}

/** The customer is locked by then. */
export async function writePayment(db: Kysely<Tables>, asked: Asked) {
  const { direction, customerId, currency, series, today, by } = asked
  if (asked.orderId !== undefined) await insistOnOrder(db, asked.orderId, asked)
  const tillDayId = asked.counter === undefined ? null : await openDay(db, asked.counter, currency)
  const totalMinor = sum(asked.parts.map(({ amountMinor }) => amountMinor))
  const year = await yearOf(db, today)
  const number = await nextNumber(db, { kind: direction === 'in' ? 'receipt' : 'refund', series, year })
  const { id } = await db
    .insertInto('payment')
    .values({
      direction,
      customer_id: customerId,
      currency,
      series,
      year,
      number,
      total_minor: totalMinor,
      paid_on: today,
      refund_of: asked.refundOf ?? null,
      order_id: asked.orderId ?? null,
      till_day_id: tillDayId,
      note: asked.note ?? null,
      by_id: by.id,
      by_name: by.name,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  for (const part of asked.parts) if (part.way === 'old_gold') await spendOldGold(db, id, part, asked)
  const rows = asked.parts.map(({ way, amountMinor, reference, oldGoldId }, at) => ({
    payment_id: id,
    position: at + 1,
    way,
    amount_minor: amountMinor,
    reference,
    old_gold_id: oldGoldId ?? null,
  }))
  await db.insertInto('payment_part').values(rows).execute()
  return { id, totalMinor }
}

/** The payment of an id, with its customer locked before it. */
export async function lockedPayment(db: Kysely<Tables>, id: string) {
  const { customer_id } = await db
    .selectFrom('payment')
    .select('customer_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow(notFound)
  await lockCustomer(db, customer_id)
  const payment = await db
    .selectFrom('payment')
    .select(columns)
    .$narrowType<Words>()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow(notFound)
  if (payment.status === 'void') throw refuse('payment_is_void')
  return payment
}

async function insistOnOrder(db: Kysely<Tables>, id: string, { customerId }: Pick<Asked, 'customerId'>) {
  const order = await db
    .selectFrom('invoice')
    .select(['customer_id', 'status'])
    .where('id', '=', id)
    .where('kind', '=', 'order')
    .executeTakeFirstOrThrow(notFound)
  if (order.customer_id !== customerId) throw refuse('other_customer')
  if (order.status === 'void') throw refuse('paper_is_void')
}

/** The day stays open until this payment is written: whoever closes it waits, and counts it. */
async function openDay(db: Kysely<Tables>, counter: string, currency: string): Promise<string> {
  const day = await db
    .selectFrom('till_day')
    .select(['id', 'currency'])
    .where('counter', '=', counter)
    .where('closed_at', 'is', null)
    .forShare()
    .executeTakeFirst()
  if (!day) throw refuse('till_not_open')
  if (day.currency !== currency) throw refuse('other_currency')
  return day.id
}

type Spent = { amountMinor: number; oldGoldId?: string | undefined }

/** Old gold is worth what it was valued at, once. */
async function spendOldGold(db: Kysely<Tables>, paymentId: string, part: Spent, asked: Asked) {
  if (part.oldGoldId === undefined) throw refuse('old_gold_value')
  const gold = await db
    .selectFrom('old_gold')
    .select(['customer_id', 'currency', 'value_minor', 'payment_id'])
    .where('id', '=', part.oldGoldId)
    .forUpdate()
    .executeTakeFirstOrThrow(notFound)
  if (gold.customer_id !== asked.customerId) throw refuse('other_customer')
  if (gold.value_minor !== part.amountMinor || gold.currency !== asked.currency) throw refuse('old_gold_value')
  if (gold.payment_id !== null) throw refuse('old_gold_is_paid')
  await db.updateTable('old_gold').set({ payment_id: paymentId }).where('id', '=', part.oldGoldId).execute()
}
