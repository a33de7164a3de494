import type { Kysely } from 'kysely'
import { z } from 'zod'
import { covers } from '../access/explain.ts'
import { grantsOf, rolesOf } from '../access/holding.ts'
import type { Grants } from '../access/holding.ts'
import { beyond, includes, rightsOf } from '../access/rights.ts'
import type { Rights } from '../access/rights.ts'
import type { Actor, Permissions } from '../contract/operation.ts'
import { refuse } from '../contract/refusal.ts'
import type { Tables } from './tables.ts'

/**
 * What may be given, and by whom. Nobody gives a role, a key or an invitation that allows more than they may
 * themselves, and the roles that are given stay as they are until the gift is committed.
 */
export type Giver = { rights: Rights; permissions: Permissions }

/** Every role that there is in this workspace. */
export const rolesHere = async (db: Kysely<Tables>, { roles }: Permissions): Promise<Grants> =>
  rolesOf(roles, await db.selectFrom('role').select(['key', 'grants']).execute())

/** The same, held: until the end of the transaction none of them is changed or removed. */
export const holdRoles = async (db: Kysely<Tables>, { roles }: Permissions): Promise<Grants> =>
  rolesOf(roles, await db.selectFrom('role').select(['key', 'grants']).forShare().execute())

export const rightsIn = (roles: readonly string[], all: Grants, { names }: Permissions): Rights =>
  rightsOf(grantsOf(roles, all), names)

/** A role that there is not is beyond everybody. */
export function insistOnOwn(giver: Giver, roles: readonly string[], all: Grants): void {
  if (!roles.every((role) => all.has(role))) throw refuse('role_beyond_own')
  insistOnOwnGrants(giver, grantsOf(roles, all))
}

export const insistOnOwnGrants = ({ rights, permissions }: Giver, grants: readonly string[]): void =>
  insistOnOwnRights(rights, rightsOf(grants, permissions.names))

export function insistOnOwnRights(own: Rights, given: Rights): void {
  if (!includes(own, given)) throw refuse('role_beyond_own')
}

/** A grant of what does not exist would come to life with the upgrade that brings it. */
export function insistOnKnown(grants: readonly string[], { names }: Permissions): void {
  if (!grants.every((grant) => names.some((name) => covers(grant, name)))) throw refuse('grant_unknown')
}

/** The person who acts, or who made the key that does: what they leave behind ends with them. */
export async function personBehind({ kind, id }: Actor, db: Kysely<Tables>): Promise<string | null> {
  if (kind === 'person') return id
  if (kind !== 'key') return null
  const key = await db.selectFrom('key').select('made_by').where('id', '=', id).executeTakeFirst()
  return key?.made_by ?? null
}

export const RoleKey = z.string().max(60)
/** Limits on how much a decision has to look at. */
export const RoleKeys = z.array(RoleKey).min(1).max(20).transform(eachOnce)
export const GrantList = z.array(z.string().max(200)).min(1).max(600).transform(eachOnce)

/** In an address a list is one text with commas in it. */
export const listed = <Schema extends z.ZodType<string[], string[]>>(schema: Schema) =>
  z
    .string()
    .max(8_000)
    .transform((text) => text.split(','))
    .pipe(schema)

function eachOnce(words: string[]): string[] {
  return [...new Set(words)]
}

/** What a change of rights comes to, permission by permission, to be looked at before it is saved. */
export const difference = { gains: z.array(z.string()), loses: z.array(z.string()) }
export const differenceOf = (before: Rights, after: Rights, { names }: Permissions) => ({
  gains: beyond(after, before, names),
  loses: beyond(before, after, names),
})
