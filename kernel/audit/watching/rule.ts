import type { AlertRule } from '../../contract/control.ts'

/**
 * What deserves a look, said of one entry at a time: on whose account it goes, and how much it weighs there. When what
 * somebody has on their account within the window comes to the threshold, the workspace is told.
 */
export type Rule = {
  name: AlertRule
  severity: 'notice' | 'warning' | 'alarm'
  window_minutes: number
  threshold: number
  counts: (entry: Seen) => readonly Weight[]
  /** Of all that is on the account: whether it is also of the kind that the rule is about. */
  isEnough?: (weights: readonly Weight[]) => boolean
}

/** `subject`: the id of a person, a key or one of the staff, or an address. */
export type Weight = { subject: string; weight: number; of?: string | null }

/** An entry as rules see it. */
export type Seen = {
  workspace: string
  id: string
  at_ms: number
  action: string
  outcome: string
  actorKind: string
  actorId: string
  address: string | null
  target: string | null
  input: Readonly<Record<string, unknown>>
  changes: readonly Change[]
  /** What was changed is the membership of whoever changed it. */
  isOwn: boolean
}
type Change = { of: string; id: string; before: Record<string, unknown> | null; after: Record<string, unknown> | null }

/** Where the same was refused again and again, one entry tells of all. */
export const timesIn = ({ input: { times } }: Pick<Seen, 'input'>) =>
  typeof times === 'number' && Number.isSafeInteger(times) && times > 0 ? times : 1
