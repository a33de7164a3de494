import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { z } from 'zod'
import { Id, Line, SignedMoney, file, formats, operations, Page, page, paging } from '#kernel'
import { Currency } from '../metal.ts'
import type { Tables } from '../tables.ts'

/** What each customer owes, by how long it has been owed. */
const { query, download } = operations<Tables>()

const Row = z.strictObject({
  customerId: Id,
  customerName: Line,
  upTo30Minor: SignedMoney,
  upTo60Minor: SignedMoney,
  upTo90Minor: SignedMoney,
  olderMinor: SignedMoney,
  dueMinor: SignedMoney,
})
const filter = { currency: Currency }
const Filter = z.strictObject(filter)
const by = ['customer_id'] as const

const rowsOf = (db: Kysely<Tables>, { currency }: z.output<typeof Filter>) =>
  db
    .selectFrom(
      sql<z.output<typeof Row>>`(
      select customer_id as "customerId", customer_id, (select name from customer c where c.id = customer_id)
          as "customerName",
        coalesce(sum(due) filter (where days <= 30), 0)::bigint as "upTo30Minor",
        coalesce(sum(due) filter (where days between 31 and 60), 0)::bigint as "upTo60Minor",
        coalesce(sum(due) filter (where days between 61 and 90), 0)::bigint as "upTo90Minor",
        coalesce(sum(due) filter (where days > 90), 0)::bigint as "olderMinor",
        sum(due)::bigint as "dueMinor"
      from (select customer_id, current_date - issued_on as days, total_minor - settled_minor - credited_minor as due
        from invoice where kind = 'invoice' and status = 'issued' and settled_minor + credited_minor < total_minor
          and currency = ${currency}) owed
      group by customer_id
    )`.as('report'),
    )
    .select(['customerId', 'customerName', 'upTo30Minor', 'upTo60Minor', 'upTo90Minor', 'olderMinor', 'dueMinor'])

export const list = query({
  summary: 'Show what each customer owes by how long it has been owed',
  input: z.strictObject({ ...paging, ...filter }),
  output: Page(Row),
  example: () => ({ currency: 'INR', limit: 50 }),
  run: ({ input, db }) => page(rowsOf(db, input), input, by, 'asc'),
})

const exported = download({
  summary: 'Take what each customer owes by age as a file',
  file: { name: 'ageing', types: ['text/csv', 'application/jsonl'] },
  input: z.strictObject({ ...formats, ...filter }),
  output: Row,
  example: () => ({ currency: 'INR' }),
  run: ({ input, db }) => file([rowsOf(db, input)], input.format, by, 'asc'),
})
export { exported as export }
