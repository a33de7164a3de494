import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { z } from 'zod'
import { Line, SignedMoney, file, formats, operations, Page, page, paging } from '#kernel'
import { inCurrency, YEAR } from './period.ts'
import type { Tables } from '../tables.ts'

/** Who sold how much, and let off how much. */
const { query, download } = operations<Tables>()

const Row = z.strictObject({
  byName: Line,
  papers: z.int(),
  totalMinor: SignedMoney,
  concededMinor: SignedMoney,
})
const filter = inCurrency
const Filter = z.strictObject(filter)
const by = ['by_name'] as const

const rowsOf = (db: Kysely<Tables>, { from, to, currency }: z.output<typeof Filter>) =>
  db
    .selectFrom(
      sql<z.output<typeof Row>>`(
      select by_name as "byName", by_name, count(*)::bigint as papers,
        sum(case kind when 'credit' then -total_minor else total_minor end)::bigint as "totalMinor",
        sum(conceded_minor)::bigint as "concededMinor"
      from invoice where status = 'issued' and kind in ('invoice', 'credit') and currency = ${currency}
        and issued_on between ${from}::date and ${to}::date and by_name is not null
      group by by_name
    )`.as('report'),
    )
    .select(['byName', 'papers', 'totalMinor', 'concededMinor'])

export const list = query({
  summary: 'Show who sold how much in some days, and what they let off',
  input: z.strictObject({ ...paging, ...filter }),
  output: Page(Row),
  example: () => ({ ...YEAR, currency: 'INR', limit: 50 }),
  run: ({ input, db }) => page(rowsOf(db, input), input, by, 'asc'),
})

const exported = download({
  summary: 'Take who sold how much in some days as a file',
  file: { name: 'staff', types: ['text/csv', 'application/jsonl'] },
  input: z.strictObject({ ...formats, ...filter }),
  output: Row,
  example: () => ({ ...YEAR, currency: 'INR' }),
  run: ({ input, db }) => file([rowsOf(db, input)], input.format, by, 'asc'),
})
export { exported as export }
