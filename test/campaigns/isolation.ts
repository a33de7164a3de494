/**
 * North reaches for what is south's: every operation that takes a reference, as every role, in both kinds of realm,
 * with the id of every row that south has and of rows in other databases. Each answer must be, byte for byte, what is
 * answered to an id that nobody ever had; and afterwards every row of south must be as it was.
 */
import { randomUUID } from 'node:crypto'
import type { Result, Say, Size } from '../../cli/campaign.ts'
import { jeweller } from '../../editions/jeweller/edition.ts'
import type { Canary, Live, LiveOperation, Pair, Told } from '../../kernel/contract/control.ts'
import { world } from '../../kernel/testing.ts'
import { dice } from '../dice.ts'
import { inLanes } from '../knock.ts'

export const summary = 'reaches for the neighbour’s rows through every operation, as every role, in both kinds of realm'

const ATTEMPTS: Record<Size, number> = { small: 500, full: 50_000 }
/** Foreign and absent in turn: with so many, what else runs on the machine slows both alike. No small run is timed. */
const TIMED = 3_000
const MOST_APART_PERCENT = 25
const SEED = 20_261_120
const AT_ONCE = 12

type Way = { pair: Pair; role: string; operation: LiveOperation; path: string }
type Attempt = Way & { id: string; headers: Record<string, string> }

export async function campaign(size: Size, say: Say): Promise<Result> {
  await using here = await world(jeweller)
  const { live } = here.served
  const ways = waysOf(live)
  const ids = new Map<Pair, string[]>()
  for (const pair of live.canaries) ids.set(pair, await foreignIds(live, pair))
  const before = await digests(live)
  say(`${ways.length} ways in, ${[...ids.values()].flat().length} foreign ids`)

  const twins = new Map<string, Promise<string>>()
  const counts = { attempts: 0, ways: ways.length, 'answers that differ': 0, 'answers that show something': 0 }
  await inLanes(attemptsOf(ways, ids, ATTEMPTS[size]), AT_ONCE, async (attempt) => {
    const { pair, role, operation, path, id } = attempt
    const told = await make(attempt)
    const key = `${pair.kind} ${role} ${operation.name} ${path}`
    if (!twins.has(key)) twins.set(key, make({ ...attempt, id: randomUUID(), headers: {} }).then(withoutId))
    const isTwin = withoutId(told) === (await twins.get(key))
    const shows = told.text.includes(pair.south.marker) || told.text.includes(id)
    counts.attempts++
    if (!isTwin) counts['answers that differ']++
    if (shows) counts['answers that show something']++
    if (!isTwin || shows) say(`${key} with ${id}: ${told.status} ${told.text.slice(0, 300)}`)
    if (counts.attempts % 10_000 === 0) say(`${counts.attempts} attempts`)
  })
  const changed = (await digests(live)).filter((digest, at) => digest !== before[at])
  const percent = size === 'full' ? await timing(ways, TIMED) : undefined
  const own = await ownRowsWork(live, say)
  const faults = counts['answers that differ'] + counts['answers that show something'] + changed.length
  const isEven = percent === undefined || Math.abs(percent - 100) <= MOST_APART_PERCENT
  const timed = percent === undefined ? {} : { 'time of foreign ids in percent': percent }
  return {
    counts: { ...counts, 'tables of south changed': changed.length, ...timed, ...own },
    ok: isEven && faults + own['own rows refused'] === 0,
  }
}

const waysOf = (live: Live): Way[] =>
  live.canaries.flatMap((pair) =>
    [...Object.keys(live.roles), 'nobody'].flatMap((role) =>
      live.operations
        .filter(({ kind }) => kind !== 'job')
        .flatMap((operation) => operation.references.map((path) => ({ pair, role, operation, path }))),
    ),
  )

