import { sql } from 'kysely'
import { z } from 'zod'
import { operations } from '../contract/operation.ts'
import type { Context } from '../contract/operation.ts'
import { notFound } from '../contract/refusal.ts'
import { page, Page, paging } from '../contract/rows.ts'
import { Id, Moment, oneOf, Text } from '../contract/values.ts'
import type { Tables } from './tables.ts'

const { action, query } = operations<Tables>()

/** Somebody who is to be forgotten by the log. The entries that say what went have the id of the request as target. */
const Erasure = z.strictObject({
  id: Id,
  subject: Id,
  /** Null once it is done: then it stands in the entry that asked for it. */
  reason: z.string().nullable(),
  createdAt: Moment,
  /** `held` waits for the end of a hold, `waiting` for nothing but a moment. */
  state: oneOf('waiting', 'held', 'done'),
  doneAt: Moment.nullable(),
  /** In how many entries it was forgotten who it was, and what was said. */
  who: z.int(),
  what: z.int(),
})

const state = sql<'waiting' | 'held' | 'done'>`case when erasure.done_at is not null then 'done'
  when exists (select from audit.hold h where h.workspace_id = erasure.workspace_id and h.released_at is null)
    then 'held'
  else 'waiting' end`.as('state')
const columns = [
  'id',
  'subject',
  'reason',
  'created_at as createdAt',
  'done_at as doneAt',
  'who',
  'what',
  state,
] as const

export const erase = action({
  summary: 'Make the audit log forget somebody: who they were and what was said of them, up to now',
  input: z.strictObject({ subject: Id.toLowerCase(), reason: Text.min(1) }),
  output: Erasure,
  rate: 'sensitive',
  example: (id) => ({ subject: id('oldInvitation'), reason: 'They asked us to forget them' }),
  async run(context) {
    const { input, db, actor } = context
    const { subject, reason } = input
    await insistOnKnown(context, subject)
    const row = { subject, reason, asked_by: actor.id, ids: [subject] }
    return await db
      .insertInto('erasure')
      .values(row)
      .onConflict((same) =>
        same
          .columns(['workspace_id', 'subject'])
          .where('done_at', 'is', null)
          // One is under way: it reaches as far as this entry now, and goes through the log anew.
          .doUpdateSet({ known: false, epoch: 0, seq: 0 }),
      )
      .returning(columns)
      .executeTakeFirstOrThrow()
  },
})

/**
 * Whom the log has never heard of it cannot forget; that somebody asked in vain for an id says nothing of it. The
 * workspace is nobody, and stands in every row. Nor is anybody what the log keeps of its own, such as a hold or an
 * earlier request: who would have those forgotten wants nobody to see what they did.
 */
async function insistOnKnown({ db, workspace }: Context<Tables, unknown>, subject: string) {
  // Whoever asks for what is not theirs leaves its id in the log, too.
  const among = db.selectFrom('entry').select('id').where('outcome', '=', 'done').limit(1)
  const about = among.where('action', 'not like', 'audit.%')
  const isKnown =
    subject !== workspace &&
    ((await among.where('actor_id', '=', subject).executeTakeFirst()) ??
      (await about.where('target', '=', subject).executeTakeFirst()) ??
      (await about.where(sql<boolean>`changes @> ${JSON.stringify([{ id: subject }])}::jsonb`).executeTakeFirst()))
  if (!isKnown) throw notFound()
}

export const erasures = query({
  summary: 'List who was to be forgotten, and what came of it, newest first',
  input: z.strictObject({ ...paging, subject: Id.toLowerCase().optional() }),
  output: Page(Erasure),
  example: () => ({}),
  run({ input, db }) {
    const all = db.selectFrom('erasure').select(columns)
    return page(input.subject ? all.where('subject', '=', input.subject) : all, input)
  },
})
