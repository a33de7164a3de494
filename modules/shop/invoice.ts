import type { ExpressionBuilder, Kysely } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import { z } from 'zod'
import { Id, notFound, operations, Page, page, paging, refuse, Text } from '#kernel'
import { rateLines } from './board.ts'
import {
  columns,
  DraftLine,
  headRow,
  Invoice,
  lineColumns,
  lineRow,
  Place,
  Series,
  Status,
  taxColumns,
  taxRow,
  WholeInvoice,
} from './document.ts'
import type { TaxWords } from './document.ts'
import { Currency, Metal, MOST_LINES } from './metal.ts'
import { priceLines } from './price.ts'
import { waysOn, yearOf } from './settled.ts'
import type { Tables } from './tables.ts'

const { action, query } = operations<Tables>()
type Words = { status: Status; place: Place }

const gold = { metal: Metal.enum.gold, purity: 916 }
const silver = { metal: Metal.enum.silver, purity: 925 }

export const draft = action({
  summary: 'Draft an invoice, each line at its own rate or the rate in effect',
  input: z.strictObject({
    customerId: Id,
    currency: Currency,
    series: Series.default('INV'),
    note: Text.optional(),
    place: Place.default('within'),
    pricesIncludeTax: z.boolean().optional(),
    lines: z.array(DraftLine).min(1).max(MOST_LINES),
  }),
  output: Invoice,
  refuses: ['rate_not_set', 'tax_not_set', 'discount_above_price', 'amount_too_large'],
  example: (id) => ({
    customerId: id('customer'),
    currency: 'INR',
    lines: [
      { description: 'Bangle', ...gold, weightMg: 12_480, makingMinor: 650_000, taxPerMille: 30 },
      { description: 'Anklet', ...silver, weightMg: 41_300, rateMinor: 15_600, taxPerMille: 30 },
    ],
  }),
  async run({ input, db, today }) {
    const { name } = await db
      .selectFrom('customer')
      .select('name')
      .where('id', '=', input.customerId)
      .executeTakeFirstOrThrow(notFound)
    const ways = await waysOn(db, today, input)
    const asked = input.lines.map(({ makingMinor, ...line }) => ({ ...line, makingFixedMinor: makingMinor }))
    const { lines, taxes, ...amounts } = priceLines(await rateLines(db, input.currency, asked), ways)
    const invoice = await db
      .insertInto('invoice')
      .values(headRow({ ...input, ...amounts, customerName: name }))
      .returning(columns)
      .$narrowType<Words>()
      .executeTakeFirstOrThrow()
    const within = (index: number) => ({ invoiceId: invoice.id, position: index + 1 })
    const rows = lines.map((line, at) => lineRow({ ...line, ...within(at) }))
    await db.insertInto('invoice_line').values(rows).execute()
    const owed = taxes.map((tax, at) => taxRow({ ...tax, ...within(at) }))
    if (owed.length > 0) await db.insertInto('invoice_tax').values(owed).execute()
    return invoice
  },
})

export const get = query({
  summary: 'Show an invoice with its lines',
  input: z.strictObject({ id: Id }),
  output: WholeInvoice,
  example: (id) => ({ id: id('invoice') }),
  run: ({ input, db }) =>
    db
      .selectFrom('invoice')
      .select(columns)
      .select((eb) => [
        jsonArrayFrom(linesOf(eb, input.id)).as('lines'),
        jsonArrayFrom(taxesOf(eb, input.id)).as('taxes'),
      ])
      .$narrowType<Words>()
      .where('id', '=', input.id)
      .executeTakeFirstOrThrow(notFound),
})

export const list = query({
  summary: 'List the invoices, newest first',
  input: z.strictObject({ ...paging, status: Status.optional(), customerId: Id.optional() }),
  output: Page(Invoice),
  example: (id) => ({ customerId: id('customer'), limit: 50 }),
  run({ input, db }) {
    let invoices = db.selectFrom('invoice').select(columns).$narrowType<Words>()
    if (input.status !== undefined) invoices = invoices.where('status', '=', input.status)
    if (input.customerId !== undefined) invoices = invoices.where('customer_id', '=', input.customerId)
    return page(invoices, input)
  },
})

export const issue = action({
  summary: 'Issue an invoice under the next number of its series',
  input: z.strictObject({ id: Id }),
  output: Invoice,
  refuses: ['invoice_is_issued', 'invoice_is_void'],
  example: (id) => ({ id: id('draftInvoice') }),
  async run({ input, db, today }) {
    const { series } = await locked(db, input.id, 'draft')
    const year = await yearOf(db, today)
    const number = await nextNumber(db, series, year)
    return db
      .updateTable('invoice')
      .set((eb) => ({ status: 'issued', year, number, issued_on: today, customer_name: nameOfCustomer(eb) }))
      .where('id', '=', input.id)
      .returning(columns)
      .$narrowType<Words>()
      .executeTakeFirstOrThrow(notFound)
  },
})

/** The language keeps the word for itself, so it is given its name on the way out. */
const voidIt = action({
  summary: 'Make an issued invoice void; it keeps its number',
  input: z.strictObject({ id: Id, reason: Text.min(3).max(500) }),
  output: Invoice,
  rate: 'sensitive',
  refuses: ['invoice_is_draft', 'invoice_is_void'],
  example: (id) => ({ id: id('issuedInvoice'), reason: 'the customer chose another piece' }),
  async run({ input, db, today }) {
    await locked(db, input.id, 'issued')
    return db
      .updateTable('invoice')
      .set({ status: 'void', voided_on: today, void_reason: input.reason })
      .where('id', '=', input.id)
      .returning(columns)
      .$narrowType<Words>()
      .executeTakeFirstOrThrow(notFound)
  },
})
export { voidIt as void }

const linesOf = (eb: ExpressionBuilder<Tables, 'invoice'>, id: string) =>
  eb
    .selectFrom('invoice_line')
    .select(lineColumns)
    .$narrowType<{ metal: Metal }>()
    .where('invoice_id', '=', id)
    .orderBy('position')

const taxesOf = (eb: ExpressionBuilder<Tables, 'invoice'>, id: string) =>
  eb
    .selectFrom('invoice_tax')
    .select(taxColumns)
    .$narrowType<TaxWords>()
    .where('invoice_id', '=', id)
    .orderBy('position')

const nameOfCustomer = (eb: ExpressionBuilder<Tables, 'invoice'>) =>
  eb.selectFrom('customer').select('name').whereRef('customer.id', '=', 'invoice.customer_id').$asScalar().$notNull()

/** From here to the commit nobody else changes what becomes of this invoice. */
async function locked(db: Kysely<Tables>, id: string, expected: Status) {
  const invoice = await db
    .selectFrom('invoice')
    .select(['status', 'series'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow(notFound)
  if (invoice.status !== expected) throw refuse(`invoice_is_${invoice.status}`)
  return invoice
}

/** Waits for whoever is issuing in the same series and takes the number after theirs: no gap, and none given twice. */
async function nextNumber(db: Kysely<Tables>, series: string, year: number) {
  const { number } = await db
    .insertInto('invoice_series')
    .values({ series, year, last_number: 1 })
    .onConflict((taken) =>
      taken
        .columns(['workspace_id', 'series', 'year'])
        .doUpdateSet((eb) => ({ last_number: eb('invoice_series.last_number', '+', 1) })),
    )
    .returning('last_number as number')
    .executeTakeFirstOrThrow()
  return number
}
