import type pg from 'pg'
import type { Operation } from '../contract/operation.ts'
import { refuse, Refusal } from '../contract/refusal.ts'

/**
 * What the database says, as what the caller is told: a constraint that the operation lists is one of its refusals, a
 * reference to nothing is a row that does not exist, and what we did not foresee is our bug.
 */
export function asRefusal(error: unknown, { refuses }: Pick<Operation, 'refuses'>): unknown {
  const { code, constraint, routine } = error as Partial<pg.DatabaseError>
  if (error instanceof Refusal || !code) return error
  if (constraint && refuses.includes(constraint)) return refuse(constraint)
  if (code === REFERENCE_TO_NOTHING) return new Refusal(404, 'not-found')
  if (code === BEYOND_LIMIT && routine === RAISED) return new Refusal(413, 'too-much-at-once')
  const busy = BUSY[code]
  return busy ? new Refusal(busy.status, busy.code, { retryAfter_s: 1, inside: String(error) }) : error
}

const REFERENCE_TO_NOTHING = '23503'
/** Raised by the tables when one act changes more than its entry can hold; what Postgres cannot hold is our bug. */
const BEYOND_LIMIT = '54000'
const RAISED = 'exec_stmt_raise'
const BUSY: Record<string, { status: number; code: string }> = {
  '55P03': { status: 409, code: 'busy' },
  '40001': { status: 409, code: 'busy' },
  '40P01': { status: 409, code: 'busy' },
  '57014': { status: 503, code: 'unavailable' },
}
