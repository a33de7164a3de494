import type { Parts } from '../kernel/serve/parts.ts'

/**
 * For races: nobody is slowed down and no password takes its time to be hashed, so that all arrive at the same moment
 * at what there is one of. Whatever decides who gets it is as ever.
 */
export function hurry(parts: Parts): void {
  parts.attempts = {
    spend: () => Promise.resolve({ allowed: true, reset_s: 0 }),
    forgive: () => Promise.resolve(),
  }
  parts.house.hashing = {
    hash: (password) => Promise.resolve(`as it was typed: ${password}`),
    check: (password, stored) => Promise.resolve({ ok: stored === `as it was typed: ${password}`, outdated: false }),
  }
}
