import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { z } from 'zod'
import { Day, Id, Line, SignedMoney, file, formats, operations, Page, page, paging } from '#kernel'
import { period, YEAR } from './period.ts'
import type { Tables } from '../tables.ts'

/** What happened on a day: papers issued, money in and out, each with whoever did it. */
const { query, download } = operations<Tables>()

const Row = z.strictObject({
  day: Day,
  id: Id,
  what: Line,
  number: Line,
  customerName: Line,
  currency: Line,
  amountMinor: SignedMoney,
  status: Line,
  byName: Line.nullable(),
})
const filter = period
const Filter = z.strictObject(filter)
const by = ['day', 'id'] as const

const rowsOf = (db: Kysely<Tables>, { from, to }: z.output<typeof Filter>) =>
  db
    .selectFrom(
      sql<z.output<typeof Row>>`(
      select issued_on as day, id, kind as what, series || '/' || year || '/' || number as number,
        customer_name as "customerName", currency,
        (case kind when 'credit' then -total_minor else total_minor end)::bigint as "amountMinor",
        status, by_name as "byName"
      from invoice where issued_on between ${from}::date and ${to}::date and kind in ('invoice', 'credit', 'order')
      union all
      select paid_on, p.id, case direction when 'in' then 'payment' else 'refund' end,
        series || '/' || year || '/' || number, c.name, currency,
        (case direction when 'in' then total_minor else -total_minor end)::bigint, status, by_name
      from payment p join customer c on c.id = p.customer_id
      where paid_on between ${from}::date and ${to}::date
    )`.as('report'),
    )
    .select(['day', 'id', 'what', 'number', 'customerName', 'currency', 'amountMinor', 'status', 'byName'])

export const list = query({
  summary: 'Show the day book: papers and payments of some days, last first',
  input: z.strictObject({ ...paging, ...filter }),
  output: Page(Row),
  example: () => ({ ...YEAR, limit: 50 }),
  run: ({ input, db }) => page(rowsOf(db, input), input, by, 'desc'),
})

const exported = download({
  summary: 'Take the day book of some days as a file',
  file: { name: 'daybook', types: ['text/csv', 'application/jsonl'] },
  input: z.strictObject({ ...formats, ...filter }),
  output: Row,
  example: () => YEAR,
  run: ({ input, db }) => file([rowsOf(db, input)], input.format, by, 'desc'),
})
export { exported as export }
