import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { randomUUID } from 'node:crypto'
import { lettings } from '../../editions/lettings/edition.ts'
import { sql } from '../../test/people.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'
import { Refusals } from './refusals.ts'
import type { Refused } from './refusals.ts'

/** What is refused leaves entries: the first at once, the rest counted, in its own workspace and never without end. */
let here: World
before(async () => {
  here = await world(lettings, 'pool')
})
after(() => here[Symbol.asyncDispose]())

const NOBODY = { id: 'nobody', kind: 'nobody', name: 'Nobody' } as const
const refused = (more: Partial<Refused> = {}): Refused => ({
  place: here.north.place,
  action: 'identity.session.begin',
  outcome: 'sign-in-failed',
  actor: NOBODY,
  origin: { requestId: randomUUID(), address: '203.0.113.9', userAgent: 'a test' },
  target: randomUUID(),
  input: { way: 'sign-in' },
  ...more,
})
const fresh = () => new Refusals(here.served.parts.deployment.realms, () => undefined)
const entries = async ({ place, target }: Refused) =>
  await sql(here)(
    `select outcome, actor_kind, address, input from audit.entry
     where workspace_id = $1 and target is not distinct from $2 and outcome <> 'done' order by xid, id`,
    [place.workspace, target],
  )
const byWord = (one: unknown, other: unknown) => String(one).localeCompare(String(other))
const timesOf = (rows: Record<string, unknown>[]) => rows.map(({ input }) => (input as { times: number }).times)

test('the first is written at once, with who, from where and why, and in its own workspace alone', async () => {
  await using refusals = fresh()
  const one = refused()
  refusals.note(one)
  await refusals.flush()
  const [entry, ...more] = await entries(one)
  assert.deepEqual(more, [])
  assert.deepEqual(entry, {
    outcome: 'sign-in-failed',
    actor_kind: 'nobody',
    address: '203.0.113.9',
    input: { way: 'sign-in', times: 1 },
  })
  assert.deepEqual(await entries({ ...one, place: here.south.place }), [])
})

test('a thousand of the same are few entries that count to a thousand', async () => {
  await using refusals = fresh()
  const one = refused()
  const start_ms = Date.now()
  for (let n = 0; n < 1_000; n++) refusals.note(one, start_ms + n)
  await refusals.flush()
  const written = await entries(one)
  assert.deepEqual(timesOf(written), [1, 999])
  assert.equal((written[1]!['input'] as { since: string }).since, new Date(start_ms + 1).toISOString())
})

test('a day of it is an entry an hour, and what comes after a pause is written at once', async () => {
  const { realms } = here.served.parts.deployment
  const at_s: number[] = []
  let second = 0
  const open = () => {
    at_s.push(second)
    return { run: async () => [{}, {}] }
  }
  await using refusals = new Refusals({ names: realms.names, open } as unknown as typeof realms, assert.fail)
  const [one, start_ms] = [refused(), Date.now()]
  for (; second < 86_400; second += second < 600 ? 1 : 30) {
    refusals.note(one, start_ms + second * 1_000)
    await new Promise(setImmediate)
  }
  assert.deepEqual(at_s.slice(0, 9), [0, 2, 6, 14, 30, 62, 126, 254, 510])
  assert.ok(at_s.length <= 36, `${at_s.length} entries`)
})

test('one address each until there are many, and then all of them are counted as one, from nowhere', async () => {
  await using refusals = fresh()
  const one = refused()
  for (let n = 0; n < 500; n++)
    refusals.note({ ...one, origin: { requestId: randomUUID(), address: `2001:db8::${n.toString(16)}` } })
  await refusals.flush()
  const written = await entries(one)
  assert.ok(written.length <= 12, `${written.length} entries`)
  assert.equal(
    timesOf(written).reduce((sum, n) => sum + n, 0),
    500,
  )
  assert.equal(written.filter(({ address }) => address === null).length > 0, true)
})

