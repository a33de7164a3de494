import type { Rule } from '../rule.ts'

/**
 * A role given to oneself. Nobody is let do it, so whoever asked is told of at the first time; and should it ever be
 * done, it was not by our code.
 */
export const ownRole: Rule = {
  name: 'own-role',
  severity: 'alarm',
  window_minutes: 60,
  threshold: 1,
  counts({ action, outcome, isOwn, actorId }) {
    const isGiven = action === 'identity.member.changeRoles' && (outcome === 'own_membership' || isOwn)
    return isGiven ? [{ subject: actorId, weight: 1 }] : []
  },
}
