import type { z } from 'zod'
import { Refusal } from '../../contract/refusal.ts'
import type { Rows } from '../../contract/rows.ts'
import type { Served } from '../catalogue.ts'

/**
 * The output guard for rows: a statement may answer exactly the columns that the output schema names, each of a type
 * that its schema allows. Looked at once for each text of a statement; a difference is our bug, and nothing leaves.
 */
export function guardColumns(
  served: Served,
  shape: Rows<unknown>['shape'],
  text: string,
  describe: () => Promise<Columns>,
): Promise<void> | undefined {
  return passed.get(served)?.has(text) ? undefined : look(served, shape, text, describe)
}

type Columns = readonly { name: string; oid: number }[]

async function look(...[served, shape, text, describe]: Parameters<typeof guardColumns>): Promise<void> {
  const fields = await describe()
  const wanted = columnsOf(shapeOf(served.operation.output, shape))
  const wrong = [
    ...fields
      .filter(({ name, oid }) => !wanted.get(name)?.includes(oid))
      .map(({ name }) => `${name} is not declared so`),
    ...[...wanted.keys()]
      .filter((name) => !fields.some((field) => field.name === name))
      .map((name) => `${name} is missing`),
  ]
  if (fields.length > wanted.size) wrong.push('a column comes twice')
  if (wrong.length) throw new Refusal(500, 'internal', { inside: `output of ${served.name}: ${wrong.join(', ')}` })
  const known = passed.get(served) ?? new Set()
  if (known.size < MOST_TEXTS) passed.set(served, known.add(text))
}

/** Searches build a few texts each; beyond this the guard simply looks again. */
const MOST_TEXTS = 200
const passed = new WeakMap<Served, Set<string>>()

const TEXT = [25, 1043]
const byFormat: Record<string, number[]> = { uuid: [2950], date: [1082], datetime: [1184] }
const WHOLE = [20, 21, 23]
const BOOLEAN = [16]
const WORDS = [1009]

type Definition = {
  type: string
  innerType?: z.core.$ZodType
  element?: z.core.$ZodType
  shape?: Record<string, z.core.$ZodType>
  format?: string
}
const definition = (schema: z.core.$ZodType) => schema._zod.def as Definition

/** The object schema of one row inside the operation's output. */
function shapeOf(output: z.core.$ZodType, shape: Rows<unknown>['shape']): Record<string, z.core.$ZodType> {
  const list = shape === 'page' ? definition(output).shape?.['data'] : output
  const row = shape === 'one' ? output : list && definition(list).element
  return (row && definition(row).shape) ?? {}
}

function columnsOf(shape: Record<string, z.core.$ZodType>): Map<string, number[]> {
  return new Map(Object.entries(shape).map(([name, schema]) => [name, typesOf(schema)]))
}

/**
 * Column types that may stand for a schema; none for what has an inside of its own, which goes through the full
 * parse.
 */
function typesOf(schema: z.core.$ZodType): number[] {
  const { type, innerType, format, element } = definition(schema)
  if (innerType) return typesOf(innerType)
  if (type === 'string') return (format && byFormat[format]) || TEXT
  if (type === 'enum' || type === 'literal') return TEXT
  if (type === 'number') return WHOLE
  if (type === 'boolean') return BOOLEAN
  if (type === 'array' && element && typesOf(element) === TEXT) return WORDS
  return []
}
