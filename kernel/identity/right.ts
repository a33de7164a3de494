import { z } from 'zod'
import { explain as explained } from '../access/explain.ts'
import { granted, rightsOf } from '../access/rights.ts'
import { operations } from '../contract/operation.ts'
import { notFound } from '../contract/refusal.ts'
import { Id, oneOf } from '../contract/values.ts'
import { RoleKey, rolesHere } from './giving.ts'
import { standingOf } from './members/standing.ts'
import type { Tables } from './tables.ts'

const { query } = operations<Tables>()

const kinds = { name: z.string(), kind: oneOf('action', 'query'), summary: z.string(), sensitive: z.boolean() }

export const list = query({
  summary: 'List every permission that there is, with the roles that have it',
  input: z.strictObject({}),
  output: z.strictObject({
    /** Counted, from what the edition can really do and the roles that there really are. */
    permissions: z.int(),
    roles: z.int(),
    data: z.array(z.strictObject({ ...kinds, roles: z.array(z.string()) })),
  }),
  example: () => ({}),
  async run({ db, permissions }) {
    const here = await rolesHere(db, permissions)
    const sets = Array.from(here, ([role, grants]) => ({ role, rights: rightsOf(grants, permissions.names) }))
    const data = permissions.all.map(({ rate, ...permission }, index) => ({
      ...permission,
      sensitive: rate === 'sensitive',
      roles: sets.filter(({ rights }) => granted(rights, index)).map(({ role }) => role),
    }))
    return { permissions: data.length, roles: sets.length, data }
  },
})

const Asked = z
  .strictObject({
    permission: z.string().max(200),
    memberId: Id.optional(),
    keyId: Id.optional(),
    role: RoleKey.optional(),
  })
  .refine(({ memberId, keyId, role }) => [memberId, keyId, role].filter((who) => who !== undefined).length === 1)

const Explanation = z.strictObject({
  permission: z.string(),
  allowed: z.boolean(),
  because: z.array(z.strictObject({ role: z.string(), grants: z.array(z.string()) })),
  lacks: z.array(
    oneOf(
      'no_role_allows_it',
      'key_is_narrower',
      'maker_may_not',
      'member_is_disabled',
      'member_is_removed',
      'maker_is_gone',
      'key_is_revoked',
      'key_is_expired',
      'second_factor_missing',
    ),
  ),
  rolesThatWould: z.array(z.string()),
})

export const explain = query({
  summary: 'Say why a member, a key or a role may do something, or what stands in the way',
  input: Asked,
  output: Explanation,
  example: (id) => ({ permission: 'identity.workspace.get', memberId: id('member') }),
  async run({ input: { permission, ...who }, db, permissions, policy }) {
    if (!permissions.names.includes(permission)) throw notFound()
    const here = await rolesHere(db, permissions)
    const { holding, bars } = await standingOf(who, { db, permissions, policy }, here)
    const { allowed, because, lacks, rolesThatWould } = explained(permission, holding, here)
    return {
      permission,
      allowed: allowed && bars.length === 0,
      because,
      lacks: [...bars, ...lacks],
      rolesThatWould,
    }
  },
})
