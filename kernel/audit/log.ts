import { sql } from 'kysely'
import { z } from 'zod'
import { lines } from '../contract/file.ts'
import { operations } from '../contract/operation.ts'
import { Id } from '../contract/values.ts'
import type { Tables } from './tables.ts'

const { download } = operations<Tables>()

/** A head of the log is a few lines; with the names of as many witnesses as anybody has it is some thousand letters. */
const LONGEST_CHECKPOINT = 8_000

const Half = z.strictObject({ salt: z.string(), value: z.unknown() }).nullable()

/** A line of docs/audit-export.md, which says what is in each. */
const Line = z.union([
  z.strictObject({
    format: z.string(),
    workspace: Id,
    epoch: z.int(),
    origin: z.string(),
    key: z.string(),
    checkpoint: z.string(),
    tally: z.string(),
    consistency: z.strictObject({ size: z.int(), root: z.string(), hashes: z.array(z.string()) }).nullable(),
  }),
  z.strictObject({ leaf: z.unknown(), index: z.int(), hashes: z.array(z.string()), who: Half, what: Half }),
  z.strictObject({ entries: z.int() }),
])

const exported = download({
  summary: 'Take the whole log with its proofs, as a file that strangers can verify',
  file: { name: 'audit-log', types: ['application/jsonl'] },
  input: z.strictObject({
    /** A head of the log that somebody kept: the file then proves that the log continues it. */
    since: z.string().max(LONGEST_CHECKPOINT).optional(),
  }),
  output: Line,
  refuses: ['checkpoint_unknown', 'log_untenable'],
  example: () => ({}),
  async run({ input: { since }, db, provenLog }) {
    const some = db.selectFrom('entry').select('id').limit(COUNTED)
    const { n } = await db
      .selectFrom(some.as('some'))
      .select(sql<number>`count(*)::int`.as('n'))
      .executeTakeFirstOrThrow()
    return lines(provenLog(since === undefined ? [] : [since]), 'application/jsonl', n)
  },
})

/** As far as it matters how much is taken. */
const COUNTED = 10_000

export { exported as export }
