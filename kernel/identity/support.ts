import { z } from 'zod'
import { operations } from '../contract/operation.ts'
import { one, page, Page, paging } from '../contract/rows.ts'
import { Id, Moment, Text } from '../contract/values.ts'
import { insistOnOwn, inTurn, RoleKey } from './giving.ts'
import type { Tables } from './tables.ts'

const { action, query } = operations<Tables>()

/** What a workspace lets the platform's staff do here, and what they did with it. */
const Grant = z.strictObject({
  id: Id,
  role: z.string(),
  note: z.string(),
  createdAt: Moment,
  until: Moment,
  revokedAt: Moment.nullable(),
})
const columns = ['id', 'role', 'note', 'created_at as createdAt', 'until', 'revoked_at as revokedAt'] as const

/** Help takes days, not months; whoever still needs it grants it again. */
const MOST_DAYS = 14

export const grant = action({
  summary: 'Let the platform’s staff into this workspace, with a role and until a moment',
  input: z.strictObject({
    role: RoleKey,
    note: Text.min(1),
    hours: z
      .int()
      .min(1)
      .max(MOST_DAYS * 24),
  }),
  output: Grant,
  rate: 'sensitive',
  refuses: ['role_beyond_own'],
  example: (id) => ({ role: id('role'), note: 'The totals of March look wrong', hours: 24 }),
  async run(context) {
    const { input, db, actor } = context
    const { role, note, hours } = input
    const turn = await inTurn(context)
    insistOnOwn(turn, [role], turn.all)
    const until = new Date(Date.now() + hours * 3_600_000).toISOString()
    const row = { role, note, until, granted_by: actor.name }
    return await db.insertInto('support_grant').values(row).returning(columns).executeTakeFirstOrThrow()
  },
})

export const list = query({
  summary: 'List what the platform’s staff was and is allowed here, newest first',
  input: z.strictObject(paging),
  output: Page(Grant),
  example: () => ({}),
  run: ({ input, db }) => page(db.selectFrom('support_grant').select(columns), input),
})

export const revoke = action({
  summary: 'End what the platform’s staff is allowed here, and every visit with it, at once',
  input: z.strictObject({ id: Id }),
  output: Grant,
  rate: 'sensitive',
  example: (id) => ({ id: id('supportGrant') }),
  run: ({ input, db }) =>
    one(
      db
        .updateTable('support_grant')
        .set((row) => ({ revoked_at: row.fn.coalesce('revoked_at', row.val(new Date().toISOString())) }))
        .where('id', '=', input.id)
        .returning(columns),
    ),
})

const Visit = z.strictObject({
  id: Id,
  grantId: Id,
  staffName: z.string(),
  reason: z.string(),
  createdAt: Moment,
  expiresAt: Moment,
  endedAt: Moment.nullable(),
})

export const visits = query({
  summary: 'List the visits of the platform’s staff, with their reasons, newest first',
  input: z.strictObject(paging),
  output: Page(Visit),
  example: () => ({}),
  run: ({ input, db }) =>
    page(
      db
        .selectFrom('support_visit')
        .select([
          'id',
          'grant_id as grantId',
          'staff_name as staffName',
          'reason',
          'created_at as createdAt',
          'expires_at as expiresAt',
          'ended_at as endedAt',
        ]),
      input,
    ),
})
