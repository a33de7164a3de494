import type { ExpressionBuilder, Kysely } from 'kysely'
import { notFound, refuse } from '#kernel'
import { columns } from './document.ts'
import type { Kind, Status, Words } from './document.ts'
import type { Actor } from './drafting.ts'
import { enterMoney, lockCustomer } from '../ledgers/entries.ts'
import { nextNumber } from './numbers.ts'
import { settingOn, yearOf } from '../pricing/settled.ts'
import type { Tables } from '../tables.ts'

/** A paper becomes final, or void: its number, what becomes of its pieces, and what must not have happened before. */
export type Which = { kind: Kind; id: string; today: string }

export async function issuePaper(db: Kysely<Tables>, { kind, id, today }: Which, by: Actor) {
  const paper = await locked(db, { kind, id }, 'draft')
  if (kind === 'invoice') await insistOnLimit(db, id, today, paper)
  const year = await yearOf(db, today)
  const number = await nextNumber(db, { kind, series: paper.series, year })
  const issued = await db
    .updateTable('invoice')
    .set((eb) => ({ status: 'issued', year, number, issued_on: today, customer_name: nameOfCustomer(eb) }))
    .set({ by_id: by.id, by_name: by.name })
    .where('id', '=', id)
    .returning(columns)
    .$narrowType<Words>()
    .executeTakeFirstOrThrow(notFound)
  if (kind === 'invoice') await db.updateTable('piece').set({ status: 'sold' }).where('invoice_id', '=', id).execute()
  if (kind === 'invoice' || kind === 'credit') {
    const amountMinor = kind === 'invoice' ? issued.totalMinor : -issued.totalMinor
    const { customerId, currency } = issued
    await enterMoney(db, { customerId, currency, kind, amountMinor, invoiceId: id, byName: by.name })
  }
  return issued
}

export async function voidPaper(db: Kysely<Tables>, { kind, id, today }: Which, reason: string, by: Actor) {
  await insistUnfollowed(db, id)
  await releasePieces(db, id)
  return await db
    .updateTable('invoice')
    .set({ status: 'void', voided_on: today, void_reason: reason, voided_by: by.name })
    .where('id', '=', id)
    .where('kind', '=', kind)
    .returning(columns)
    .$narrowType<Words>()
    .executeTakeFirstOrThrow(notFound)
}

/** From here to the commit nobody else changes what becomes of this paper, nor what its customer owes. */
export async function locked(db: Kysely<Tables>, { kind, id }: Pick<Which, 'kind' | 'id'>, expected: Status) {
  await lockCustomerOf(db, id)
  const paper = await db
    .selectFrom('invoice')
    .select(['status', 'series', 'from_id', 'customer_id', 'currency', 'asked_minor', 'conceded_minor'])
    .select(['total_minor', 'settled_minor', 'credited_minor'])
    .where('id', '=', id)
    .where('kind', '=', kind)
    .forUpdate()
    .executeTakeFirstOrThrow(notFound)
  if (paper.status !== expected) throw refuse(kind === 'invoice' ? `invoice_is_${paper.status}` : 'paper_is_void')
  return paper
}

/** A paper's customer never changes, so it can be looked up before anything is locked. */
export async function lockCustomerOf(db: Kysely<Tables>, id: string) {
  const { customer_id } = await db
    .selectFrom('invoice')
    .select('customer_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow(notFound)
  await lockCustomer(db, customer_id)
}

/** Back to the order that kept them, or into the stock. */
export async function releasePieces(db: Kysely<Tables>, id: string) {
  const order = await db
    .selectFrom('invoice')
    .innerJoin('invoice as order', 'order.id', 'invoice.from_id')
    .select('order.id')
    .where('invoice.id', '=', id)
    .where('order.kind', '=', 'order')
    .where('order.status', '=', 'issued')
    .executeTakeFirst()
  await db
    .updateTable('piece')
    .set({ status: order ? 'reserved' : 'stock', invoice_id: order?.id ?? null })
    .where('invoice_id', '=', id)
    .execute()
}

async function insistUnfollowed(db: Kysely<Tables>, id: string) {
  const follows = await db
    .selectFrom('invoice')
    .select('id')
    .where('from_id', '=', id)
    .where('kind', '<>', 'credit')
    .where('status', '<>', 'void')
    .executeTakeFirst()
  if (follows) throw refuse('paper_is_followed')
}

type Conceded = { asked_minor: number; conceded_minor: number }

/** Beyond the limit somebody who may has to have said so, about this paper. */
async function insistOnLimit(db: Kysely<Tables>, id: string, today: string, { asked_minor, conceded_minor }: Conceded) {
  const setting = await settingOn(db, today).select('discount_limit_per_mille as limit').executeTakeFirst()
  const limit = setting?.limit ?? null
  if (limit === null || BigInt(conceded_minor) * 1_000n <= BigInt(asked_minor) * BigInt(limit)) return
  const allowed = await db.selectFrom('allowance').select('id').where('invoice_id', '=', id).executeTakeFirst()
  if (!allowed) throw refuse('discount_needs_manager')
}

const nameOfCustomer = (eb: ExpressionBuilder<Tables, 'invoice'>) =>
  eb.selectFrom('customer').select('name').whereRef('customer.id', '=', 'invoice.customer_id').$asScalar().$notNull()
