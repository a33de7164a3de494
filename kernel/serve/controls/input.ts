import { control } from '../../contract/control.ts'
import type { Canary, Live, Told } from '../../contract/control.ts'
import { describedIn } from './description.ts'
import type { Described, Schema } from './description.ts'

export const input = control({
  claim: 'Every input is held against its declared schema: unknown fields, wrong types and ambiguous JSON are refused.',
  enforcedBy: ['kernel/serve/boundary.ts', 'kernel/transport/json.ts', 'kernel/transport/query.ts'],
  every: '5 minutes',
  async probe(live) {
    const { north } = live.canaries[0]!
    const tried = await Promise.all((await describedIn(live)).map((described) => faultsOf(live, north, described)))
    const faults = tried.flat()
    return faults.length
      ? { holds: false, saw: 'an input that does not fit was not refused for what is wrong with it', detail: faults }
      : { holds: true, saw: 'every operation refused unknown fields, wrong types and what can be read in two ways' }
  },
  sabotage: async ({ misconfigure }) => misconfigure('no unknown-field check'),
})

async function faultsOf(live: Live, canary: Canary, described: Described): Promise<string[]> {
  const { name } = described
  const say = (what: string, told: Told) => `${name}, ${what}: ${told.status} ${told.text.slice(0, 500)}`
  const faults: string[] = []

  // Nothing but unknown fields: what is required is missing, so that even a careless build would do nothing.
  const unknown = await canary.call(name, strange(described.input), 'input')
  if (!refuses(unknown, pointersOf(described.input), 'unknown_field')) faults.push(say('unknown fields', unknown))

  const wrong = mistyped(described)
  const typed = await canary.call(name, wrong, 'input')
  const pointers = Object.keys(wrong).map((key) => `/${key}`)
  if (pointers.length && !refuses(typed, pointers)) faults.push(say('wrong types', typed))

  for (const [what, told, code] of await trapped(live, canary, described))
    if (told.status !== 400 || problemOf(told).code !== code) faults.push(say(what, told))
  return faults
}

type Problem = { code?: string; errors?: { pointer: string; code: string }[] }
const problemOf = (told: Told): Problem => (told.status >= 400 ? (told.json() as Problem) : {})

/** Refused, and each of these places is named as a reason: a refusal for something else would show nothing. */
function refuses(told: Told, pointers: readonly string[], code?: string): boolean {
  const { errors = [] } = problemOf(told)
  const isNamed = (pointer: string) =>
    errors.some((one) => one.pointer.startsWith(pointer) && (code === undefined || one.code === code))
  return told.status === 400 && pointers.every(isNamed)
}

const UNKNOWN = 'unexpected'

/** An unknown field, and nothing else, in every object that the input can hold. */
function strange({ properties, items }: Schema): unknown {
  if (items) return [strange(items)]
  const inner = Object.entries(properties ?? {}).filter(([, schema]) => holdsObject(schema))
  return { ...Object.fromEntries(inner.map(([key, schema]) => [key, strange(schema)])), [UNKNOWN]: 1 }
}

function pointersOf({ properties, items }: Schema, at = ''): string[] {
  if (items) return pointersOf(items, `${at}/0`)
  const inner = Object.entries(properties ?? {}).filter(([, schema]) => holdsObject(schema))
  return [`${at}/${UNKNOWN}`, ...inner.flatMap(([key, schema]) => pointersOf(schema, `${at}/${key}`))]
}

const holdsObject = ({ properties, items }: Schema): boolean =>
  properties !== undefined || (items !== undefined && holdsObject(items))

/** Every field with a value that it cannot have. In an address all values are text, so some are only too long. */
function mistyped({ kind, input: { properties = {} } }: Described): Record<string, unknown> {
  const wrong = kind === 'query' ? wrongText : wrongValue
  return Object.fromEntries(
    Object.entries(properties)
      .map(([key, schema]) => [key, wrong(schema)] as const)
      .filter(([, value]) => value !== undefined),
  )
}

function wrongValue({ type, anyOf, enum: words, properties, items }: Schema): unknown {
  if (properties || items) return 'neither a list nor an object'
  return type || anyOf || words ? { not: ['this'] } : undefined
}

function wrongText({ type, format, pattern, enum: words, maxLength }: Schema): string | undefined {
  if (type !== 'string' || format || pattern || words) return 'not ☃ this'
  return maxLength === undefined ? undefined : 'x'.repeat(maxLength + 1)
}

/** Texts that two readers of JSON take for different things, or that none can store. */
const BODIES = {
  'a NUL': '{"name":"a\\u0000b"}',
  'half a character': '{"name":"\\ud800"}',
  'a name that comes twice': '{"name":"a","name":"b"}',
  'a prototype': '{"__proto__":{"admin":true}}',
  'a number that is rounded': '{"name":9007199254740993}',
  'deep nesting': `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
}

const ADDRESSES = {
  'a NUL': 'name=a%00b',
  'half a character': 'name=%ED%A0%80',
  'a broken escape': 'name=%zz',
  'a name that comes twice': 'name=a&name=b',
  'a prototype': '__proto__=1',
}

/** What was sent, the answer, and the code it must have: refused by the schema it would have got too far. */
async function trapped({ http }: Live, { key }: Canary, { name, kind }: Described) {
  const headers = { authorization: `Bearer ${key}` }
  const asked =
    kind === 'query'
      ? Object.entries(ADDRESSES).map(
          async ([what, query]) => [what, await http(`/v1/${name}?${query}`, { headers }), 'malformed-query'] as const,
        )
      : Object.entries(BODIES).map(async ([what, body]) => {
          const json = { ...headers, 'content-type': 'application/json' }
          return [what, await http(`/v1/${name}`, { method: 'POST', headers: json, body }), 'malformed-json'] as const
        })
  return await Promise.all(asked)
}
