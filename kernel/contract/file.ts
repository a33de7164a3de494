import { sql } from 'kysely'
import type { SelectQueryBuilder } from 'kysely'
import { together } from './rows.ts'
import type { Selecting } from './rows.ts'
import { oneOf } from './values.ts'

/** What a download answers: all rows of a statement that is yet to run, or lines that the operation makes itself. */
export type File<Row> = AllRows<Row> | Lines

export type FileType = 'text/csv' | 'application/jsonl'

/** Every row, read in pieces; the columns are held against the output schema as those of a list are. */
export class AllRows<Row> {
  readonly query: Selecting
  readonly format: Format
  declare readonly out: Row

  constructor(query: Selecting, format: Format) {
    this.query = query
    this.format = format
  }
}

/** Lines as they leave, each with its line break. They may be made from `db`, which sees one state of all rows. */
export class Lines {
  readonly lines: AsyncIterable<string>
  readonly type: FileType
  /** How many rows there are in them, where that is known before. */
  readonly rows: number | undefined

  constructor(lines: AsyncIterable<string>, type: FileType, rows?: number) {
    this.lines = lines
    this.type = type
    this.rows = rows
  }
}

/**
 * `run: ({ db, input }) => file([db.selectFrom('customer').select(columns)], input.format)`: the rows of all queries,
 * in the order of a list.
 */
export const file = <Tables, From extends keyof Tables, Row>(
  queries: readonly [SelectQueryBuilder<Tables, From, Row>, ...SelectQueryBuilder<Tables, From, Row>[]],
  format: Format,
  by: readonly [string, ...string[]] = ['id'],
  direction: 'asc' | 'desc' = 'desc',
): AllRows<Row> => {
  const all = together(queries as unknown as [Selecting, ...Selecting[]])
  return new AllRows(
    by.reduce((sum, column) => sum.orderBy(sql.ref(column), direction), all),
    format,
  )
}

export const lines = (made: AsyncIterable<string>, type: FileType = 'application/jsonl', rows?: number): Lines =>
  new Lines(made, type, rows)

const FORMATS = ['csv', 'jsonl'] as const
type Format = (typeof FORMATS)[number]

/** The field that a download's input spreads where it can be either: for a spreadsheet, or for a program. */
export const formats = { format: oneOf(...FORMATS).default('csv') }

export const TYPES: Readonly<Record<Format, FileType>> = { csv: 'text/csv', jsonl: 'application/jsonl' }
