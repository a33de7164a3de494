import { QUOTAS } from '../kernel/limits/limits.ts'
import { median } from './finding.ts'
import type { Finding } from './finding.ts'
import type { Order, Outcome, Question } from './load.ts'
import type { Opening } from './ours.ts'
import { begin } from './process.ts'
import type { World } from './world.ts'

/** A noisy neighbour: what one workspace that asks for ten times its quota does to the waiting time of the others. */
const TIMES_ITS_QUOTA = 10
/** Steady and far below what the machine can do, as a server on an ordinary day. */
const OTHERS_PER_S = 300
const CONNECTIONS = 16
/** Twice a turn of the rounds, since a ninety-ninth percentile needs many answers. */
const TURNS = 2

export type Floods = { floods: number; turn_ms: number; warm_ms: number }
type Flood = { quiet_ms: number; flooded_ms: number; refused: number }

export async function measureFlood(world: World, { floods, turn_ms, warm_ms }: Floods, say: (what: string) => void) {
  await using ours = begin<Opening, number>(new URL('./ours.ts', import.meta.url))
  await using others = begin<Question, Outcome>(new URL('./load.ts', import.meta.url))
  await using neighbour = begin<Question, Outcome>(new URL('./load.ts', import.meta.url))
  // The limits as they are shipped: this is what they are for.
  const port = await ours.ask({ data: world.data, scale: 1 })
  const [noisy, ...quiet] = world.workspaces
  await others.ask({ workspaces: quiet })
  await neighbour.ask({ workspaces: [noisy!] })

  const each = { server: 'ours', kind: 'list', port, connections: CONNECTIONS } as const
  const calm: Order = { ...each, lasts_ms: Math.max(turn_ms * TURNS, 1_500), pace_per_s: OTHERS_PER_S }
  const storm: Order = { ...each, lasts_ms: calm.lasts_ms, pace_per_s: TIMES_ITS_QUOTA * quotaPerSecond }
  await others.ask({ ...each, lasts_ms: warm_ms })
  await others.ask(calm)
  // What it had saved is spent first.
  await neighbour.ask({ ...each, lasts_ms: 1_000 })

  const rounds: Flood[] = []
  for (let round = 1; round <= floods; round++) {
    say(`flood ${round} of ${floods}`)
    // In turns as everything here: what grows with time must not look like the flood.
    const before = round % 2 === 1 ? await others.ask(calm) : undefined
    const [beside, flood] = await Promise.all([others.ask(calm), neighbour.ask(storm)])
    const alone = before ?? (await others.ask(calm))
    if (alone.wrong + beside.wrong > 0) throw new Error('somebody who kept to their quota was refused')
    rounds.push({ quiet_ms: alone.p99_ms, flooded_ms: beside.p99_ms, refused: flood.wrong })
  }
  if (rounds.some(({ refused }) => refused === 0)) throw new Error('the flood was not refused, so it was none')
  return findings(rounds)
}

function findings(rounds: readonly Flood[]): Finding[] {
  const grown = rounds.map(({ quiet_ms, flooded_ms }) => (flooded_ms / quiet_ms - 1) * 100)
  return [
    { what: 'p99 of the others, quiet', measured: median(rounds.map((one) => one.quiet_ms)), unit: 'ms' },
    { what: 'p99 of the others, one flooding', measured: median(rounds.map((one) => one.flooded_ms)), unit: 'ms' },
    { what: 'p99 grown by the flood', measured: median(grown), unit: '%', goal: { most: 25 } },
  ]
}

const quotaPerSecond = QUOTAS.read.quota / QUOTAS.read.window_s
