import type { Kysely } from 'kysely'
import { z } from 'zod'
import { covers } from '../access/explain.ts'
import { grantsOf, rightsHeld, rolesOf } from '../access/holding.ts'
import type { Grants } from '../access/holding.ts'
import { beyond, includes, rightsOf, within } from '../access/rights.ts'
import type { Rights } from '../access/rights.ts'
import type { Context, Permissions } from '../contract/operation.ts'
import { refuse, Refusal } from '../contract/refusal.ts'
import { standingOf } from './members/standing.ts'
import type { Tables } from './tables.ts'

/**
 * What may be given, and by whom. Nobody gives a role, a key or an invitation that allows more than they may
 * themselves, and the roles that are given stay as they are until the gift is committed.
 */
export type Giver = { rights: Rights; permissions: Permissions }
export type Turn = Giver & {
  /** Every role that there is, held until the end of the transaction. */
  all: Grants
  /** The person who acts, or who made the key that does. */
  person: string | null
}

/**
 * One at a time changes who may come in, and as what. A process believes for a moment what another has just ended: so
 * nothing is given before the giver was looked at anew, and what they may do now is what they can give.
 */
export async function inTurn(context: Context<Tables, unknown>): Promise<Turn> {
  const { db, actor, rights, permissions } = context
  await db.selectFrom('workspace').select('id').forNoKeyUpdate().execute()
  const all = await holdRoles(db, permissions)
  if (actor.kind !== 'person' && actor.kind !== 'key') return { rights, permissions, all, person: null }
  const who = actor.kind === 'person' ? { personId: actor.id } : { keyId: actor.id }
  const { holding, bars, person } = await standingOf(who, context, all)
  const ownRoles = Array.from(all, ([key, grants]) => ({ key, grants }))
  const now = rightsHeld({ ...holding, ownRoles }, new Map(), permissions.names)
  if (!now || bars.length > 0) throw new Refusal(401, 'unauthenticated')
  return { rights: within(rights, now), permissions, all, person }
}

/** Every role that there is in this workspace. */
export const rolesHere = async (db: Kysely<Tables>, { roles }: Permissions): Promise<Grants> =>
  rolesOf(roles, await db.selectFrom('role').select(['key', 'grants']).execute())

/** The same, held: until the end of the transaction none of them is changed or removed. */
const holdRoles = async (db: Kysely<Tables>, { roles }: Permissions): Promise<Grants> =>
  rolesOf(roles, await db.selectFrom('role').select(['key', 'grants']).forShare().execute())

/** For a look at what a change would come to: nothing is held, and nothing given. */
export const looking = async ({ db, rights, permissions }: Context<Tables, unknown>): Promise<Turn> => ({
  rights,
  permissions,
  all: await rolesHere(db, permissions),
  person: null,
})

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
