import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { inclusionProof } from '../kernel/audit/log/tree.ts'
import { storedTree } from '../kernel/audit/sealing/exporting/stored.ts'
import { pass } from '../kernel/audit/sealing/sequencer.ts'
import { newMemory, type Memory } from '../kernel/audit/sealing/sequencing/belief.ts'
import { sealerOf } from '../kernel/serve/open.ts'
import { asAdmin } from '../kernel/tenancy/cluster.ts'
import { median, type Finding } from './finding.ts'
import type { Outcome, Question as LoadQuestion } from './load.ts'
import type { Opening } from './ours.ts'
import { begin } from './process.ts'
import { postmasterOf, usageByProcess_us } from './usage.ts'
import type { World } from './world.ts'

/** What it costs that everything is recorded, and that what is recorded is sealed. */
export type Sealing = {
  rounds: number
  turn_ms: number
  warm_ms: number
  /** Entries that wait when sealing begins. */
  backlog: number
  /** Commits that come one at a time. */
  commits: number
  /** How long the log is when the cost of a leaf is looked at, in order. */
  lengths: readonly number[]
}

export async function measureAudit(world: World, effort: Sealing, say: (what: string) => void): Promise<Finding[]> {
  const business = await measureBusiness(world, effort, say)
  const log = openLog(world)
  await drain(log)
  say('sealing one commit at a time')
  const rest = await measureRest(world, log, effort.commits)
  say(`sealing up to ${effort.lengths.at(-1)} entries`)
  const growth = await measureGrowth(log, effort)
  const proof = await measureProof(log)
  return [business, ...rest, ...growth, proof]
}

/** The same creations by a process that records them and one that does not, in turn. */
async function measureBusiness(world: World, { rounds, turn_ms, warm_ms }: Sealing, say: (what: string) => void) {
  await using recording = begin<Opening, number>(new URL('./ours.ts', import.meta.url))
  await using silent = begin<Opening, number>(new URL('./ours.ts', import.meta.url))
  await using load = begin<LoadQuestion, Outcome>(new URL('./load.ts', import.meta.url))
  await load.ask({ workspaces: world.workspaces })
  const opening = { data: world.data, scale: 100_000 }
  const ports = { recording: await recording.ask(opening), silent: await silent.ask({ ...opening, isSilent: true }) }
  const turn = async (who: 'recording' | 'silent', lasts_ms: number) => {
    await notes(world, who === 'recording')
    const order = { server: 'ours', kind: 'create', port: ports[who], connections: 32, lasts_ms } as const
    const { answered, wrong } = await load.ask(order)
    if (wrong > 0) throw new Error(`${wrong} creations were answered wrongly, so nothing was measured`)
    return (answered * 1_000) / lasts_ms
  }
  for (const who of ['silent', 'recording'] as const) await turn(who, warm_ms)
  const pairs: { with: number; without: number }[] = []
  for (let round = 1; round <= rounds; round++) {
    say(`with and without its log, round ${round} of ${rounds}`)
    pairs.push({ without: await turn('silent', turn_ms), with: await turn('recording', turn_ms) })
  }
  await notes(world, true)
  const ratios = pairs.map((pair) => pair.with / pair.without)
  return {
    what: 'create with its log, to one without any',
    measured: median(pairs.map((pair) => pair.with)),
    unit: '/s',
    limit: median(pairs.map(({ without }) => without)),
    ratio: median(ratios),
    range: [Math.min(...ratios), Math.max(...ratios)],
    goal: { least: 0.75 },
  } satisfies Finding
}

/** Whether the table tells what changes in it. */
const notes = ({ admin }: World, isOn: boolean) =>
  asAdmin(admin, admin.database, (client) =>
    client.query(`alter table shop.customer ${isOn ? 'enable' : 'disable'} trigger user`),
  )

type Log = ReturnType<typeof openLog>

function openLog({ parts, admin, data, workspaces }: World) {
  const realm = parts.deployment.known.find(({ kind }) => kind === 'pool')!
  const means = { keeper: parts.deployment.keeper, vault: parts.vault, copies: parts.copies, tell: () => undefined }
  const postmaster = postmasterOf(data)
  return { means, realm, memory: newMemory(), admin, postmaster, all: workspaces.map(({ id }) => id) }
}

async function drain({ means, realm, memory }: { means: Log['means']; realm: Log['realm']; memory: Memory }) {
  let sealed = 0
  for (let passed = await pass(means, realm, memory); ; passed = await pass(means, realm, memory, passed.ahead)) {
    sealed += passed.sealed
    if (passed.isAll && !passed.isWaiting && !passed.isBusy) return sealed
  }
}

