import { sql } from 'kysely'
import { Refusal, notFound } from '../../contract/refusal.ts'
import { standing, together } from '../../contract/rows.ts'
import type { Paging, Rows, Selecting } from '../../contract/rows.ts'
import { named } from '../../postgres/queries.ts'
import type { Work } from '../../postgres/work.ts'
import { decodeCursor, encodeCursor } from './cursor.ts'
import type { Signing } from './cursor.ts'
import type { guardColumns } from './guard.ts'
import type { Served } from '../catalogue.ts'

/**
 * Rows as JSON text, written by Postgres and passed through. What may leave is decided by comparing the statement's
 * columns with the output schema, once for each statement; fifty rows then cost what one row costs us.
 */
export async function answerRows(
  rows: Rows<unknown>,
  served: Served,
  work: Work,
  role: string,
  signing: Signing,
  guard: typeof guardColumns,
): Promise<string> {
  const { shape, paging } = rows
  const { sql: inner, parameters } = paging ? compiledPage(rows.query, paging, signing) : rows.query.compile()
  const describe = async () => (await work.run(named(`select * from (${inner}) q limit 0`, parameters, role))).fields
  const looking = guard(served, shape, inner, describe)
  if (looking) await looking
  const result = await work.run(named(asJson(shape === 'one' ? 'row' : 'rows', inner), parameters, role))
  const row = result.rows[0] as { body: string; n: number } | undefined
  if (!row) throw notFound()
  return paging ? pageBody(row.body, row.n, paging, signing) : row.body
}

/** Kept by the text that it is made of, so that a known one is found again without being read a second time. */
function asJson(form: 'row' | 'rows', inner: string): string {
  const known = texts[form]
  let text = known.get(inner)
  if (!text) {
    if (known.size >= MOST_TEXTS) known.clear()
    known.set(inner, (text = forms[form](inner)))
  }
  return text
}

const forms = {
  row: (inner: string) => `select row_to_json(q)::text as body from (${inner}) q`,
  rows: (inner: string) => `select coalesce(json_agg(q), '[]')::text as body, count(*)::int as n from (${inner}) q`,
}
const texts = { row: new Map<string, string>(), rows: new Map<string, string>() }
/** Texts are few and come from code; the cap is for the ones that a search builds. */
const MOST_TEXTS = 2_000

/** Of a query that stands in its module, the first page differs from request to request by its limit alone. */
function compiledPage(query: Selecting, paging: Paging, signing: Signing): Written {
  if (paging.cursor !== undefined || !standing.has(query)) return paged(query, paging, signing).compile()
  const order = `${paging.by.join()} ${paging.direction}`
  const known = firstPages.get(query)
  if (known?.order === order) return { sql: known.sql, parameters: [paging.limit + 1] }
  const { sql, parameters } = paged(query, paging, signing).compile()
  firstPages.set(query, { sql, order })
  return { sql, parameters }
}

type Written = { sql: string; parameters: readonly unknown[] }
const firstPages = new WeakMap<Selecting, { sql: string; order: string }>()

/** One row more than asked for tells whether there is a next page; of several queries, that many of each are enough. */
function paged(query: Selecting, paging: Paging, signing: Signing): Selecting {
  const { beside, by, direction, limit, cursor } = paging
  const from = cursor === undefined ? undefined : decodeCursor(cursor, by.length, signing)
  const first = (all: Selecting) =>
    by.reduce((sum, column) => sum.orderBy(sql.ref(column), direction), all).limit(limit + 1)
  if (beside.length === 0) return first(after(query, paging, from))
  return first(together([first(after(query, paging, from)), ...beside.map((one) => first(after(one, paging, from)))]))
}

function after(query: Selecting, { by, direction }: Paging, from: readonly unknown[] | undefined): Selecting {
  if (!from) return query
  const columns = sql.join(by.map((column) => sql.ref(column)))
  return query.where(sql<boolean>`(${columns}) ${direction === 'desc' ? sql`<` : sql`>`} (${sql.join([...from])})`)
}

/**
 * `json_agg` puts each element on a line of its own, and a line break inside a string is always escaped, so the last
 * row can be cut off, or read for the cursor, without parsing the others.
 */
function pageBody(body: string, count: number, { limit, by }: Paging, signing: Signing): string {
  if (count <= limit) return `{"data":${body},"nextCursor":null}`
  const end = body.lastIndexOf(', \n')
  const kept = body.slice(0, end)
  const start = kept.lastIndexOf('\n')
  const last = JSON.parse(kept.slice(start === -1 ? 1 : start + 1)) as Record<string, unknown>
  const values = by.map((column) => last[camel(column)])
  if (values.includes(undefined))
    throw new Refusal(500, 'internal', { inside: `the output lacks a column it is ordered by: ${by.join(', ')}` })
  return `{"data":${kept}],"nextCursor":${JSON.stringify(encodeCursor(values, signing))}}`
}

/** `invoice.issued_on` appears in the output as `issuedOn`. */
const camel = (column: string) =>
  column.slice(column.lastIndexOf('.') + 1).replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
