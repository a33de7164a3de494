import { z } from 'zod'

/** The values that cross the boundary. Each is one JSON type and one column type; the output guard knows both. */

export const Id = z.uuid()

/** A calendar day, `2026-11-20`; a `date` column. */
export const Day = z.iso.date().refine((day) => day >= '0001-01-01')

/** A moment in UTC as RFC 3339 text; a `timestamptz` column. */
export const Moment = z.iso.datetime({ offset: true }).refine(isStorable)

/** Within four digits of a year wherever one reads it, and no further from UTC than places on Earth are. */
function isStorable(moment: string): boolean {
  const ms = Date.parse(moment)
  return ms >= FIRST_MS && ms <= LAST_MS && /(?:Z|[+-](?:0\d|1[0-4]):\d\d)$/.test(moment)
}

const FIRST_MS = Date.parse('0001-01-02T00:00:00Z')
const LAST_MS = Date.parse('9999-12-30T00:00:00Z')

/** Minor units of a currency, never negative; a `minor_units` column. */
export const Money = z.int().nonnegative()

/** Minor units that may be below nothing: a balance, a difference. */
export const SignedMoney = z.int()

/** One line a person typed: trimmed, never empty. */
export const Line = z.string().trim().min(1).max(200)

/** A paragraph a person typed. */
export const Text = z.string().trim().max(2_000)

/** A word of ours from a closed list, as stored: `text` with a check in Postgres. */
export const oneOf = <const Words extends readonly [string, ...string[]]>(...words: Words) => z.enum(words)

/** Whole numbers in a query string arrive as text. */
export const Count = z.coerce.number().int()

const secrets = z.registry<{ secret: true }>()

/**
 * A value that must never be stored, logged or published as it came: the audit entry shows that it was there, not
 * what it was.
 */
export const Secret = z.string().min(8).max(4_096).register(secrets, { secret: true })
export const isSecret = (schema: z.core.$ZodType) => secrets.has(schema)
