import { setTimeout as sleep } from 'node:timers/promises'
import { openExport } from '../../audit/sealing/exporting.ts'
import { log } from '../../base/log.ts'
import { Trouble } from '../../base/trouble.ts'
import type { ProvenLog } from '../../contract/operation.ts'
import { refuse } from '../../contract/refusal.ts'
import { unavailable } from '../../postgres/lease.ts'
import type { Patience } from '../../postgres/snapshot.ts'
import type { Place } from '../../tenancy/realms.ts'
import type { Parts } from '../parts.ts'

/**
 * A workspace's log with its proofs, for the operation that sends it: it gets these lines, and never what they are made
 * with. They are read by the keeper of the logs on a connection of its own, which takes the place of the operation's,
 * so that a seat is one connection, and no more patient than the others.
 */
export function provenLog(parts: Parts, place: Place, patience: Patience, seat: Seat): ProvenLog {
  const { deployment, vault, copies } = parts
  const means = { keeper: deployment.keeper, role: deployment.names.keeper, vault, copies, patience }
  return async function* (since) {
    for (const until_ms = Date.now() + PATIENT_FOR_ms; ;) {
      const opened = await openExport({ ...means, lost: () => seat.breakOff() }, place, since)
      seat.hold(opened)
      try {
        return yield* together(opened.lines)
      } catch (error) {
        if (!isTooSoon(error) || Date.now() > until_ms) throw told(error, place)
      }
      // Nothing has left yet: whether it is too soon is asked before the first line.
      parts.sealer.wake(place.realm)
      await sleep(LOOK_EVERY_ms)
    }
  }
}

/** What a download holds until it is over. */
type Seat = { hold: (reader: { end: () => void }) => void; breakOff: () => void }

/** What was just written is sealed well within that time, where anything is sealed. */
const PATIENT_FOR_ms = 5_000
const LOOK_EVERY_ms = 100

/** Many lines to a piece: each piece has its price, and most lines are short. */
async function* together(lines: AsyncIterable<string>): AsyncGenerator<string, void> {
  let piece = ''
  for await (const line of lines) {
    piece += line
    if (piece.length < PIECE_characters) continue
    yield piece
    piece = ''
  }
  if (piece) yield piece
}

const PIECE_characters = 65_536

const isTooSoon = (error: unknown) => error instanceof Trouble && error.exit === 3

/** What whoever runs this can put right, as what the caller can be told; the rest is for the operator's log. */
function told(error: unknown, { workspace }: Place): unknown {
  if (!(error instanceof Trouble)) return error
  if (error.exit === 2) return refuse('checkpoint_unknown')
  if (error.exit === 3) return unavailable(error.message)
  log('a log is not vouched for', { workspace, why: error.message })
  return refuse('log_untenable')
}
