import { sql } from 'kysely'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import { granted, rightsOf } from '../access/rights.ts'
import { operations } from '../contract/operation.ts'
import type { Permissions } from '../contract/operation.ts'
import { notFound, refuse } from '../contract/refusal.ts'
import { one } from '../contract/rows.ts'
import { Id, Line } from '../contract/values.ts'
import { difference, differenceOf, GrantList, insistOnKnown, insistOnOwnGrants, inTurn, listed } from './giving.ts'
import type { Tables } from './tables.ts'

const { action, query } = operations<Tables>()

const Key = z.string().regex(/^[a-z][a-z0-9-]{0,59}$/)
const Role = z.strictObject({ id: Id, key: z.string(), title: z.string(), grants: z.array(z.string()) })
const columns = ['id', 'key', 'title', 'grants'] as const

/** Beyond this nobody knows any more who may do what. */
const MOST_ROLES = 100

const use = { members: z.int(), keys: z.int(), invitations: z.int() }
const Listed = z.strictObject({
  /** A role of the edition has neither id nor title of its own: it cannot be changed, and translations name it. */
  id: Id.nullable(),
  title: z.string().nullable(),
  key: z.string(),
  grants: z.array(z.string()),
  /** How many permissions the grants come to. */
  permissions: z.int(),
  ...use,
})

export const list = query({
  summary: 'List the roles, with what they may do and how many hold them',
  input: z.strictObject({}),
  output: z.strictObject({ data: z.array(Listed) }),
  example: () => ({}),
  async run({ db, permissions }) {
    const own = await db.selectFrom('role').select(columns).orderBy('key').execute()
    const held = await useOf(db)
    const fixed = [...permissions.roles].map(([key, grants]) => ({ id: null, title: null, key, grants: [...grants] }))
    const shown = [...fixed.filter(({ key }) => !own.some((role) => role.key === key)), ...own]
    return {
      data: shown.map((role) => ({ ...role, permissions: count(role.grants, permissions.names), ...held(role.key) })),
    }
  },
})

export const create = action({
  summary: 'Make a role of the workspace’s own',
  input: z.strictObject({ key: Key, title: Line, grants: GrantList }),
  output: Role,
  rate: 'sensitive',
  refuses: ['role_exists', 'role_beyond_own', 'grant_unknown', 'too_many_roles'],
  example: () => ({ key: 'stock-taker', title: 'Stock taker', grants: ['identity.workspace.get'] }),
  async run(context) {
    const { input, db, permissions } = context
    insistOnOwnGrants(await inTurn(context), input.grants)
    insistOnKnown(input.grants, permissions)
    if (permissions.roles.has(input.key)) throw refuse('role_exists')
    const roles = await db.selectFrom('role').select('id').limit(MOST_ROLES).execute()
    if (roles.length >= MOST_ROLES) throw refuse('too_many_roles')
    return one(db.insertInto('role').values(input).returning(columns))
  },
})

export const preview = query({
  summary: 'Show what other grants would change for a role and how many that concerns, before they are saved',
  input: z.strictObject({ id: Id, grants: listed(GrantList) }),
  output: z.strictObject({ id: Id, ...difference, ...use }),
  refuses: ['role_beyond_own', 'grant_unknown'],
  example: (id) => ({ id: id('ownRole'), grants: 'identity.workspace.get' }),
  async run({ input, db, rights, permissions }) {
    const role = await db
      .selectFrom('role')
      .select(columns)
      .where('id', '=', input.id)
      .executeTakeFirstOrThrow(notFound)
    insistOnOwnGrants({ rights, permissions }, [...role.grants, ...input.grants])
    insistOnKnown(input.grants, permissions)
    const { id, key, grants } = role
    return { id, ...changeOf(grants, input.grants, permissions), ...(await useOf(db))(key) }
  },
})

export const update = action({
  summary: 'Change what a role of the workspace’s own may do, from the next request on',
  input: z.strictObject({ id: Id, title: Line, grants: GrantList }),
  output: Role.extend(difference),
  rate: 'sensitive',
  refuses: ['role_beyond_own', 'grant_unknown'],
  example: (id) => ({ id: id('ownRole'), title: 'Shelf filler', grants: ['identity.workspace.get'] }),
  async run(context) {
    const { db, permissions } = context
    const { id, ...change } = context.input
    const turn = await inTurn(context)
    const role = await heldRole(db, id)
    insistOnOwnGrants(turn, [...role.grants, ...change.grants])
    insistOnKnown(change.grants, permissions)
    await db.updateTable('role').set(change).where('id', '=', id).execute()
    return { ...role, ...change, ...changeOf(role.grants, change.grants, permissions) }
  },
})

export const remove = action({
  summary: 'Remove a role that nobody holds any more',
  input: z.strictObject({ id: Id }),
  output: Role,
  rate: 'sensitive',
  refuses: ['role_in_use', 'role_beyond_own'],
  example: (id) => ({ id: id('oldRole') }),
  async run(context) {
    const { input, db } = context
    const turn = await inTurn(context)
    const role = await heldRole(db, input.id)
    insistOnOwnGrants(turn, role.grants)
    const { members, keys, invitations } = (await useOf(db))(role.key)
    if (members + keys + invitations > 0 || (await isGranted(db, role.key))) throw refuse('role_in_use')
    return one(db.deleteFrom('role').where('id', '=', input.id).returning(columns))
  },
})

/** By how many a role is held: members who are not gone, keys that open, invitations that wait. */
type Use = { members: number; keys: number; invitations: number }

async function useOf(db: Kysely<Tables>): Promise<(role: string) => Use> {
  const { rows } = await sql<Use & { role: string }>`select role,
      (count(*) filter (where what = 'member'))::int as members, (count(*) filter (where what = 'key'))::int as keys,
      (count(*) filter (where what = 'invitation'))::int as invitations
    from (
      select unnest(roles) as role, 'member' as what from member where state <> 'removed'
      union all select role, 'key' from key
        where revoked_at is null and (expires_at is null or expires_at > clock_timestamp())
      union all select unnest(roles), 'invitation' from invitation
        where accepted_at is null and revoked_at is null and expires_at > clock_timestamp()
    ) held group by role`.execute(db)
  const found = new Map(rows.map(({ role, ...use }) => [role, use]))
  return (role) => found.get(role) ?? { members: 0, keys: 0, invitations: 0 }
}

/** Whether the platform's staff may come in with it: what else bore its name then would be theirs, too. */
const isGranted = async (db: Kysely<Tables>, role: string): Promise<boolean> =>
  (await db
    .selectFrom('support_grant')
    .select('id')
    .where('role', '=', role)
    .where('revoked_at', 'is', null)
    .where('until', '>', new Date().toISOString())
    .executeTakeFirst()) !== undefined

const changeOf = (before: readonly string[], after: readonly string[], permissions: Permissions) =>
  differenceOf(rightsOf(before, permissions.names), rightsOf(after, permissions.names), permissions)

const count = (grants: readonly string[], names: readonly string[]) => {
  const rights = rightsOf(grants, names)
  return names.filter((_, index) => granted(rights, index)).length
}

/** Until the end of the transaction nobody else gives, changes or removes it. */
const heldRole = (db: Kysely<Tables>, id: string) =>
  db.selectFrom('role').select(columns).where('id', '=', id).forUpdate().executeTakeFirstOrThrow(notFound)
