import type { Rule } from '../rule.ts'

/** Much of what the workspace has leaves it: in one piece, or in several within an hour. */
export const massExport: Rule = {
  name: 'mass-export',
  severity: 'warning',
  window_minutes: 60,
  threshold: 5,
  counts({ action, outcome, actorId, input }) {
    if (outcome !== 'done' || !action.endsWith('.export')) return []
    return [{ subject: actorId, weight: Number(input['rows'] ?? 0) > MOST_ROWS ? 5 : 1 }]
  },
}

/** More than anybody reads, prints or sends to their accountant in a day. */
export const MOST_ROWS = 5_000
