import type { Order, Outcome, Question } from './load.ts'
import type { Process } from './process.ts'
import type { Kind, Server } from './requests.ts'

/**
 * Both servers take turns, so that whatever else the machine does meets both: in each round ours, the limit twice,
 * ours.
 */
export type Side = { port: number; usage_us: () => Promise<number> }
export type Sides = Record<Server, Side>
export type Load = Process<Question, Outcome>
export type Turn = { perSecond: number; cpu_us: number; wrong: number }
export type Rounds = { kind: Kind; rounds: Record<Server, Turn>[] }
/** `warm_ms`: how long each server does each operation before anything counts. */
export type Pace = { rounds: number; turn_ms: number; warm_ms: number }

const KINDS: readonly Kind[] = ['list', 'get', 'create', 'foreign']
/** As many callers at once as the goals name. */
const CONNECTIONS = 32

export async function measureRounds(load: Load, sides: Sides, pace: Pace, say: (what: string) => void) {
  const measured = KINDS.map((kind): Rounds => ({ kind, rounds: [] }))
  const take = (server: Server, kind: Kind, lasts_ms = pace.turn_ms) =>
    turn(load, sides[server], { server, kind, lasts_ms, connections: CONNECTIONS, port: sides[server].port })
  // Statements are prepared, every key is known and code is compiled, which takes longer where there is more of it.
  for (const kind of KINDS)
    for (const server of ['limit', 'ours'] as const) {
      say(`warming up, ${kind}`)
      await take(server, kind, pace.warm_ms)
    }
  for (let round = 1; round <= pace.rounds; round++)
    for (const { kind, rounds } of measured) {
      say(`round ${round} of ${pace.rounds}, ${kind}`)
      const ours = [await take('ours', kind)]
      const limit = [await take('limit', kind), await take('limit', kind)]
      ours.push(await take('ours', kind))
      rounds.push({ ours: together(ours), limit: together(limit) })
    }
  return measured
}

async function turn(load: Load, side: Side, order: Order): Promise<Turn> {
  const before_us = await side.usage_us()
  const { answered, wrong } = await load.ask(order)
  const used_us = (await side.usage_us()) - before_us
  return { perSecond: (answered * 1_000) / order.lasts_ms, cpu_us: used_us / answered, wrong }
}

const together = (turns: readonly Turn[]): Turn => ({
  perSecond: mean(turns.map(({ perSecond }) => perSecond)),
  cpu_us: mean(turns.map(({ cpu_us }) => cpu_us)),
  wrong: turns.reduce((sum, { wrong }) => sum + wrong, 0),
})

const mean = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length
