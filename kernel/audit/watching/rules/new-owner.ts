import type { Rule } from '../rule.ts'

/** Somebody may do everything from now on, whether they came as an owner or became one: the others should know. */
export const newOwner = (owner: string): Rule => ({
  name: 'new-owner',
  severity: 'alarm',
  window_minutes: 60,
  threshold: 1,
  counts({ action, outcome, target, input, changes }) {
    if (outcome !== 'done' || !target || !namesIn(input['roles']).includes(owner)) return []
    const wasOne = changes.some(
      ({ of, before }) => of === 'identity.member' && namesIn(before?.['roles']).includes(owner),
    )
    const becameOne = action === 'identity.member.changeRoles' && changes.length > 0 && !wasOne
    return action === 'identity.member.join' || becameOne ? [{ subject: target, weight: 1 }] : []
  },
})

const namesIn = (roles: unknown): readonly unknown[] => (Array.isArray(roles) ? roles : [])
