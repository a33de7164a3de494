import type { Kysely } from 'kysely'
import { notFound } from '#kernel'
import type { Metal } from '../metal.ts'
import type { Tables } from '../tables.ts'

/** What stands in a customer's two ledgers; Postgres counts the entries and their balances. */
export type MoneyKind = 'invoice' | 'credit' | 'payment' | 'refund' | 'void' | 'metal' | 'adjustment'

type Money = {
  customerId: string
  currency: string
  kind: MoneyKind
  amountMinor: number
  invoiceId?: string
  paymentId?: string
  note?: string
  byName: string
}

export const enterMoney = (db: Kysely<Tables>, entry: Money) =>
  db
    .insertInto('money_entry')
    .values({
      customer_id: entry.customerId,
      currency: entry.currency,
      kind: entry.kind,
      amount_minor: entry.amountMinor,
      invoice_id: entry.invoiceId ?? null,
      payment_id: entry.paymentId ?? null,
      note: entry.note ?? null,
      by_name: entry.byName,
    })
    .returning('balance_minor')
    .executeTakeFirstOrThrow()

type Fine = {
  customerId: string
  metal: Metal
  kind: 'received' | 'returned' | 'priced'
  fineMg: number
  oldGoldId?: string
  note?: string | null
  byName: string
}

export const enterMetal = (db: Kysely<Tables>, entry: Fine) =>
  db
    .insertInto('metal_entry')
    .values({
      customer_id: entry.customerId,
      metal: entry.metal,
      kind: entry.kind,
      fine_mg: entry.fineMg,
      old_gold_id: entry.oldGoldId ?? null,
      note: entry.note ?? null,
      by_name: entry.byName,
    })
    .returning('balance_mg')
    .executeTakeFirstOrThrow()

/**
 * Before anything else that is a customer's: whoever changes what a customer owes does so one after the other, and
 * always in this order, so that no two of them wait for each other.
 */
export const lockCustomer = (db: Kysely<Tables>, id: string) =>
  db.selectFrom('customer').select('id').where('id', '=', id).forNoKeyUpdate().executeTakeFirstOrThrow(notFound)
