import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import type { Compilable, SelectExpression, Selection, SelectQueryBuilder } from 'kysely'
import { z } from 'zod'
import { Count } from './values.ts'

/**
 * Rows as a statement that has not run: dispatch lets Postgres write them as JSON and passes the text through, so
 * that a list of fifty costs one round trip and no walk over its rows. The columns are held against the output schema
 * instead.
 */
export class Rows<Out> {
  readonly shape: 'one' | 'many' | 'page'
  readonly query: Selecting
  readonly paging: Paging | undefined
  declare readonly out: Out

  constructor(shape: 'one' | 'many' | 'page', query: Selecting, paging?: Paging) {
    this.shape = shape
    this.query = query
    this.paging = paging
  }
}

/** A select of any table: dispatch adds the page's limits to it and compiles it. */
export type Selecting = SelectQueryBuilder<never, never, unknown>
export type Paging = {
  limit: number
  cursor: string | undefined
  /** Their rows are merged with those of the query, of which they have the columns. */
  beside: readonly Selecting[]
  by: readonly [string, ...string[]]
  direction: 'asc' | 'desc'
}

/**
 * One row, or 404: of a select, or returned by the one statement that an action is; that one then costs one round trip.
 */
export const one = <Row>(query: Compilable<Row>): Rows<Row> => new Rows('one', query as unknown as Selecting)

/**
 * The row of an id, or 404. No read is asked for as often, and its statement is always the same: it is written once,
 * when the module is read, where the query builder would write it for every request.
 */
export const rowOf =
  <Tables>() =>
  <From extends keyof Tables & string, Column extends SelectExpression<Tables, From> & string>(
    table: From,
    columns: readonly Column[],
  ): ((id: string) => Rows<Selection<Tables, From, Column>>) => {
    const { sql } = select(table, columns)
      .where('id' as never, '=', '' as never)
      .compile()
    return (id) => new Rows('one', { compile: () => ({ sql, parameters: [id] }) } as unknown as Selecting)
  }

/** Rows of a table, as a query to begin with. As long as nothing is added to it, a page of it is written once too. */
export const rowsOf =
  <Tables>() =>
  <From extends keyof Tables & string, Column extends SelectExpression<Tables, From> & string>(
    table: From,
    columns: readonly Column[],
  ): SelectQueryBuilder<Tables, From, Selection<Tables, From, Column>> => {
    const query = select(table, columns)
    standing.add(query)
    return query as never
  }

/** Queries that live as long as their module: what they compile to is worth keeping. */
export const standing = new WeakSet<object>()

const select = (table: string, columns: readonly unknown[]) =>
  writer.selectFrom(table as never).select(columns as never) as unknown as Selecting

/** All rows of several queries with the same columns. */
export const together = ([first, ...others]: readonly [Selecting, ...Selecting[]]): Selecting => {
  if (others.length === 0) return first
  const [whole, ...more] = [first, ...others].map((one) => writer.selectFrom(one.as('part')).selectAll())
  const all = more.reduce((sum, one) => sum.unionAll(one), whole!)
  return writer.selectFrom(all.as('part')).selectAll() as unknown as Selecting
}

/** Writes SQL and can run none. */
const writer = new Kysely<never>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: (db) => new PostgresIntrospector(db),
  },
})

/** All rows; the query limits itself. */
export const many = <Tables, From extends keyof Tables, Row>(
  query: SelectQueryBuilder<Tables, From, Row>,
): Rows<Row[]> => new Rows('many', query as unknown as Selecting)

/**
 * A page of rows, ordered by columns that together are unique and appear in the output (`issued_on` as `issuedOn`).
 * The place where the next page starts is the last row's values, signed, so that rows arriving meanwhile shift nothing.
 */
export function page<Tables, From extends keyof Tables, Row>(
  query: SelectQueryBuilder<Tables, From, Row>,
  asked: { limit: number; cursor?: string | undefined },
  by: readonly [string, ...string[]] = ['id'],
  direction: 'asc' | 'desc' = 'desc',
): Rows<{ data: Row[]; nextCursor: string | null }> {
  return pageOfAll([query], asked, by, direction)
}

/**
 * A page of the rows of several queries, for what no index has in one order: each of them is read no further than the
 * page goes.
 */
export function pageOfAll<Tables, From extends keyof Tables, Row>(
  queries: readonly [SelectQueryBuilder<Tables, From, Row>, ...SelectQueryBuilder<Tables, From, Row>[]],
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  by: readonly [string, ...string[]] = ['id'],
  direction: 'asc' | 'desc' = 'desc',
): Rows<{ data: Row[]; nextCursor: string | null }> {
  const [query, ...beside] = queries as unknown as [Selecting, ...Selecting[]]
  return new Rows('page', query, { limit, cursor, beside, by, direction })
}

/** The fields that a list's input spreads: `z.strictObject({ ...paging, search: … })`. */
export const paging = {
  limit: Count.min(1).max(200).default(50),
  cursor: z.string().max(1_000).optional(),
}

/** The output of a list. */
export const Page = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ data: z.array(item), nextCursor: z.string().nullable() })
