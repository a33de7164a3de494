import { Refusal } from '../contract/refusal.ts'
import { FRESH_FOR_MS } from '../identity/assurance.ts'
import type { Caller } from '../identity/whois.ts'
import type { Served } from './catalogue.ts'

/**
 * The one place where it is asked how sure we are of a caller, for every operation and whichever way they came in. Who
 * owes a second factor gets nowhere from here, and what deserves a second look wants a proof that is still warm.
 */
export function insistOnAssurance({ operation }: Served, caller: Caller): void {
  const now_ms = Date.now()
  if (caller.heldFrom_ms <= now_ms) throw new Refusal(403, 'second-factor-required')
  if (operation.rate === 'sensitive' && caller.provedAt_ms + FRESH_FOR_MS < now_ms)
    throw new Refusal(403, 'step-up-required')
}
