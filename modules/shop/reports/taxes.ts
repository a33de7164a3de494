import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { z } from 'zod'
import { Line, SignedMoney, file, formats, operations, Page, page, paging } from '#kernel'
import { inCurrency, YEAR } from './period.ts'
import type { Tables } from '../tables.ts'

/** What is owed of each tax: the sums of the papers as they stand. */
const { query, download } = operations<Tables>()

const Row = z.strictObject({
  kind: Line,
  place: Line,
  component: Line,
  name: Line,
  code: z.string(),
  perMillion: z.int(),
  lines: z.int(),
  taxableMinor: SignedMoney,
  taxMinor: SignedMoney,
})
const filter = inCurrency
const Filter = z.strictObject(filter)
const by = ['kind', 'place', 'component', 'name', 'code', 'per_million'] as const

const rowsOf = (db: Kysely<Tables>, { from, to, currency }: z.output<typeof Filter>) =>
  db
    .selectFrom(
      sql<z.output<typeof Row>>`(
      select kind, place, component, name, coalesce(code, '') as code, per_million as "perMillion", per_million,
        count(*)::bigint as lines, sum(t.taxable_minor)::bigint as "taxableMinor",
        sum(t.tax_minor)::bigint as "taxMinor"
      from invoice i join invoice_tax t on t.invoice_id = i.id
      where status = 'issued' and kind in ('invoice', 'credit') and currency = ${currency}
        and issued_on between ${from}::date and ${to}::date
      group by kind, place, component, name, coalesce(code, ''), per_million
    )`.as('report'),
    )
    .select(['kind', 'place', 'component', 'name', 'code', 'perMillion', 'lines', 'taxableMinor', 'taxMinor'])

export const list = query({
  summary: 'Show what is owed of each tax for some days',
  input: z.strictObject({ ...paging, ...filter }),
  output: Page(Row),
  example: () => ({ ...YEAR, currency: 'INR', limit: 50 }),
  run: ({ input, db }) => page(rowsOf(db, input), input, by, 'asc'),
})

const exported = download({
  summary: 'Take what is owed of each tax for some days as a file',
  file: { name: 'taxes', types: ['text/csv', 'application/jsonl'] },
  input: z.strictObject({ ...formats, ...filter }),
  output: Row,
  example: () => ({ ...YEAR, currency: 'INR' }),
  run: ({ input, db }) => file([rowsOf(db, input)], input.format, by, 'asc'),
})
export { exported as export }
