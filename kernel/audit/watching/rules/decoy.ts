import { timesIn } from '../rule.ts'
import type { Rule } from '../rule.ts'

/**
 * An address that nothing of ours leads to was asked for with a key or a session of this workspace: either a member
 * runs a scanner, or somebody has what is theirs.
 */
export const decoy: Rule = {
  name: 'decoy',
  severity: 'alarm',
  window_minutes: 60,
  threshold: 1,
  counts: (entry) => (entry.action === DECOY ? [{ subject: entry.actorId, weight: timesIn(entry) }] : []),
}

/** What the door calls it. */
export const DECOY = 'limits.decoy.ask'
