import type { Rule } from '../rule.ts'

/** Who was here before came from where, or with what, they never came; they have a letter of their own about it. */
export const newDevice: Rule = {
  name: 'new-device',
  severity: 'notice',
  window_minutes: 60,
  threshold: 1,
  counts: ({ action, outcome, actorId, input }) =>
    action === 'identity.session.begin' && outcome === 'done' && input['isNewDevice'] === true
      ? [{ subject: actorId, weight: 1 }]
      : [],
}
