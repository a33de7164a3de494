import type { Origin } from '../audit/record.ts'
import { Refusal } from '../contract/refusal.ts'
import type { Caller } from '../identity/whois.ts'
import { unavailable } from '../postgres/lease.ts'
import { changing } from '../postgres/work.ts'
import type { Served } from './catalogue.ts'
import type { Asked } from './dispatch.ts'
import { idOf, recorderIn, targetOf } from './finish.ts'
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

/**
 * What was not let be done, beside the answer: who was told no, to what, and of which record. Of what they said nothing
 * is kept, since a text that was refused may be anything; and a record of another workspace leaves the same entry as
 * one that never was, since nobody here knows which of the two it is.
 */
export function noteRefusal(
  parts: Parts,
  served: Served,
  caller: Caller,
  { input, origin }: Asked,
  error: unknown,
): void {
  if (!(error instanceof Refusal) || !(KEPT.has(error.status) || TOO_MUCH.has(error.code))) return
  const target = targetOf(input)
  // A look for something by its name is no look for a record.
  if (error.status === 404 && target === null) return
  const { requestId, userAgent, address } = origin
  parts.refusals.note({
    place: caller.place,
    action: served.name,
    outcome: error.code,
    actor: caller.actor,
    // As long as the connection is there to be asked.
    origin: { requestId, userAgent, address },
    target,
    input: {},
  })
}

/**
 * They may not, or not now; it is not theirs, or it is not; they ask too often. Who is unknown is told of by the way
 * in; what was not well said, or stands against a rule of the business, is work like any other.
 */
const KEPT: ReadonlySet<number> = new Set([403, 404, 429])
/** Said as rules of the business, these too are about what somebody may: more than was given to them. */
const TOO_MUCH: ReadonlySet<string> = new Set(['own_membership', 'member_beyond_own', 'role_beyond_own'])
