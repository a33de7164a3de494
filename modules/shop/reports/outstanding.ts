import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { z } from 'zod'
import { Day, Id, Line, SignedMoney, file, formats, operations, Page, page, paging } from '#kernel'
import type { Tables } from '../tables.ts'

/** Invoices of which something is owed, the oldest first. */
const { query, download } = operations<Tables>()

const Row = z.strictObject({
  issuedOn: Day,
  id: Id,
  number: Line,
  customerId: Id,
  customerName: Line,
  currency: Line,
  totalMinor: SignedMoney,
  dueMinor: SignedMoney,
  days: z.int(),
})
const filter = { customerId: Id.optional() }
const Filter = z.strictObject(filter)
const by = ['issued_on', 'id'] as const

const rowsOf = (db: Kysely<Tables>, { customerId }: z.output<typeof Filter>) =>
  db
    .selectFrom(
      sql<z.output<typeof Row>>`(
      select issued_on as "issuedOn", issued_on, id, series || '/' || year || '/' || number as number,
        customer_id as "customerId", customer_name as "customerName", currency, total_minor as "totalMinor",
        (total_minor - settled_minor - credited_minor)::bigint as "dueMinor", current_date - issued_on as days
      from invoice where kind = 'invoice' and status = 'issued' and settled_minor + credited_minor < total_minor
        and (${customerId ?? null}::uuid is null or customer_id = ${customerId ?? null}::uuid)
    )`.as('report'),
    )
    .select(['issuedOn', 'id', 'number', 'customerId', 'customerName', 'currency', 'totalMinor', 'dueMinor', 'days'])

export const list = query({
  summary: 'Show the invoices of which something is owed, oldest first',
  input: z.strictObject({ ...paging, ...filter }),
  output: Page(Row),
  example: (id) => ({ customerId: id('customer'), limit: 50 }),
  run: ({ input, db }) => page(rowsOf(db, input), input, by, 'asc'),
})

const exported = download({
  summary: 'Take the invoices of which something is owed as a file',
  file: { name: 'outstanding', types: ['text/csv', 'application/jsonl'] },
  input: z.strictObject({ ...formats, ...filter }),
  output: Row,
  example: (id) => ({ customerId: id('customer') }),
  run: ({ input, db }) => file([rowsOf(db, input)], input.format, by, 'asc'),
})
export { exported as export }
