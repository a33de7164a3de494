import { randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { createHashing } from '../kernel/identity/passwords/hashing.ts'
import type { HashKind } from '../kernel/identity/passwords/hashing.ts'
import { LOBBY } from '../kernel/identity/lobby.ts'
import { asAdmin } from '../kernel/tenancy/cluster.ts'
import { median } from './finding.ts'
import type { Finding } from './finding.ts'
import type { Order, Outcome, Question } from './load.ts'
import type { Opening } from './ours.ts'
import { begin } from './process.ts'
import type { World } from './world.ts'

/** Monday morning: people who sign in without a pause beside others who are at work already. */
const SIGNING_IN = 16
const READING = 32
const TURNS = 3

export type Storms = { storms: number; turn_ms: number; warm_ms: number }
type Storm = { quiet: Outcome; beside: Outcome; signedIn: number; sentAway: number; seconds: number }

export async function measureStorm(world: World, { storms, turn_ms, warm_ms }: Storms, say: (what: string) => void) {
  return [
    ...(await stormOf('argon2id', world, { storms, turn_ms, warm_ms }, say)),
    ...(await stormOf('bcrypt', world, { storms, turn_ms, warm_ms }, say)),
  ]
}

async function stormOf(
  kind: HashKind,
  world: World,
  { storms, turn_ms, warm_ms }: Storms,
  say: (what: string) => void,
) {
  await using ours = begin<Opening, number>(new URL('./ours.ts', import.meta.url))
  await using readers = begin<Question, Outcome>(new URL('./load.ts', import.meta.url))
  const port = await ours.ask({ data: world.data, scale: 100_000, hash: kind })
  await readers.ask({ workspaces: world.workspaces })
  const people = await populate(world, kind)
  const order: Order = { server: 'ours', kind: 'list', port, connections: READING, lasts_ms: turn_ms * TURNS }
  await readers.ask({ ...order, lasts_ms: warm_ms })
  const rounds: Storm[] = []
  for (let round = 1; round <= storms; round++) {
    say(`sign-ins by ${kind}, storm ${round} of ${storms}`)
    const quiet = await readers.ask(order)
    const [beside, storm] = await Promise.all([readers.ask(order), signAllIn(port, people, order.lasts_ms)])
    rounds.push({ quiet, beside, ...storm, seconds: order.lasts_ms / 1_000 })
  }
  if (rounds.some(({ signedIn }) => signedIn === 0)) throw new Error('nobody signed in, so there was no storm')
  return findings(kind, rounds)
}

function findings(kind: HashKind, rounds: readonly Storm[]): Finding[] {
  const of = (measure: (storm: Storm) => number) => median(rounds.map(measure))
  return [
    {
      what: `sign-ins beside readers, ${kind}`,
      measured: of((one) => one.signedIn / one.seconds),
      unit: '/s',
      goal: { least: 100 },
    },
    { what: `… told honestly to come back`, measured: of((one) => one.sentAway / one.seconds), unit: '/s' },
    {
      what: `reads kept in a storm of sign-ins, ${kind}`,
      measured: of(({ quiet, beside }) => (100 * beside.answered) / quiet.answered),
      unit: '%',
      goal: { least: 75 },
    },
    {
      what: `p99 of reads in it, to the quiet one`,
      measured: of(({ quiet, beside }) => (100 * beside.p99_ms) / quiet.p99_ms),
      unit: '%',
      goal: { most: 300 },
    },
  ]
}

const PASSWORD = 'seven quiet herons over water'
type Account = { email: string; workspace: string }

/** Sixteen people, each in a workspace of their own. */
async function populate({ admin, parts, workspaces }: World, kind: HashKind): Promise<Account[]> {
  const hash = await createHashing(kind).hash(PASSWORD)
  const people = workspaces.slice(0, SIGNING_IN).map(({ id }) => ({
    workspace: id,
    email: `${kind}-${randomBytes(6).toString('hex')}@example.com`,
  }))
  const [owner] = parts.roles.keys()
  await asAdmin(admin, admin.database, async (client) => {
    for (const { email, workspace } of people) await client.query(PERSON, [LOBBY, email, hash, workspace, [owner]])
  })
  return people
}

const PERSON = `with one as (
    insert into identity.person (workspace_id, name, email, email_key, password)
    values ($1::uuid, 'Somebody', $2, $2, $3)
    returning id),
  there as (insert into identity.belonging (workspace_id, person_id, member_of) select $1::uuid, id, $4 from one)
  insert into identity.member (workspace_id, person_id, name, email, roles) select $4, id, 'Somebody', $2, $5 from one`

/** Each as fast as the answers come; whoever is told to come back does so at once, as an impatient person would. */
async function signAllIn(port: number, people: readonly Account[], lasts_ms: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: SIGNING_IN })
  const until = performance.now() + lasts_ms
  const told = { signedIn: 0, sentAway: 0 }
  await Promise.all(
    people.map(async ({ email, workspace }) => {
      while (performance.now() < until) {
        const status = await post(agent, port, JSON.stringify({ email, password: PASSWORD, workspace }))
        if (status === 200) told.signedIn++
        else if (status === 503 || status === 429) told.sentAway++
        else throw new Error(`a sign-in was answered ${status}`)
      }
    }),
  )
  agent.destroy()
  return told
}

function post(agent: Agent, port: number, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }
    const asked = request(
      { agent, port, host: '127.0.0.1', method: 'POST', path: '/auth/sign-in', headers },
      (answer) => {
        answer.resume()
        answer.on('end', () => resolve(answer.statusCode ?? 0))
      },
    )
    asked.on('error', reject)
    asked.end(body)
  })
}
