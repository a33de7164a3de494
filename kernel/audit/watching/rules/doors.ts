import { DECOY } from './decoy.ts'
import { timesIn } from '../rule.ts'
import type { Rule } from '../rule.ts'

/** A key or a member asks for one thing after the other that is not theirs: nobody does so by mistake for long. */
export const doors: Rule = {
  name: 'doors',
  severity: 'warning',
  window_minutes: 10,
  threshold: 50,
  counts: (entry) =>
    entry.actorKind !== 'nobody' &&
    entry.action !== DECOY &&
    (entry.outcome === 'forbidden' || entry.outcome === 'not-found')
      ? [{ subject: entry.actorId, weight: timesIn(entry) }]
      : [],
}
