import { rightsOf, union, within } from './rights.ts'
import type { Rights } from './rights.ts'

/** What somebody's rights are made of: roles, and for a key what narrows them. */
export type Holding = {
  roles: readonly string[]
  /** Of a key that may do less than its role. */
  narrowedTo?: readonly string[] | null
  /** Of a key that somebody made: it never does more than they may do now. */
  makerRoles?: readonly string[] | null
}

/** A role that a workspace made for itself. */
export type OwnRole = { key: string; grants: readonly string[] }

/** Every role that there is in a workspace, with its grants. */
export type Grants = ReadonlyMap<string, readonly string[]>

/**
 * The edition's roles and a workspace's own. Should an upgrade bring a role of the same name, the workspace's own stays
 * what it was, so that no upgrade gives anybody more.
 */
export const rolesOf = (edition: Grants, own: readonly OwnRole[]): Grants =>
  new Map([...edition, ...own.map(({ key, grants }) => [key, grants] as const)])

/** All grants of several roles; a role that is no more grants nothing. */
export const grantsOf = (roles: readonly string[], all: Grants): readonly string[] =>
  roles.flatMap((role) => all.get(role) ?? [])

/**
 * All that the roles allow together, less what narrows a key; undefined when none of the roles is left. Asked once for
 * each caller that is looked up: whoever holds one role of the edition shares its set with all the others who do.
 */
export function rightsHeld(
  { roles, ownRoles, narrowedTo, makerRoles }: Holding & { ownRoles: readonly OwnRole[] },
  edition: ReadonlyMap<string, Rights>,
  names: readonly string[],
): Rights | undefined {
  const ofOne = (role: string) => {
    const own = ownRoles.find(({ key }) => key === role)
    return own ? rightsOf(own.grants, names) : edition.get(role)
  }
  const ofAll = (several: readonly string[]) => several.flatMap((role) => ofOne(role) ?? [])
  const held = ofAll(roles)
  if (held.length === 0) return undefined
  let rights = held.reduce(union)
  if (narrowedTo) rights = within(rights, rightsOf(narrowedTo, names))
  if (makerRoles) rights = within(rights, ofAll(makerRoles).reduce(union, rightsOf([], names)))
  return rights
}
