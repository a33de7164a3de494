import { sql } from 'kysely'
import { z } from 'zod'
import { operations } from '../contract/operation.ts'
import { one, page, Page, paging } from '../contract/rows.ts'
import { Id, Line, Moment, oneOf, Text } from '../contract/values.ts'
import type { Tables } from './tables.ts'

const { action, job, query } = operations<Tables>()

const Alert = z.strictObject({
  id: Id,
  /** What was seen, by the name of the rule that saw it. */
  rule: z.string(),
  /** `notice`, `warning` or `alarm`. */
  severity: z.string(),
  /** The id of a person, of a key or of one of the staff, or an address; nothing once they were forgotten. */
  subject: z.string(),
  from: Moment,
  to: Moment,
  times: z.int(),
  /** The entries of the log that it rests on, up to a hundred. */
  entries: z.array(z.string()),
  createdAt: Moment,
  acknowledgedAt: Moment.nullable(),
  /** By which person or key. */
  acknowledgedBy: z.string().nullable(),
  note: z.string().nullable(),
})
const columns = [
  'id',
  'rule',
  'severity',
  'subject',
  'from_at as from',
  'to_at as to',
  'times',
  'entries',
  'created_at as createdAt',
  'acknowledged_at as acknowledgedAt',
  'acknowledged_by as acknowledgedBy',
  'note',
] as const

export const list = query({
  summary: 'List what in the log deserves a look, newest first',
  input: z.strictObject({
    ...paging,
    /** `open` until somebody has acknowledged it. */
    state: oneOf('open', 'acknowledged').optional(),
    rule: z.string().max(60).optional(),
  }),
  output: Page(Alert),
  example: () => ({}),
  run({ input: { state, rule, ...asked }, db }) {
    let alerts = db.selectFrom('alert').select(columns)
    if (state) alerts = alerts.where('acknowledged_at', state === 'open' ? 'is' : 'is not', null)
    if (rule) alerts = alerts.where('rule', '=', rule)
    return page(alerts, asked)
  },
})

export const acknowledge = action({
  summary: 'Say that an alert was looked at, and what it was',
  input: z.strictObject({ id: Id, note: Text.min(1) }),
  output: Alert,
  example: (id) => ({ id: id('alert'), note: 'It was the new scanner in the office' }),
  run: ({ input, db, actor }) =>
    one(
      db
        .updateTable('alert')
        // Whoever comes second changes nothing of what the first one said.
        .set({
          acknowledged_at: sql`coalesce(acknowledged_at, clock_timestamp())`,
          acknowledged_by: sql`coalesce(acknowledged_by, ${actor.id})`,
          note: sql`coalesce(note, ${input.note})`,
        })
        .where('id', '=', input.id)
        .returning(columns),
    ),
})

/** One that nothing happened for, so that probes have one to look at. */
export const plant = job({
  summary: 'Plant an alert for probes',
  input: z.strictObject({ name: Line }),
  output: z.strictObject({ id: Id }),
  example: () => ({ name: 'Nothing' }),
  run({ input, db }) {
    const now = new Date().toISOString()
    const row = { rule: 'planted', severity: 'notice', subject: input.name, from_at: now, to_at: now }
    return db
      .insertInto('alert')
      .values({ ...row, times: 1, entries: [] as string[] })
      .returning('id')
      .executeTakeFirstOrThrow()
  },
})