test('somebody who tries one thing after the other is counted as one, whose entry names none of them', async () => {
  await using refusals = fresh()
  const actor = { id: randomUUID(), kind: 'person', name: 'Noor' } as const
  for (let n = 0; n < 50; n++) refusals.note(refused({ actor, outcome: 'not-found', action: 'shop.piece.get' }))
  await refusals.flush()
  const written = await sql(here)(
    `select target, input from audit.entry where workspace_id = $1 and actor_id = $2 order by xid, id`,
    [here.north.place.workspace, actor.id],
  )
  assert.deepEqual(timesOf(written), [1, 49])
  assert.equal(written[1]!['target'], null)
})

test('two accounts, two outcomes, two workspaces are never one', async () => {
  await using refusals = fresh()
  const [one, other] = [refused(), refused()]
  for (const what of [one, other, { ...one, outcome: 'rate-limited' }, { ...one, place: here.south.place }])
    for (let n = 0; n < 3; n++) refusals.note(what)
  await refusals.flush()
  assert.deepEqual(timesOf(await entries(other)), [1, 2])
  assert.deepEqual(timesOf(await entries({ ...one, place: here.south.place })), [1, 2])
  const outcomes = (await entries(one)).map(({ outcome }) => outcome)
  assert.deepEqual(outcomes.toSorted(byWord), ['rate-limited', 'rate-limited', 'sign-in-failed', 'sign-in-failed'])
})

test('what could not be written is counted again and not lost, and the operator hears of it', async () => {
  const told: string[] = []
  const { realms } = here.served.parts.deployment
  let isAway = true
  const open: typeof realms.open = (realm) => {
    if (isAway) throw new Error('the database is away')
    return realms.open(realm)
  }
  await using refusals = new Refusals({ names: realms.names, open } as typeof realms, (event) => void told.push(event))
  const one = refused()
  for (let n = 0; n < 5; n++) refusals.note(one)
  await refusals.flush()
  assert.ok(told.includes('refusals are not kept'))
  assert.deepEqual(await entries(one), [])
  isAway = false
  await refusals.flush()
  assert.deepEqual(timesOf(await entries(one)), [5])
})

test('one workspace cannot fill what is remembered of the others', async () => {
  const counts: unknown[] = []
  await using refusals = new Refusals(here.served.parts.deployment.realms, (_, fields) =>
    counts.push(fields?.['count']),
  )
  const { place } = here.south
  for (let n = 0; n < 10_000; n++) refusals.note(refused({ place, actor: { ...NOBODY, id: `${n}` } }), n)
  const one = refused()
  refusals.note(one)
  await refusals.flush()
  assert.deepEqual(timesOf(await entries(one)), [1])
  assert.deepEqual(counts, [7_000])
})

test('who was told of a while ago makes room for others, and nobody sooner', async () => {
  const told: unknown[] = []
  const { realms } = here.served.parts.deployment
  const open = () => ({ run: async () => [{}, {}] })
  await using refusals = new Refusals(
    { names: realms.names, open } as unknown as typeof realms,
    (_, { count } = {}) => {
      told.push(count)
    },
  )
  const start_ms = Date.now()
  for (let n = 0; n < 3_000; n++) refusals.note(refused(), start_ms)
  await refusals.flush()
  refusals.note(refused(), start_ms + 30_000)
  refusals.note(refused(), start_ms + 90_000)
  await refusals.flush()
  assert.deepEqual(told, [1])
})

test('however many there are, what is remembered has an end, and what is left out is told', async () => {
  const told: Record<string, unknown>[] = []
  const { realms } = here.served.parts.deployment
  const open: typeof realms.open = () => {
    throw new Error('nothing is written here')
  }
  const refusals = new Refusals({ names: realms.names, open } as typeof realms, (event, fields = {}) => {
    if (event === 'refusals, too many to keep') told.push(fields)
  })
  const { place } = here.north
  for (let n = 0; n < 10_100; n++) refusals.note(refused({ place: { ...place, workspace: `${n % 100}` } }))
  const until_ms = Date.now() + 20_000
  while (told.length === 0 && Date.now() < until_ms) await new Promise((resolve) => setTimeout(resolve, 50))
  assert.deepEqual(told, [{ count: 100 }])
  await refusals[Symbol.asyncDispose]()
})
