import { rightsHeld } from '../access/holding.ts'
import { rightsOf } from '../access/rights.ts'
import type { Rights } from '../access/rights.ts'
import type { Policy } from '../contract/control.ts'
import type { Permission, Permissions } from '../contract/operation.ts'
import type { AccessTokens } from './access-token.ts'
import { demandedFrom_ms } from './assurance.ts'
import type { Reading } from './whois.ts'

/** What somebody who was found may do, and what is asked of them. */
export function readingOf(known: {
  tokens: AccessTokens
  staffTokens: AccessTokens
  isStaff: Reading['isStaff']
  policy: Policy
  /** What each role of the edition comes to. */
  roles: ReadonlyMap<string, Rights>
  permissions: Permissions
}): Reading {
  const { tokens, staffTokens, isStaff, policy, roles } = known
  const { all, names } = known.permissions
  const administration = rightsOf(
    all.filter(administrative).map(({ name }) => name),
    names,
  )
  return {
    tokens,
    staffTokens,
    isStaff,
    rights: (found) => rightsHeld(found, roles, names),
    heldFrom_ms(found, rights) {
      const isStrong = found.member === null ? found.hasFactor : found.hasFactor && found.strongAt !== null
      if (isStrong) return Number.POSITIVE_INFINITY
      return demandedFrom_ms({
        policy: policy.secondFactor,
        workspace: found.secondFactor,
        workspaceFrom: found.secondFactorFrom,
        isAdministrative: rights.some((bits, index) => (bits & administration[index]!) !== 0),
      })
    },
  }
}

/**
 * Whoever may change who comes in, or what they may do, or what the log keeps, is an administrator, whatever their role
 * is called: these are all the actions of two folders, so none that is added later can be left out.
 */
export const administrative = ({ name, kind }: Permission): boolean =>
  kind === 'action' && /^(identity|audit)\./.test(name)
