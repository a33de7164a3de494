import type { Rule } from '../rule.ts'

/** Staff of the platform came in: by the workspace's leave, and never without its hearing of it. */
export const support: Rule = {
  name: 'support',
  severity: 'notice',
  window_minutes: 60,
  threshold: 1,
  counts: ({ action, outcome, actorId }) =>
    action === 'identity.support.enter' && outcome === 'done' ? [{ subject: actorId, weight: 1 }] : [],
}
