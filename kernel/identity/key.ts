import { z } from 'zod'
import { operations } from '../contract/operation.ts'
import { notFound, refuse } from '../contract/refusal.ts'
import { page, Page, paging } from '../contract/rows.ts'
import { Id, Line, Moment, Secret } from '../contract/values.ts'
import type { Tables } from './tables.ts'
import { newToken } from './token.ts'

const { action, query } = operations<Tables>()

const Key = z.strictObject({
  id: Id,
  name: z.string(),
  role: z.string(),
  prefix: z.string(),
  createdAt: Moment,
  expiresAt: Moment.nullable(),
  revokedAt: Moment.nullable(),
  lastUsedAt: Moment.nullable(),
})
/** Shown once, when it is made, and never again. */
const NewKey = Key.extend({ token: Secret })

const columns = [
  'id',
  'name',
  'role',
  'prefix',
  'created_at as createdAt',
  'expires_at as expiresAt',
  'revoked_at as revokedAt',
  'last_used_at as lastUsedAt',
] as const

/** How long the old key still opens after a rotation, so that whoever uses it can change over. */
const MOST_GRACE_H = 24 * 7

export const create = action({
  summary: 'Create an API key with the rights of a role',
  input: z.strictObject({ name: Line, role: z.string().max(60), expiresAt: Moment.optional() }),
  output: NewKey,
  rate: 'sensitive',
  refuses: ['role_beyond_own', 'already_past'],
  webhook: false,
  example: (id) => ({ name: 'Stock export', role: id('role') }),
  async run({ input, db, workspace, covers }) {
    if (!covers(input.role)) throw refuse('role_beyond_own')
    if (input.expiresAt && Date.parse(input.expiresAt) <= Date.now()) throw refuse('already_past')
    const { token, prefix, hash } = newToken(workspace)
    const row = { name: input.name, role: input.role, prefix, hash, expires_at: input.expiresAt ?? null }
    return { ...(await db.insertInto('key').values(row).returning(columns).executeTakeFirstOrThrow()), token }
  },
})

export const list = query({
  summary: 'List the API keys, newest first',
  input: z.strictObject(paging),
  output: Page(Key),
  example: () => ({}),
  run: ({ input, db }) => page(db.selectFrom('key').select(columns), input),
})

export const rotate = action({
  summary: 'Replace an API key, leaving the old one a time of grace',
  input: z.strictObject({ id: Id, graceHours: z.int().min(0).max(MOST_GRACE_H).default(24) }),
  output: NewKey,
  rate: 'sensitive',
  refuses: ['key_is_over', 'role_beyond_own'],
  webhook: false,
  example: (id) => ({ id: id('spareKey'), graceHours: 1 }),
  async run({ input, db, workspace, covers }) {
    const grace = new Date(Date.now() + input.graceHours * 3_600_000).toISOString()
    const old = await db
      .selectFrom('key')
      .select(['name', 'role', 'revoked_at', 'replaced_at', 'expires_at'])
      .where('id', '=', input.id)
      .forUpdate()
      .executeTakeFirstOrThrow(notFound)
    const isExpired = old.expires_at !== null && Date.parse(old.expires_at) <= Date.now()
    if (old.revoked_at || old.replaced_at || isExpired) throw refuse('key_is_over')
    if (!covers(old.role)) throw refuse('role_beyond_own')
    const end = old.expires_at && old.expires_at < grace ? old.expires_at : grace
    const replaced_at = new Date().toISOString()
    await db.updateTable('key').set({ expires_at: end, replaced_at }).where('id', '=', input.id).execute()
    const { token, prefix, hash } = newToken(workspace)
    const row = { name: old.name, role: old.role, prefix, hash, expires_at: old.expires_at }
    return { ...(await db.insertInto('key').values(row).returning(columns).executeTakeFirstOrThrow()), token }
  },
})

export const revoke = action({
  summary: 'Revoke an API key at once',
  input: z.strictObject({ id: Id }),
  output: Key,
  rate: 'sensitive',
  example: (id) => ({ id: id('oldKey') }),
  run: ({ input, db }) =>
    db
      .updateTable('key')
      .set((row) => ({ revoked_at: row.fn.coalesce('revoked_at', row.val(new Date().toISOString())) }))
      .where('id', '=', input.id)
      .returning(columns)
      .executeTakeFirstOrThrow(notFound),
})
