import { randomUUID } from 'node:crypto'
import type { Canary } from '../kernel/contract/control.ts'
import type { Dice } from './dice.ts'

/** As much of JSON Schema as inputs are made of. */
export type Schema = {
  type?: string
  format?: string
  pattern?: string
  enum?: readonly unknown[]
  anyOf?: readonly Schema[]
  properties?: Record<string, Schema>
  required?: readonly string[]
  items?: Schema
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  minimum?: number
  maximum?: number
}

/** A value as far out as its schema allows, and now and then a step further. */
export function edgeOf(schema: Schema, roll: Dice, canary: Canary): unknown {
  const one = <T>(from: readonly T[]) => from[roll(from.length)]!
  if (schema.enum) return one(schema.enum)
  if (schema.anyOf) return edgeOf(one(schema.anyOf), roll, canary)
  if (schema.type === 'integer' || schema.type === 'number') return numberOf(schema, roll)
  if (schema.type === 'string') return stringOf(schema, roll, canary)
  if (schema.type === 'boolean') return roll(2) === 0
  if (schema.type === 'array') {
    const most = Math.min(schema.maxItems ?? 120, 120)
    const length = one([schema.minItems ?? 0, 1, 2, roll(12), ...(roll(20) ? [] : [most, most + 1])])
    return Array.from({ length }, () => edgeOf(schema.items ?? {}, roll, canary))
  }
  if (schema.type === 'object') {
    const given = Object.entries(schema.properties ?? {}).filter(([key]) => schema.required?.includes(key) || roll(2))
    return Object.fromEntries(given.map(([key, inner]) => [key, edgeOf(inner, roll, canary)]))
  }
  return null
}

function numberOf({ minimum = -MOST, maximum = MOST }: Schema, roll: Dice): number {
  const edges = [minimum, maximum, minimum + 1, maximum - 1, Math.round((minimum + maximum) / 2), 0, 1]
  const beyond = [minimum - 1, maximum + 1, 0.5, -0, 1e300]
  return roll(10) ? edges[roll(edges.length)]! : beyond[roll(beyond.length)]!
}

const MOST = Number.MAX_SAFE_INTEGER

function stringOf({ format, pattern, minLength = 0, maxLength = 400 }: Schema, roll: Dice, canary: Canary): string {
  const one = (from: readonly string[]) => from[roll(from.length)]!
  if (format === 'uuid') return roll(3) ? canary.thing(one(THINGS)) : one([...IDS, randomUUID(), canary.workspace])
  if (format === 'date') return one(MOMENTS).slice(0, 10)
  if (format === 'date-time') return one(MOMENTS)
  if (format === 'email') return one(ADDRESSES)
  const fitting = pattern ? SAMPLES.filter((sample) => new RegExp(pattern, 'u').test(sample)) : []
  if (fitting.length && roll(5)) return one(fitting)
  const length = [minLength, minLength + 1, maxLength, maxLength + 1, roll(maxLength + 1)][roll(5)]!
  return one(LETTERS).repeat(length).slice(0, length)
}

const THINGS = ['customer', 'movingCustomer', 'invoice', 'draftInvoice', 'issuedInvoice', 'key', 'spareKey', 'oldKey']
const IDS = [
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '01A1F848-DA0A-77A5-B12D-19E77FBB8427',
  '{01a1f848-da0a-77a5-b12d-19e77fbb8427}',
  '01a1f848da0a77a5b12d19e77fbb8427',
]
const MOMENTS = [
  '2026-11-20T09:00:00Z',
  '2026-11-20T09:00:00.123456789123Z',
  '2026-11-20T09:00:00+05:30',
  '2026-11-20T09:00:00-12:00',
  '2026-11-20T09:00:00+23:59',
  '2026-11-20T09:00:00-23:59',
  '2026-11-20T09:00:00-00:00',
  '2026-11-20T09:00Z',
  '0000-01-01T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '0001-01-01T00:00:00+14:00',
  '9999-12-31T23:59:59.999999Z',
  '9999-12-31T23:59:59.999999999Z',
  '9999-12-31T23:59:59-14:00',
  '2024-02-29T00:00:00Z',
  '2100-02-29T00:00:00Z',
  '1582-10-10T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-11-20T24:00:00Z',
  '2026-11-20T23:59:60Z',
  'infinity',
  'now',
]
const ADDRESSES = [
  'a@b.example',
  `${'a'.repeat(64)}@${'b'.repeat(180)}.example`,
  'a@b',
  "o'hara@b.example",
  'a@b.example\r\nBcc: c@d.example',
]
const SAMPLES = [
  'INR',
  'ZZZ',
  'A',
  'INV',
  'ABCDEFGH',
  'A1B2C3D4',
  '+1234567',
  '+123456789012345',
  '+919800000001',
  '0',
  'x',
]
const LETTERS = [
  'a',
  ' ',
  '\n',
  '\t',
  "'",
  '"',
  '\\',
  '%',
  '_',
  '\u0001',
  '\u007f',
  '\u00a0',
  '\u200b',
  '\u202e',
  'é',
  'ا',
  '金',
  '👍',
  'ﷺ',
  '\uffff',
  '$1',
  '{}',
  '<b>',
]

/** What nobody should ever send. */
export const odd = (roll: Dice): unknown => ODD[roll(ODD.length)]

const ODD: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e308,
  5e-324,
  MOST,
  MOST + 2,
  '',
  ' ',
  '\u0000',
  '\ud800',
  'a\u0000b',
  "'; select pg_sleep(9); --",
  "' or '1'='1",
  '$1',
  '%00',
  '%',
  '../../../etc/passwd',
  '{{7*7}}',
  '${7*7}',
  '<script>alert(1)</script>',
  'vsk_',
  '2026-02-30',
  '9999999999999-01-01',
  'ﷺ'.repeat(500),
  'a'.repeat(5_000),
  '👨‍👩‍👧‍👦'.repeat(100),
  [],
  [[]],
  [null],
  {},
  { toString: 1 },
  { length: 1e9 },
  { $ne: null },
  { constructor: 1 },
  Array.from({ length: 300 }, () => 1),
]
