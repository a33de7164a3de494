import { z } from 'zod'
import { file, formats, Id, Line, Moment, one, operations, Page, page, paging, Text } from '#kernel'
import { readSheet, sheetInput, SheetResult, taken } from './sheets/sheet.ts'
import type { Tables } from './tables.ts'

const { action, download, query, row, rows } = operations<Tables>()

/** International and without spaces: at the counter the phone is how a customer is found again. */
const Phone = z.string().regex(/^\+[1-9][0-9]{6,14}$/)

const card = {
  name: Line,
  phone: Phone.nullable(),
  email: z.email().max(254).nullable(),
  taxNumber: Line.max(32).nullable(),
  address: Text.max(500).nullable(),
  note: Text.nullable(),
}
const Card = z.strictObject(card)
const Customer = z.strictObject({ id: Id, createdAt: Moment, ...card })

const columns = [
  'id',
  'created_at as createdAt',
  'name',
  'phone',
  'email',
  'tax_number as taxNumber',
  'address',
  'note',
] as const
const customer = row('customer', columns)
const customers = rows('customer', columns)
const NewCard = Card.partial({ phone: true, email: true, taxNumber: true, address: true, note: true })

export const create = action({
  summary: 'Add a customer',
  input: NewCard,
  output: Customer,
  refuses: ['customer_phone_taken'],
  example: () => ({ name: 'Lakshmi Nair', email: 'lakshmi.nair@example.com', address: '14 Temple Road, Kochi' }),
  run: ({ input: { taxNumber, ...rest }, db }) =>
    one(
      db
        .insertInto('customer')
        .values({ ...rest, tax_number: taxNumber })
        .returning(columns),
    ),
})

export const get = query({
  summary: 'Show a customer',
  input: z.strictObject({ id: Id }),
  output: Customer,
  example: (id) => ({ id: id('customer') }),
  run: ({ input }) => customer(input.id),
})

export const list = query({
  summary: 'List the customers, newest first',
  input: z.strictObject({ ...paging, phone: Phone.optional(), search: Line.max(60).optional() }),
  output: Page(Customer),
  example: () => ({ limit: 50 }),
  run({ input }) {
    let found = customers
    const { phone, search } = input
    if (phone !== undefined) found = found.where('phone', '=', phone)
    if (search !== undefined)
      found = found.where((eb) =>
        eb(eb.fn<number>('strpos', [eb.fn('lower', ['name']), eb.fn('lower', [eb.val(search)])]), '>', 0),
      )
    return page(found, input)
  },
})

export const update = action({
  summary: 'Replace what is known of a customer',
  input: Card.extend({ id: Id }),
  output: Customer,
  refuses: ['customer_phone_taken'],
  example: (id) => ({
    id: id('movingCustomer'),
    name: 'Salim Haddad',
    phone: null,
    email: 'salim.haddad@example.com',
    taxNumber: null,
    address: '3 Harbour Lane, Kochi',
    note: 'has moved house',
  }),
  run: ({ input: { id, taxNumber, ...rest }, db }) =>
    one(
      db
        .updateTable('customer')
        .set({ ...rest, tax_number: taxNumber })
        .where('id', '=', id)
        .returning(columns),
    ),
})

const exported = download({
  summary: 'Take all customers as a file',
  file: { name: 'customers', types: ['text/csv', 'application/jsonl'] },
  input: z.strictObject(formats),
  output: Customer,
  example: () => ({}),
  run: ({ input, db }) => file([db.selectFrom('customer').select(columns)], input.format),
})

const importIt = action({
  summary: 'Add customers from a table, all or none; a dry run only says what is wrong with it',
  input: z.strictObject(sheetInput),
  output: SheetResult,
  rate: 'sensitive',
  refuses: ['customer_phone_taken'],
  example: () => ({ csv: 'name,phone\r\nLakshmi Nair,+919800000123\r\n', dryRun: true }),
  async run({ input: { csv, dryRun }, db }) {
    const sheet = readSheet(NewCard, csv)
    const phones = sheet.rows.flatMap(({ row: { phone } }) => phone ?? [])
    const known = phones.length
      ? await db.selectFrom('customer').select('phone').where('phone', 'in', phones).execute()
      : []
    taken(sheet, 'phone', new Set(known.map(({ phone }) => phone)), 'customer_phone_taken')
    const { problems, count } = sheet
    if (dryRun || problems.length > 0 || count === 0) return { rows: count, added: 0, problems }
    const cards = sheet.rows.map(({ row: { taxNumber, ...rest } }) => ({ ...blank, ...rest, tax_number: taxNumber }))
    await db.insertInto('customer').values(cards).execute()
    return { rows: count, added: cards.length, problems }
  },
})
export { exported as export, importIt as import }

/** Every row of one statement has the same columns. */
const blank = { phone: null, email: null, address: null, note: null }
