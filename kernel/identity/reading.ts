import { rightsHeld } from '../access/holding.ts'
import { rightsOf } from '../access/rights.ts'
import type { Rights } from '../access/rights.ts'
import type { Policy } from '../contract/control.ts'
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
  /** The catalogue, in the order of the bits. */
  names: readonly string[]
}): Reading {
  const { tokens, staffTokens, isStaff, policy, roles, names } = known
  const administration = rightsOf(ADMINISTRATION, names)
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

const VERBS = [
  'create',
  'update',
  'remove',
  'changeRoles',
  'disable',
  'enable',
  'endSessions',
  'resend',
  'rotate',
].concat(['revoke', 'grant'])

/** Whoever may change who comes in, or what they may do, is an administrator, whatever their role is called. */
export const ADMINISTRATION = ['member', 'invitation', 'role', 'key', 'support', 'workspace'].flatMap((noun) =>
  VERBS.map((verb) => `identity.${noun}.${verb}`),
)