/** How long a foreign id takes, in percent of an absent one, by the medians: time must not tell them apart either. */
async function timing(ways: readonly Way[], many: number): Promise<number> {
  const way = ways.find(({ operation }) => operation.name.endsWith('.get'))!
  const [theirs] = await rowIds(way.pair.south)
  const took = { foreign: [] as number[], absent: [] as number[] }
  for (let n = 0; n < many; n++)
    for (const kind of n % 2 ? (['foreign', 'absent'] as const) : (['absent', 'foreign'] as const)) {
      const started = performance.now()
      await make({ ...way, id: kind === 'foreign' ? theirs! : randomUUID(), headers: {} })
      took[kind].push(performance.now() - started)
    }
  const median = (times: number[]) => times.toSorted((a, b) => a - b)[times.length >> 1]!
  return Math.round((100 * median(took.foreign)) / median(took.absent))
}

/** Each way once, then any of them. */
function* attemptsOf(ways: readonly Way[], ids: ReadonlyMap<Pair, string[]>, many: number): Generator<Attempt> {
  const roll = dice(SEED)
  for (let n = 0; n < many; n++) {
    const way = ways[n] ?? ways[roll(ways.length)]!
    const theirs = ids.get(way.pair)!
    const id = theirs[roll(theirs.length)]!
    const { workspace } = way.pair.south
    yield { ...way, id, headers: roll(10) === 0 ? { 'x-workspace-id': workspace, 'x-tenant-id': workspace } : {} }
  }
}

/** A good input of north's in which one reference is of somebody else's. */
function make({ pair, role, operation, path, id, headers }: Attempt): Promise<Told> {
  const input = structuredClone(operation.example(pair.north))
  const steps = path.split('.')
  let at = input as Record<string, unknown>
  for (const step of steps.slice(0, -1)) at = (at[step] ??= {}) as Record<string, unknown>
  at[steps.at(-1)!] = id
  return pair.north.call(operation.name, input, role, headers)
}

/** All that may differ between two answers is whose request it was. */
const withoutId = ({ status, text }: Told) => `${status} ${text.replace(/urn:uuid:[0-9a-f-]{36}/, '')}`

/** Every row that south has, its workspace, and all rows in the other kind of realm. */
async function foreignIds(live: Live, mine: Pair): Promise<string[]> {
  const others = live.canaries.filter((pair) => pair !== mine).flatMap(({ north, south }) => [north, south])
  const elsewhere = await Promise.all(others.map(rowIds))
  return [mine.south.workspace, ...(await rowIds(mine.south)), ...elsewhere.flat()]
}

async function rowIds(canary: Canary): Promise<string[]> {
  const found: string[] = []
  for (const table of await tablesOf(canary)) {
    const rows = await canary.catalogue(`select id from ${table} where workspace_id = $1`, [canary.workspace])
    found.push(...rows.map(({ id }) => String(id)))
  }
  return found
}

/** One digest for each table of south's, in each realm; when a key was last used is no change. */
async function digests(live: Live): Promise<string[]> {
  const all: string[] = []
  for (const { south } of live.canaries)
    for (const table of await tablesOf(south)) {
      const [row] = await south.catalogue(
        `select md5(string_agg((to_jsonb(t) - 'last_used_at')::text, ' ' order by id)) as digest from ${table} t
         where workspace_id = $1`,
        [south.workspace],
      )
      all.push(`${south.workspace} ${table} ${String(row!['digest'])}`)
    }
  return all
}

const tablesOf = async ({ catalogue }: Canary) =>
  (
    await catalogue(`select attrelid::regclass::text as name from pg_attribute join pg_class c on c.oid = attrelid
      where attname = 'workspace_id' and c.relkind = 'r' and relname <> 'workspace_row' order by 1`)
  ).map(({ name }) => String(name))

/** Last, because it changes things: the same inputs with north's own ids work, so the refusals meant something. */
async function ownRowsWork(live: Live, say: Say) {
  const counts = { 'own rows answered': 0, 'own rows refused': 0 }
  for (const { north } of live.canaries)
    for (const operation of live.operations.filter(({ kind, references }) => kind !== 'job' && references.length > 0)) {
      const told = await north.call(operation.name, operation.example(north))
      counts[told.status === 200 ? 'own rows answered' : 'own rows refused']++
      if (told.status !== 200) say(`${operation.name} with north’s own: ${told.status} ${told.text}`)
    }
  return counts
}
