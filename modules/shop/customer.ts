import { z } from 'zod'
import { Id, Line, Moment, one, operations, Page, page, paging, Text } from '#kernel'
import type { Tables } from './tables.ts'

const { action, query, row, rows } = operations<Tables>()

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

export const create = action({
  summary: 'Add a customer',
  input: Card.partial({ phone: true, email: true, taxNumber: true, address: true, note: true }),
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
