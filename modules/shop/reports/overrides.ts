import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { z } from 'zod'
import { Day, Id, Line, SignedMoney, Text, file, formats, operations, Page, page, paging } from '#kernel'
import { period, YEAR } from './period.ts'
import type { Tables } from '../tables.ts'

/** What was made void, and what was let off beyond the limit: by whom and why. */
const { query, download } = operations<Tables>()

const Row = z.strictObject({
  day: Day,
  id: Id,
  what: Line,
  number: Line.nullable(),
  currency: Line,
  amountMinor: SignedMoney,
  reason: Text,
  byName: Line.nullable(),
})
const filter = period
const Filter = z.strictObject(filter)
const by = ['day', 'id'] as const

const rowsOf = (db: Kysely<Tables>, { from, to }: z.output<typeof Filter>) =>
  db
    .selectFrom(
      sql<z.output<typeof Row>>`(
      select voided_on as day, id, 'void ' || kind as what, series || '/' || year || '/' || number as number, currency,
        total_minor::bigint as "amountMinor", void_reason as reason, voided_by as "byName"
      from invoice where status = 'void' and voided_on between ${from}::date and ${to}::date
      union all
      select voided_on, id, case direction when 'in' then 'void payment' else 'void refund' end,
        series || '/' || year || '/' || number, currency, total_minor, void_reason, voided_by
      from payment where status = 'void' and voided_on between ${from}::date and ${to}::date
      union all
      select a.created_at::date, a.id, 'discount', i.series || '/' || i.year || '/' || i.number, i.currency,
        a.conceded_minor, a.reason, a.by_name
      from allowance a join invoice i on i.id = a.invoice_id
      where a.created_at >= ${from}::date and a.created_at < ${to}::date + 1
    )`.as('report'),
    )
    .select(['day', 'id', 'what', 'number', 'currency', 'amountMinor', 'reason', 'byName'])

export const list = query({
  summary: 'Show what was made void and what was let off beyond the limit in some days, last first',
  input: z.strictObject({ ...paging, ...filter }),
  output: Page(Row),
  example: () => ({ ...YEAR, limit: 50 }),
  run: ({ input, db }) => page(rowsOf(db, input), input, by, 'desc'),
})

const exported = download({
  summary: 'Take what was made void and let off in some days as a file',
  file: { name: 'overrides', types: ['text/csv', 'application/jsonl'] },
  input: z.strictObject({ ...formats, ...filter }),
  output: Row,
  example: () => YEAR,
  run: ({ input, db }) => file([rowsOf(db, input)], input.format, by, 'desc'),
})
export { exported as export }
