import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { z } from 'zod'
import { Line, file, formats, operations, Page, page, paging } from '#kernel'
import type { Tables } from '../tables.ts'

/** What lies in the trays by metal, purity and age. */
const { query, download } = operations<Tables>()

const Row = z.strictObject({
  metal: Line,
  purity: z.int(),
  /** The youngest that the row counts: of 0, 30, 90, 180 and 365 days. */
  fromDays: z.int(),
  pieces: z.int(),
  grossMg: z.int(),
  netMg: z.int(),
  fineMg: z.int(),
})
const filter = { location: Line.max(60).optional() }
const Filter = z.strictObject(filter)
const by = ['metal', 'purity', 'from_days'] as const

const rowsOf = (db: Kysely<Tables>, { location }: z.output<typeof Filter>) =>
  db
    .selectFrom(
      sql<z.output<typeof Row>>`(
      select metal, purity, from_days as "fromDays", from_days, count(*)::bigint as pieces,
        sum(gross_mg)::bigint as "grossMg", sum(net_mg)::bigint as "netMg",
        (sum(net_mg) * purity / 1000)::bigint as "fineMg"
      from (select *, case when age >= 365 then 365 when age >= 180 then 180 when age >= 90 then 90
          when age >= 30 then 30 else 0 end as from_days
        from (select *, current_date - created_at::date as age from piece where status in ('stock', 'reserved')
          and (${location ?? null}::text is null or location = ${location ?? null})) aged) kept
      group by metal, purity, from_days
    )`.as('report'),
    )
    .select(['metal', 'purity', 'fromDays', 'pieces', 'grossMg', 'netMg', 'fineMg'])

export const list = query({
  summary: 'Show the stock by metal, purity and age',
  input: z.strictObject({ ...paging, ...filter }),
  output: Page(Row),
  example: () => ({ limit: 50 }),
  run: ({ input, db }) => page(rowsOf(db, input), input, by, 'asc'),
})

const exported = download({
  summary: 'Take the stock by metal, purity and age as a file',
  file: { name: 'stock', types: ['text/csv', 'application/jsonl'] },
  input: z.strictObject({ ...formats, ...filter }),
  output: Row,
  example: () => ({}),
  run: ({ input, db }) => file([rowsOf(db, input)], input.format, by, 'asc'),
})
export { exported as export }
