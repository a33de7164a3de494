import { z } from 'zod'
import { parseCsv } from './csv.ts'

/** A table that somebody brings along: read whole, complained about row by row, and taken whole or not at all. */

/** Enough for an evening's typing; whoever has more brings it in turns. */
const MOST_ROWS = 1_000
const MOST_CHARACTERS = 900_000

export const sheetInput = { csv: z.string().min(1).max(MOST_CHARACTERS), dryRun: z.boolean() }

const Problem = z.strictObject({ row: z.int(), column: z.string(), code: z.string() })
type Problem = z.output<typeof Problem>

/** Row 1 holds the names of the columns. */
export const SheetResult = z.strictObject({ rows: z.int(), added: z.int(), problems: z.array(Problem) })

export type Sheet<Row> = { rows: { at: number; row: Row }[]; count: number; problems: Problem[] }

export function readSheet<Schema extends z.ZodObject>(schema: Schema, text: string): Sheet<z.output<Schema>> {
  const cells = parseCsv(text)
  const nothing = (column: string, code: string) => ({ rows: [], count: 0, problems: [{ row: 1, column, code }] })
  if (!cells) return nothing('', 'not_a_table')
  const [head = [], ...body] = cells
  if (body.length > MOST_ROWS) return nothing('', 'too_many_rows')
  const odd = head.find((name, at) => !Object.hasOwn(schema.shape, name) || head.indexOf(name) !== at)
  if (odd !== undefined) return nothing(odd, 'unknown_column')
  const sheet: Sheet<z.output<Schema>> = { rows: [], count: body.length, problems: [] }
  for (const [index, row] of body.entries()) readRow(schema, { head, row, at: index + 2 }, sheet)
  return sheet
}

type Reading = { head: readonly string[]; row: readonly string[]; at: number }

function readRow<Schema extends z.ZodObject>(
  schema: Schema,
  { head, row, at }: Reading,
  sheet: Sheet<z.output<Schema>>,
) {
  if (row.length > head.length) return void sheet.problems.push({ row: at, column: '', code: 'too_many_cells' })
  const said = head.flatMap((name, column) =>
    row[column] ? [[name, valueOf(schema, name, row[column])] as const] : [],
  )
  const parsed = schema.safeParse(Object.fromEntries(said))
  if (parsed.success) return void sheet.rows.push({ at, row: parsed.data })
  for (const { path, code } of parsed.error.issues)
    sheet.problems.push({ row: at, column: String(path[0] ?? ''), code })
  return undefined
}

/** Whole numbers are numbers where the column wants them; a phone number keeps its plus. */
function valueOf(schema: z.ZodObject, name: string, cell: string): string | number {
  const text = cell.trim()
  const isText = schema.shape[name]!.safeParse(text).success
  return !isText && /^\d{1,15}$/.test(text) ? Number(text) : text
}

/** Values that stand in two rows, or that are there already: each row that has one is told. */
export function taken<Row>(sheet: Sheet<Row>, field: keyof Row & string, known: ReadonlySet<unknown>, code: string) {
  const seen = new Set<unknown>(known)
  for (const { at, row } of sheet.rows) {
    const value = row[field]
    if (value === null || value === undefined) continue
    if (seen.has(value)) sheet.problems.push({ row: at, column: field, code })
    seen.add(value)
  }
}
