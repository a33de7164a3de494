import { insistOnEqualAnswers } from './answers.ts'
import { median } from './finding.ts'
import type { Finding, Goal } from './finding.ts'
import type { Opening as LimitOpening } from './limit.ts'
import type { Question as LoadQuestion, Outcome } from './load.ts'
import type { Opening as OurOpening } from './ours.ts'
import { begin } from './process.ts'
import { measureRounds } from './rounds.ts'
import type { Pace, Rounds } from './rounds.ts'
import type { Kind } from './requests.ts'
import { postgresUsage_us, postmasterOf } from './usage.ts'
import type { World } from './world.ts'

/** The four operations that everything else resembles, each with the share of the limit that it is to reach. */
const OPERATIONS: Record<Kind, { what: string; goal: Goal }> = {
  list: { what: 'list of 50', goal: { least: 0.8 } },
  get: { what: 'point read', goal: { least: 0.8 } },
  create: { what: 'create, with its audit entry', goal: { least: 0.7 } },
  foreign: { what: 'refuse a foreign id', goal: { least: 0.8 } },
}

/** Rate limits are on and counted; this much room in them lets one process stand for many callers. */
const ROOM_IN_LIMITS = 100_000
/** As many as our own pool has. */
const LIMIT_CONNECTIONS = 10

export async function measureOperations(world: World, pace: Pace, say: (what: string) => void): Promise<Finding[]> {
  await using ours = begin<OurOpening | 'usage', number>(new URL('./ours.ts', import.meta.url))
  await using limit = begin<LimitOpening | 'usage', number>(new URL('./limit.ts', import.meta.url))
  await using load = begin<LoadQuestion, Outcome>(new URL('./load.ts', import.meta.url))
  await load.ask({ workspaces: world.workspaces })
  const postmaster = postmasterOf(world.data)
  const sideOf = async (server: typeof ours | typeof limit, port: number) => ({
    port,
    usage_us: async () => (await server.ask('usage')) + postgresUsage_us(postmaster),
  })
  const sides = {
    ours: await sideOf(ours, await ours.ask({ data: world.data, scale: ROOM_IN_LIMITS })),
    limit: await sideOf(limit, await limit.ask({ login: world.admin, connections: LIMIT_CONNECTIONS })),
  }
  await insistOnEqualAnswers(world, sides)
  return (await measureRounds(load, sides, pace, say)).map(findingOf)
}

/** Ours against the limit within each round, so that what changed between rounds touches no ratio. */
function findingOf({ kind, rounds }: Rounds): Finding {
  const wrong = rounds.reduce((sum, { ours, limit }) => sum + ours.wrong + limit.wrong, 0)
  if (wrong > 0) throw new Error(`${wrong} answers to ${kind} were not what they should be, so nothing was measured`)
  const ratios = rounds.map(({ ours, limit }) => ours.perSecond / limit.perSecond)
  const cpu = median(rounds.map(({ ours, limit }) => ours.cpu_us / limit.cpu_us))
  return {
    ...OPERATIONS[kind],
    measured: median(rounds.map(({ ours }) => ours.perSecond)),
    unit: '/s',
    limit: median(rounds.map(({ limit }) => limit.perSecond)),
    ratio: median(ratios),
    range: [Math.min(...ratios), Math.max(...ratios)],
    cpu,
  }
}
