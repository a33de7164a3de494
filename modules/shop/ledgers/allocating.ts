import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { refuse } from '#kernel'
import { locked } from '../papers/issuing.ts'
import type { Tables } from '../tables.ts'

/**
 * Which payment does what for which invoice. Both sides keep their sum, and Postgres lets neither go below nothing nor
 * above its whole; what is undone is a row of its own.
 */
type Payment = { id: string; customerId: string; currency: string }
type Allocation = { invoiceId: string; amountMinor: number }

export async function allocate(db: Kysely<Tables>, payment: Payment, { invoiceId, amountMinor }: Allocation) {
  const invoice = await locked(db, { kind: 'invoice', id: invoiceId }, 'issued')
  if (invoice.customer_id !== payment.customerId) throw refuse('other_customer')
  if (invoice.currency !== payment.currency) throw refuse('other_currency')
  await move(db, payment.id, invoiceId, amountMinor)
}

/** All that a payment does; afterwards it may become void. */
export async function releasePayment(db: Kysely<Tables>, paymentId: string) {
  for (const { invoice_id, amount_minor } of await standing(db, 'payment_id', paymentId))
    await move(db, paymentId, invoice_id, -amount_minor)
}

/** As much as is no longer owed of an invoice, last paid first; the payments are there to be used or given back. */
export async function releaseInvoice(db: Kysely<Tables>, invoiceId: string, least_minor: number) {
  let left = least_minor
  for (const { payment_id, amount_minor } of await standing(db, 'invoice_id', invoiceId)) {
    const back = Math.min(left, amount_minor)
    if (back > 0) await move(db, payment_id, invoiceId, -back)
    left -= back
  }
}

const standing = (db: Kysely<Tables>, of: 'payment_id' | 'invoice_id', id: string) =>
  db
    .selectFrom('allocation')
    .select(['payment_id', 'invoice_id', sql<number>`sum(amount_minor)::bigint`.as('amount_minor')])
    .where(of, '=', id)
    .groupBy(['payment_id', 'invoice_id'])
    .having(sql<boolean>`sum(amount_minor) > 0`)
    .orderBy('payment_id', 'desc')
    .execute()

async function move(db: Kysely<Tables>, paymentId: string, invoiceId: string, amount_minor: number) {
  await db.insertInto('allocation').values({ payment_id: paymentId, invoice_id: invoiceId, amount_minor }).execute()
  await db
    .updateTable('invoice')
    .set((eb) => ({ settled_minor: eb('settled_minor', '+', amount_minor) }))
    .where('id', '=', invoiceId)
    .execute()
  await db
    .updateTable('payment')
    .set((eb) => ({ allocated_minor: eb('allocated_minor', '+', amount_minor) }))
    .where('id', '=', paymentId)
    .execute()
}
