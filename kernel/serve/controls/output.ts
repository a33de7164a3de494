import { control } from '../../contract/control.ts'
import type { Canary, Live, LiveOperation, Told } from '../../contract/control.ts'
import { describedIn } from './description.ts'
import type { Described, Schema } from './description.ts'

export const output = control({
  claim: 'What leaves is what is declared: no answer has a field, at any depth, that its published description lacks.',
  enforcedBy: ['kernel/serve/boundary.ts', 'kernel/serve/rows/guard.ts'],
  every: '5 minutes',
  async probe(live) {
    const { north } = live.canaries[0]!
    const queries = (await describedIn(live)).filter(({ kind }) => kind === 'query')
    const looked = await Promise.all(queries.map((query) => look(live, north, query)))
    const faults = looked.flatMap(({ wrong }) => wrong)
    const rows = looked.reduce((sum, one) => sum + one.rows, 0)
    if (faults.length) return { holds: false, saw: 'an answer was not what its description says', detail: faults }
    return rows > 0
      ? { holds: true, saw: 'every answer had the fields of its description and no other', detail: { rows } }
      : { holds: false, saw: 'there was no record whose fields could be looked at' }
  },
  /** Both are needed: an author who answers too much, and nobody at the door. */
  async sabotage({ misconfigure, replace }) {
    const unguard = misconfigure('no output guard')
    const correct = replace('identity.workspace.get', ({ workspace }) => ({
      id: workspace,
      name: 'As declared',
      createdAt: new Date().toISOString(),
      secondFactor: 'policy',
      secondFactorFrom: null,
      internalNote: 'pays late',
    }))
    return async () => {
      await correct()
      await unguard()
    }
  },
})

async function look(live: Live, canary: Canary, { name, input, output, isLines }: Described) {
  const { example } = live.operations.find((one) => one.name === name) as LiveOperation
  // Of a table only its lines say which field is which.
  const asLines = isLines && input.properties?.['format'] ? { format: 'jsonl' } : {}
  const told = await canary.call(name, { ...example(canary), ...asLines })
  if (told.status !== 200) return { rows: 0, wrong: [`${name} answered ${told.status} to its own example`] }
  const [answer, schema]: [unknown, Schema] = isLines ? [linesOf(told), { items: output }] : [told.json(), output]
  return { rows: rowsIn(answer), wrong: differences(answer, schema).map((where) => `${name}: ${where}`) }
}

const linesOf = ({ text }: Told): unknown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)

const rowsIn = (answer: unknown): number => {
  const list = Array.isArray(answer) ? answer : (answer as { data?: unknown[] }).data
  return list?.length ?? 0
}

/**
 * Places where a value is not what the schema allows, with what is wrong there; written without the schema's own
 * library.
 */
function differences(value: unknown, schema: Schema, at = ''): string[] {
  const { anyOf, properties, items, required = [] } = schema
  if (anyOf) return anyOf.some((one) => differences(value, one, at).length === 0) ? [] : [`${at} fits none`]
  if (properties) {
    if (!isObject(value)) return [`${at} is no object`]
    const undeclared = Object.keys(value).filter((key) => !(key in properties))
    const missing = required.filter((key) => !(key in value))
    return [
      ...undeclared.map((key) => `${at}/${key} is not declared`),
      ...missing.map((key) => `${at}/${key} is missing`),
      ...Object.keys(value).flatMap((key) => differences(value[key], properties[key] ?? {}, `${at}/${key}`)),
    ]
  }
  if (items)
    return Array.isArray(value)
      ? value.flatMap((one, index) => differences(one, items, `${at}/${index}`))
      : [`${at} is no list`]
  return isOfType(value, schema) ? [] : [`${at} is of another type`]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function isOfType(value: unknown, { type, enum: words, const: only }: Schema): boolean {
  if (words) return words.includes(value)
  if (only !== undefined) return value === only
  const types = type === undefined ? [] : [type].flat()
  return types.length === 0 || types.some((one) => IS[one]?.(value))
}

const IS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
}
