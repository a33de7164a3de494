import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { z } from 'zod'
import { Line, file, formats, operations, Page, page, paging } from '#kernel'
import { Metal } from '../metal.ts'
import type { Tables } from '../tables.ts'

/** Where the fine metal is: in the pieces, in old gold, and what of it is the customers’. */
const { query, download } = operations<Tables>()

const Row = z.strictObject({
  metal: Line,
  what: Line,
  fineMg: z.int(),
})
const filter = { metal: Metal.optional() }
const Filter = z.strictObject(filter)
const by = ['metal', 'what'] as const

const rowsOf = (db: Kysely<Tables>, { metal }: z.output<typeof Filter>) =>
  db
    .selectFrom(
      sql<z.output<typeof Row>>`(
      select metal, what, sum(fine)::bigint as "fineMg" from (
        select metal, 'stock' as what, net_mg::bigint * purity / 1000 as fine from piece
          where status in ('stock', 'reserved')
        union all select metal, 'old gold', fine_mg::bigint from old_gold where purpose <> 'deposit'
        union all select metal, 'owed to customers', fine_mg from metal_entry
      ) held where ${metal ?? null}::text is null or metal = ${metal ?? null}
      group by metal, what
    )`.as('report'),
    )
    .select(['metal', 'what', 'fineMg'])

export const list = query({
  summary: 'Show where the fine metal is, and whose it is',
  input: z.strictObject({ ...paging, ...filter }),
  output: Page(Row),
  example: () => ({ limit: 50 }),
  run: ({ input, db }) => page(rowsOf(db, input), input, by, 'asc'),
})

const exported = download({
  summary: 'Take where the fine metal is as a file',
  file: { name: 'metalbalance', types: ['text/csv', 'application/jsonl'] },
  input: z.strictObject({ ...formats, ...filter }),
  output: Row,
  example: () => ({}),
  run: ({ input, db }) => file([rowsOf(db, input)], input.format, by, 'asc'),
})
export { exported as export }
