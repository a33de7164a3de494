import { measureAudit } from './audit.ts'
import { measureDecision } from './decision.ts'
import { judged } from './finding.ts'
import type { Finding } from './finding.ts'
import { measureFlood } from './flood.ts'
import { measureOperations } from './operations.ts'
import { measureStart } from './start.ts'
import { measureStorm } from './storm.ts'
import { openWorld } from './world.ts'
import type { Size } from './world.ts'
import { measureWhois } from './whois.ts'
import { measureWorkspaces } from './workspaces.ts'

/**
 * The bench measures what the product costs: over HTTP beside the bare limit in the same minutes on the same machine,
 * so that every figure that matters is a ratio, and a few figures of its own. It promises nothing about the machine and
 * is never a test: a slow afternoon must not turn anything red.
 */
export type Effort = Size & {
  rounds: number
  /** How long each server is loaded at a time; four such turns make a round of one operation. */
  turn_ms: number
  warm_ms: number
  floods: number
  storms: number
  /** Entries that wait to be sealed, commits that come alone, and how long the log becomes. */
  backlog: number
  commits: number
  lengths: readonly number[]
  /** Workspaces made of each kind. */
  workspaces_made: number
  /** How long a process that has started is left alone before its memory is looked at. */
  rest_ms: number
}

export const QUICK: Effort = {
  workspaces: 1_000,
  rows: 100,
  rounds: 5,
  turn_ms: 300,
  warm_ms: 2_000,
  floods: 3,
  storms: 1,
  backlog: 20_000,
  commits: 20,
  lengths: [1_000, 10_000, 50_000],
  workspaces_made: 5,
  rest_ms: 2_000,
}
export const FULL: Effort = {
  workspaces: 1_000,
  rows: 1_000,
  rounds: 5,
  turn_ms: 2_000,
  warm_ms: 8_000,
  floods: 5,
  storms: 3,
  backlog: 200_000,
  commits: 50,
  lengths: [1_000, 10_000, 100_000, 1_000_000],
  workspaces_made: 20,
  rest_ms: 10_000,
}

export async function measure(effort: Effort, say: (what: string) => void): Promise<Finding[]> {
  say('starting, on an empty folder and again')
  const found: Finding[] = [...measureDecision(), ...(await measureStart(effort.rest_ms))]
  say(`writing ${effort.workspaces} workspaces of ${effort.rows} rows`)
  await using world = await openWorld(effort)
  found.unshift(...(await measureOperations(world, effort, say)))
  say('making workspaces')
  found.push(...(await measureWorkspaces(world, effort.workspaces_made)))
  found.push(...(await measureFlood(world, effort, say)))
  found.push(...(await measureWhois(world)))
  found.push(...(await measureStorm(world, effort, say)))
  // Last, since it makes by far the most rows.
  found.push(...(await measureAudit(world, effort, say)))
  return found.map(judged)
}
