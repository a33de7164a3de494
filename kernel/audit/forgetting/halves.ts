import type { Actor } from '../../contract/operation.ts'
import type { Statement } from '../../postgres/batch.ts'
import type { Scope } from '../../postgres/work.ts'
import { entry } from '../record.ts'

/** An entry by its place in its workspace's sequence, and which of its halves have to go. */
export type Doomed = { id: string; epoch: number; seq: number; who: boolean; what: boolean }

/**
 * Why something was forgotten; an erasure by the request that asked for it, and of whom. The request's own entry may be
 * about what was forgotten too, so whom it was about stays here, where nothing is ever forgotten.
 */
export type Because = { why: 'erasure'; request: string; subject: string } | { why: 'retention' }

export const KEEPER: Actor = { id: 'keeper', kind: 'system', name: 'Keeper of the log' }

/** Where the keeper works: it sees all workspaces and is in one, so that what it writes belongs there. */
export const keeping = (keeper: string, workspace: string): Scope => ({ role: keeper, schema: 'audit', workspace })

/** In one workspace one transaction at a time forgets, or forbids it. */
export const turn = (workspace: string): Statement => ({
  text: 'select from audit.take_turn($1)',
  name: 'take turn',
  values: [workspace],
})

/** Halves and salts go together, with the entries that say which they were. */
export function forget(workspace: string, doomed: readonly Doomed[], because: Because, requestId: string): Statement[] {
  const gone = (half: 'who' | 'what') => doomed.filter((one) => one[half])
  const target = because.why === 'erasure' ? because.request : null
  const receipts = [...Map.groupBy(doomed, ({ epoch }) => epoch)].map(([epoch, ofEpoch]) => {
    const places = (half: 'who' | 'what') => rangesOf(ofEpoch.filter((one) => one[half]).map(({ seq }) => seq))
    const input = { epoch, who: places('who'), what: places('what'), ...because }
    return entry('audit.log.forget', KEEPER, { requestId }, input, target)
  })
  return [...(['who', 'what'] as const).flatMap((half) => empty(half, workspace, gone(half))), ...receipts]
}

const COLUMNS = { who: ['actor_name', 'address', 'user_agent'], what: ['input', 'changes'] } as const

function empty(half: 'who' | 'what', workspace: string, doomed: readonly Doomed[]): Statement[] {
  if (doomed.length === 0) return []
  const values = [workspace, doomed.map(({ id }) => id)]
  const here = 'where workspace_id = $1 and id = any($2::uuid[])'
  const set = COLUMNS[half].map((column) => `${column} = null`).join(', ')
  return [
    { text: `update audit.entry set ${set} ${here}`, name: `forget ${half}`, values },
    { text: `update audit.leaf set ${half}_salt = null ${here}`, name: `forget salt of ${half}`, values },
  ]
}

/** `3,7-12`: numbers in their order, each once. */
function rangesOf(numbers: readonly number[]): string {
  const ranges: { from: number; to: number }[] = []
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last && number <= last.to + 1) last.to = number
    else ranges.push({ from: number, to: number })
  }
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join()
}
