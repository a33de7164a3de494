import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { z } from 'zod'
import { Day, Id, Line, SignedMoney, file, formats, operations, Page, page, paging } from '#kernel'
import type { Tables } from '../tables.ts'

/** Money that came in and was used for nothing yet. */
const { query, download } = operations<Tables>()

const Row = z.strictObject({
  paidOn: Day,
  id: Id,
  number: Line,
  customerId: Id,
  customerName: Line,
  orderId: Id.nullable(),
  currency: Line,
  totalMinor: SignedMoney,
  leftMinor: SignedMoney,
})
const filter = { customerId: Id.optional() }
const Filter = z.strictObject(filter)
const by = ['paid_on', 'id'] as const

const rowsOf = (db: Kysely<Tables>, { customerId }: z.output<typeof Filter>) =>
  db
    .selectFrom(
      sql<z.output<typeof Row>>`(
      select paid_on as "paidOn", paid_on, p.id, series || '/' || year || '/' || number as number,
        customer_id as "customerId", c.name as "customerName", order_id as "orderId", currency,
        total_minor as "totalMinor", (total_minor - allocated_minor - refunded_minor)::bigint as "leftMinor"
      from payment p join customer c on c.id = p.customer_id
      where direction = 'in' and p.status = 'taken' and allocated_minor + refunded_minor < total_minor
        and (${customerId ?? null}::uuid is null or customer_id = ${customerId ?? null}::uuid)
    )`.as('report'),
    )
    .select(['paidOn', 'id', 'number', 'customerId', 'customerName', 'orderId', 'currency', 'totalMinor', 'leftMinor'])

export const list = query({
  summary: 'Show the payments of which something is left, oldest first',
  input: z.strictObject({ ...paging, ...filter }),
  output: Page(Row),
  example: (id) => ({ customerId: id('customer'), limit: 50 }),
  run: ({ input, db }) => page(rowsOf(db, input), input, by, 'asc'),
})

const exported = download({
  summary: 'Take the payments of which something is left as a file',
  file: { name: 'advances', types: ['text/csv', 'application/jsonl'] },
  input: z.strictObject({ ...formats, ...filter }),
  output: Row,
  example: (id) => ({ customerId: id('customer') }),
  run: ({ input, db }) => file([rowsOf(db, input)], input.format, by, 'asc'),
})
export { exported as export }