/** From the commit until a head is signed that has it, with nothing else to do. */
async function measureRest(world: World, { admin, realm, all }: Log, commits: number): Promise<Finding[]> {
  await using sealer = sealerOf(world.parts)
  const client = new pg.Client({ ...admin, database: admin.database })
  await client.connect()
  await sealer.settled(realm)
  const took_ms: number[] = []
  for (let i = 0; i < commits; i++) {
    const { rows } = await client.query<{ id: string }>(`${ENTRIES} returning id`, [all, 1])
    const began = performance.now()
    sealer.wake(realm)
    while ((await client.query('select from audit.leaf where id = $1', [rows[0]!.id])).rowCount === 0) await sleep(1)
    took_ms.push(performance.now() - began)
    await sleep(SPACED_MS)
  }
  await client.end()
  took_ms.sort((a, b) => a - b)
  const worst = took_ms[Math.floor(took_ms.length * 0.95)]!
  return [
    { what: 'commit to signed head, at rest', measured: median(took_ms), unit: 'ms', goal: { most: 100 } },
    { what: '… one in twenty takes longer than', measured: worst, unit: 'ms' },
  ]
}

/** Nobody would call it busy. */
const SPACED_MS = 150

/** A long backlog at once, and what a leaf costs as the log grows: in processor time, of which others take nothing. */
async function measureGrowth(log: Log, { backlog, lengths }: Sealing): Promise<Finding[]> {
  const costs_us: number[] = []
  let perSecond = 0
  let length = Number((await lookedUp(log, 'select size from audit.log'))[0]!['size'])
  for (const next of lengths) {
    if (next > length) length += await fillAndSeal(log, next - length)
    const samples = [await sample(log, SAMPLE), await sample(log, SAMPLE), await sample(log, SAMPLE)]
    length += samples.length * SAMPLE
    costs_us.push(median(samples.map(({ cpu_us }) => cpu_us)))
    if (next === lengths.at(-1)) perSecond = (await sample(log, backlog)).perSecond
  }
  const [least, most] = [Math.min(...costs_us), Math.max(...costs_us)]
  return [
    { what: `leaves sealed of a backlog of ${backlog}`, measured: perSecond, unit: '/s', goal: { least: 30_000 } },
    { what: `processor time of a leaf, at ${length} of them`, measured: costs_us.at(-1)! * 1_000, unit: 'ns' },
    {
      what: `its dearest to its cheapest, from ${lengths[0]} on`,
      measured: (100 * most) / least,
      unit: '%',
      goal: { most: 150 },
    },
  ]
}

const SAMPLE = 5_000
/** Written at a time: an insert has as long as every statement. */
const PIECE = 20_000

async function fill({ admin, all }: Log, count: number) {
  await asAdmin(admin, admin.database, async (client) => {
    for (let done = 0; done < count; done += PIECE) await client.query(ENTRIES, [all, Math.min(PIECE, count - done)])
    await client.query('vacuum analyze audit.entry')
    await client.query('checkpoint')
  })
}

async function fillAndSeal(log: Log, count: number): Promise<number> {
  for (let done = 0; done < count; done += 10 * PIECE) {
    await fill(log, Math.min(10 * PIECE, count - done))
    await drain(log)
  }
  return count
}

async function sample(log: Log, count: number) {
  await fill(log, count)
  const [began_ms, mine, theirs] = [performance.now(), process.cpuUsage(), usageByProcess_us(log.postmaster)]
  const sealed = await drain(log)
  const took_ms = performance.now() - began_ms
  const { user, system } = process.cpuUsage(mine)
  let used_us = user + system
  for (const [pid, now_us] of usageByProcess_us(log.postmaster)) used_us += now_us - (theirs.get(pid) ?? 0)
  return { perSecond: (sealed * 1_000) / took_ms, cpu_us: used_us / sealed }
}

/** Out of the tiles as they are stored. */
async function measureProof(log: Log): Promise<Finding> {
  const [row] = await lookedUp(log, 'select epoch, size::int as size from audit.log')
  const { epoch, size } = row as { epoch: number; size: number }
  const pool = log.means.keeper.open(log.realm)
  const tree = storedTree({ run: async (one) => (await pool.run([one]))[0]! }, epoch, size)
  const took_ms: number[] = []
  for (let i = 0; i < PROOFS; i++) {
    const index = Math.floor(Math.random() * size)
    const began = performance.now()
    await tree((nodes) => inclusionProof(index, size, nodes))
    took_ms.push(performance.now() - began)
  }
  return { what: `a proof, of ${size} leaves`, measured: median(took_ms), unit: 'ms', goal: { most: 5 } }
}

const PROOFS = 200

const lookedUp = ({ admin }: Log, text: string) =>
  asAdmin(admin, admin.database, async (client) => (await client.query<Record<string, unknown>>(text)).rows)

/** As an action leaves them: somebody's name, a browser, what was asked for and what became of it. */
const ENTRIES = `insert into audit.entry (workspace_id, action, actor_kind, actor_id, actor_name, address, user_agent,
    request_id, target, input, changes)
  select ($1::uuid[])[1 + n % cardinality($1::uuid[])], 'shop.customer.create', 'person', gen_random_uuid(),
    'Asha Menon', '192.0.2.7', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', gen_random_uuid(),
    gen_random_uuid(), c.said,
    jsonb_build_array(
      jsonb_build_object('of', 'shop.customer', 'id', gen_random_uuid(), 'before', null, 'after', c.said))
  from generate_series(1, $2::int) n cross join lateral (
    select jsonb_build_object('name', 'Customer ' || n, 'phone', '+97150000000', 'email', n || '@example.com') as said
  ) c`
