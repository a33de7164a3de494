import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { z } from 'zod'
import { Line, SignedMoney, file, formats, operations, Page, page, paging } from '#kernel'
import { inCurrency, YEAR } from './period.ts'
import type { Tables } from '../tables.ts'

/** What was sold, by what it is; what came back is taken off. */
const { query, download } = operations<Tables>()

const Row = z.strictObject({
  metal: Line,
  purity: z.int(),
  description: Line,
  lines: z.int(),
  weightMg: z.int(),
  discountMinor: SignedMoney,
  taxableMinor: SignedMoney,
})
const filter = inCurrency
const Filter = z.strictObject(filter)
const by = ['metal', 'purity', 'description'] as const

const rowsOf = (db: Kysely<Tables>, { from, to, currency }: z.output<typeof Filter>) =>
  db
    .selectFrom(
      sql<z.output<typeof Row>>`(
      select metal, purity, description, sum(sign)::bigint as lines, sum(sign * weight_mg)::bigint as "weightMg",
        sum(sign * discount_minor)::bigint as "discountMinor", sum(sign * l.taxable_minor)::bigint as "taxableMinor"
      from (select id, case kind when 'credit' then -1 else 1 end as sign from invoice
        where status = 'issued' and kind in ('invoice', 'credit') and currency = ${currency}
          and issued_on between ${from}::date and ${to}::date) i
      join invoice_line l on l.invoice_id = i.id
      group by metal, purity, description
    )`.as('report'),
    )
    .select(['metal', 'purity', 'description', 'lines', 'weightMg', 'discountMinor', 'taxableMinor'])

export const list = query({
  summary: 'Show what was sold in some days, by metal, purity and description',
  input: z.strictObject({ ...paging, ...filter }),
  output: Page(Row),
  example: () => ({ ...YEAR, currency: 'INR', limit: 50 }),
  run: ({ input, db }) => page(rowsOf(db, input), input, by, 'asc'),
})

const exported = download({
  summary: 'Take what was sold in some days as a file',
  file: { name: 'sales', types: ['text/csv', 'application/jsonl'] },
  input: z.strictObject({ ...formats, ...filter }),
  output: Row,
  example: () => ({ ...YEAR, currency: 'INR' }),
  run: ({ input, db }) => file([rowsOf(db, input)], input.format, by, 'asc'),
})
export { exported as export }
