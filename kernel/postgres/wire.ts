import pg from 'pg'

/** How values travel. Days and moments stay text in both directions; whole numbers must be safe in JavaScript. */
export type Reader = (text: string) => unknown

const OID = {
  bool: 16,
  bytea: 17,
  int8: 20,
  int2: 21,
  int4: 23,
  json: 114,
  float4: 700,
  float8: 701,
  date: 1082,
  timestamptz: 1184,
  jsonb: 3802,
}

const text: Reader = (value) => value
const readers = new Map<number, Reader>([
  [OID.bool, (value) => value === 't'],
  [OID.bytea, (value) => Buffer.from(value.slice(2), 'hex')],
  [OID.int8, safeNumber],
  [OID.int2, Number],
  [OID.int4, Number],
  [OID.float4, Number],
  [OID.float8, Number],
  [OID.json, (value) => JSON.parse(value)],
  [OID.jsonb, (value) => JSON.parse(value)],
  [OID.date, text],
  // `2026-11-20 09:00:00.5+00` becomes RFC 3339; every session runs in UTC.
  [OID.timestamptz, (value) => `${value.slice(0, 10)}T${value.slice(11)}:00`],
])

/** Arrays and rarer types are read as `pg` reads them; what it does not know stays text. */
export const readerOf = (oid: number): Reader => readers.get(oid) ?? (pg.types.getTypeParser(oid) as Reader)

function safeNumber(value: string) {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new RangeError('a whole number from the database does not fit JavaScript')
  return number
}

/** A value as the server reads text parameters. */
export function wire(value: unknown): string | Buffer | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string' || Buffer.isBuffer(value)) return value
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return `{${value.map(element).join(',')}}`
  return JSON.stringify(value)
}

function element(value: unknown): string {
  const plain = wire(value)
  return plain === null ? 'NULL' : `"${plain.toString().replace(/["\\]/g, '\\$&')}"`
}
