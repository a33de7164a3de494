import { sql } from 'kysely'
import { z } from 'zod'
import { operations } from '../contract/operation.ts'
import { one, page, Page, paging } from '../contract/rows.ts'
import { Id, Moment, Text } from '../contract/values.ts'
import type { Tables } from './tables.ts'

const { action, query } = operations<Tables>()

/** While one of them is open the audit log of the workspace forgets nothing, and nothing of it is removed. */
const Hold = z.strictObject({
  id: Id,
  reason: z.string(),
  createdAt: Moment,
  releasedAt: Moment.nullable(),
  releasedBecause: z.string().nullable(),
})
const columns = [
  'id',
  'reason',
  'created_at as createdAt',
  'released_at as releasedAt',
  'released_because as releasedBecause',
] as const

export const place = action({
  summary: 'Keep the whole audit log from now on, until the hold is released',
  input: z.strictObject({ reason: Text.min(1) }),
  output: Hold,
  rate: 'sensitive',
  example: () => ({ reason: 'A dispute is before the court' }),
  run: ({ input, db, actor }) =>
    db
      .insertInto('hold')
      .values({ reason: input.reason, placed_by: actor.id })
      .returning(columns)
      .executeTakeFirstOrThrow(),
})

export const release = action({
  summary: 'End a hold, so that the audit log forgets again what is due',
  input: z.strictObject({ id: Id, reason: Text.min(1) }),
  output: Hold,
  rate: 'sensitive',
  example: (id) => ({ id: id('releasedHold'), reason: 'The dispute was settled' }),
  run: ({ input, db, actor }) =>
    one(
      db
        .updateTable('hold')
        // Whoever comes second changes nothing of what the first one said.
        .set({
          released_at: sql`coalesce(released_at, clock_timestamp())`,
          released_by: sql`coalesce(released_by, ${actor.id})`,
          released_because: sql`coalesce(released_because, ${input.reason})`,
        })
        .where('id', '=', input.id)
        .returning(columns),
    ),
})

export const list = query({
  summary: 'List the holds on the audit log, newest first',
  input: z.strictObject(paging),
  output: Page(Hold),
  example: () => ({}),
  run: ({ input, db }) => page(db.selectFrom('hold').select(columns), input),
})
