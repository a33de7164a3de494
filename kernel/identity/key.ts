import type { Insertable } from 'kysely'
import { z } from 'zod'
import { rightsOf, within } from '../access/rights.ts'
import { operations } from '../contract/operation.ts'
import type { Context } from '../contract/operation.ts'
import { notFound, refuse } from '../contract/refusal.ts'
import { page, Page, paging } from '../contract/rows.ts'
import { Id, Line, Moment, Secret } from '../contract/values.ts'
import { GrantList, insistOnKnown, insistOnOwnRights, inTurn, RoleKey } from './giving.ts'
import type { Turn } from './giving.ts'
import type { Tables } from './tables.ts'
import { newToken } from './token.ts'

const { action, query } = operations<Tables>()

const Key = z.strictObject({
  id: Id,
  name: z.string(),
  role: z.string(),
  /** Grants that it does not go beyond; null for all that its role may do. */
  scopes: z.array(z.string()).nullable(),
  prefix: z.string(),
  /** The person who made it, and with whom it ends. */
  madeBy: Id.nullable(),
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
  'narrowed_to as scopes',
  'prefix',
  'made_by as madeBy',
  'created_at as createdAt',
  'expires_at as expiresAt',
  'revoked_at as revokedAt',
  'last_used_at as lastUsedAt',
] as const

/** How long the old key still opens after a rotation, so that whoever uses it can change over. */
const MOST_GRACE_H = 24 * 7

export const create = action({
  summary: 'Create an API key with the rights of a role, or with some of them',
  input: z.strictObject({ name: Line, role: RoleKey, scopes: GrantList.optional(), expiresAt: Moment.optional() }),
  output: NewKey,
  rate: 'sensitive',
  refuses: ['role_beyond_own', 'grant_unknown', 'already_past'],
  webhook: false,
  example: (id) => ({ name: 'Stock export', role: id('role'), scopes: ['identity.workspace.get'] }),
  async run(context) {
    const { name, role, scopes = null, expiresAt = null } = context.input
    const turn = await inTurn(context)
    insistOnOwnKey(turn, role, scopes)
    if (scopes) insistOnKnown(scopes, context.permissions)
    if (expiresAt && Date.parse(expiresAt) <= Date.now()) throw refuse('already_past')
    return await insertKey(context, { name, role, narrowed_to: scopes, made_by: turn.person, expires_at: expiresAt })
  },
})

export const list = query({
  summary: 'List the API keys, newest first',
  input: z.strictObject({ ...paging, madeBy: Id.optional() }),
  output: Page(Key),
  example: () => ({}),
  run({ input: { madeBy, ...asked }, db }) {
    const keys = db.selectFrom('key').select(columns)
    return page(madeBy ? keys.where('made_by', '=', madeBy) : keys, asked)
  },
})

export const rotate = action({
  summary: 'Replace an API key, leaving the old one a time of grace',
  input: z.strictObject({ id: Id, graceHours: z.int().min(0).max(MOST_GRACE_H).default(24) }),
  output: NewKey,
  rate: 'sensitive',
  refuses: ['key_is_over', 'role_beyond_own'],
  webhook: false,
  example: (id) => ({ id: id('spareKey'), graceHours: 1 }),
  async run(context) {
    const { input, db } = context
    const turn = await inTurn(context)
    const grace = new Date(Date.now() + input.graceHours * 3_600_000).toISOString()
    const old = await db
      .selectFrom('key')
      .select(['name', 'role', 'narrowed_to', 'made_by', 'revoked_at', 'replaced_at', 'expires_at'])
      .where('id', '=', input.id)
      .forUpdate()
      .executeTakeFirstOrThrow(notFound)
    const isExpired = old.expires_at !== null && Date.parse(old.expires_at) <= Date.now()
    if (old.revoked_at || old.replaced_at || isExpired) throw refuse('key_is_over')
    insistOnOwnKey(turn, old.role, old.narrowed_to)
    const end = old.expires_at && old.expires_at < grace ? old.expires_at : grace
    const replaced_at = new Date().toISOString()
    await db.updateTable('key').set({ expires_at: end, replaced_at }).where('id', '=', input.id).execute()
    const { name, role, narrowed_to, expires_at } = old
    // Whoever is shown the new secret is who it ends with.
    const made_by = turn.person ?? old.made_by
    return await insertKey(context, { name, role, narrowed_to, made_by, expires_at })
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

type Making = Context<Tables, unknown>

/** A key may do what its role and its scopes have in common, and that is never more than its maker may. */
function insistOnOwnKey({ rights, permissions, all: roles }: Turn, role: string, scopes: readonly string[] | null) {
  const grants = roles.get(role)
  if (!grants) throw refuse('role_beyond_own')
  const all = rightsOf(grants, permissions.names)
  insistOnOwnRights(rights, scopes ? within(all, rightsOf(scopes, permissions.names)) : all)
}

type Made = Pick<Insertable<Tables['key']>, 'name' | 'role' | 'narrowed_to' | 'made_by' | 'expires_at'>

async function insertKey({ db, workspace }: Making, row: Made) {
  const { token, prefix, hash } = newToken(workspace)
  const made = db.insertInto('key').values({ ...row, prefix, hash })
  return { ...(await made.returning(columns).executeTakeFirstOrThrow()), token }
}
