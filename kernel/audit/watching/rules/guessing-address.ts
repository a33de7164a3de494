import { timesIn } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { isFailure } from './guessed-account.ts'

/**
 * From one address somebody tries one member after the other, a few times each, so that no account by itself stands
 * out. Who tries a single one is told of by its account.
 */
export const guessingAddress: Rule = {
  name: 'guessing-address',
  severity: 'warning',
  window_minutes: 10,
  threshold: 20,
  counts: (entry) =>
    isFailure(entry) && entry.address ? [{ subject: entry.address, weight: timesIn(entry), of: entry.target }] : [],
  isEnough: (weights) => new Set(weights.map(({ of }) => of)).size > 1,
}
