import type { Rule, Seen } from '../rule.ts'
import { timesIn } from '../rule.ts'

/**
 * Somebody is trying to come in as one of the members, from wherever: more often than anybody mistypes, and fewer times
 * than the limits of guessing let through from everywhere together.
 */
export const guessedAccount: Rule = {
  name: 'guessed-account',
  severity: 'warning',
  window_minutes: 10,
  threshold: 20,
  counts: (entry) => (isFailure(entry) && entry.target ? [{ subject: entry.target, weight: timesIn(entry) }] : []),
}

/** A secret that was wrong, or over, or asked for too often: at the ways in, and by somebody who is in already. */
export const isFailure = ({ action, outcome }: Pick<Seen, 'action' | 'outcome'>) =>
  WAYS_IN.has(action) && FAILURES.has(outcome)

const WAYS_IN: ReadonlySet<string> = new Set([
  'identity.session.begin',
  'identity.session.prove',
  'identity.person.resetPassword',
  'identity.person.changePassword',
  'identity.member.join',
])
const FAILURES: ReadonlySet<string> = new Set([
  'sign-in-failed',
  'wrong-password',
  'wrong-code',
  'ticket-over',
  'rate-limited',
])
