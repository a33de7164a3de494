import type { Grants, Holding } from './holding.ts'

/**
 * Why somebody may do something, or what stands in the way. It reads grants as they are written where the decision
 * looks at bits, so that the one can be held against the other.
 */
export type Explanation = {
  allowed: boolean
  /** The roles that allow it, each with the grants that cover it. */
  because: Because[]
  lacks: Lack[]
  /** Where no role of theirs allows it: those that would. */
  rolesThatWould: string[]
}
export type Because = { role: string; grants: string[] }
export type Lack = 'no_role_allows_it' | 'key_is_narrower' | 'maker_may_not'

export function explain(name: string, { roles, narrowedTo, makerRoles }: Holding, all: Grants): Explanation {
  const because = allowing(name, roles, all)
  const lacks: Lack[] = []
  if (because.length === 0) lacks.push('no_role_allows_it')
  if (narrowedTo && !narrowedTo.some((grant) => covers(grant, name))) lacks.push('key_is_narrower')
  if (makerRoles && allowing(name, makerRoles, all).length === 0) lacks.push('maker_may_not')
  const rolesThatWould = because.length > 0 ? [] : allowing(name, [...all.keys()], all).map(({ role }) => role)
  return { allowed: lacks.length === 0, because, lacks, rolesThatWould }
}

/** Of some roles those that allow something, and by which of their grants. */
export const allowing = (name: string, roles: readonly string[], all: Grants): Because[] =>
  roles
    .map((role) => ({ role, grants: (all.get(role) ?? []).filter((grant) => covers(grant, name)) }))
    .filter(({ grants }) => grants.length > 0)

export const covers = (grant: string, name: string): boolean =>
  grant === name || (grant.endsWith('.*') && name.startsWith(grant.slice(0, -1)))
