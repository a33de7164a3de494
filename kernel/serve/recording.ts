import type { Origin } from '../audit/record.ts'
import { Refusal } from '../contract/refusal.ts'
import type { Caller } from '../identity/whois.ts'
import { unavailable } from '../postgres/lease.ts'
import { changing } from '../postgres/work.ts'
import type { Served } from './catalogue.ts'
import { idOf, recorderIn } from './finish.ts'
import type { Parts } from './parts.ts'

/**
 * The entry of a look that is an act of its own: in a transaction of its own, since a look has none that could write,
 * and before the answer leaves. What cannot be recorded is not answered.
 */
export async function recordLook(
  parts: Parts,
  served: Served,
  caller: Caller,
  input: unknown,
  origin: Origin,
): Promise<void> {
  const entry = parts.record(served.name, caller.actor, origin, served.redactInput(input), idOf(input))
  await changing(caller.pool, recorderIn(parts, caller))
    .run(entry)
    .catch((error: unknown) => {
      throw error instanceof Refusal ? error : unavailable(`a look could not be recorded: ${String(error)}`)
    })
}
