import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import { lettings } from '../../../editions/lettings/edition.ts'
import { sealAll } from '../../../test/sealed.ts'
import type { Pool } from '../../postgres/pool.ts'
import { changing } from '../../postgres/work.ts'
import { openWorkspace } from '../../serve/workspaces.ts'
import { asAdmin } from '../../tenancy/cluster.ts'
import type { Place } from '../../tenancy/realms.ts'
import { openStage } from '../../testing.ts'
import type { Stage } from '../../testing.ts'
import { refusal } from '../record.ts'
import { rulesFor } from './rules.ts'
import { PRUNE_ALERTS, watch } from './watch.ts'
import { watching } from './watching.ts'

/** What is sealed is looked at once, whoever looks and wherever one of them dies, and told where it happened alone. */
let stage: Stage
let north: Place
let south: Place
before(async () => {
  stage = await openStage(lettings)
  north = (await openWorkspace(stage.parts, 'North', 'pool')).place
  south = (await openWorkspace(stage.parts, 'South', 'pool')).place
})
after(() => stage[Symbol.asyncDispose]())
beforeEach(async () => {
  await look()
  await sql('delete from audit.alert')
  await sql('delete from events.job')
})

const HOW = { rules: rulesFor('ceo'), mailed: new Set(lettings.policy.alerts) }
const keeper = () => stage.parts.deployment.keeper.open(north.realm)
const sql = async (text: string, values: unknown[] = []) =>
  (await asAdmin(stage.admin, north.realm.database, (client) => client.query<Record<string, unknown>>(text, values)))
    .rows
const seal = () => sealAll(stage.parts, north.realm)
async function look(pool: Pool = keeper()) {
  await seal()
  for (;;) if ((await watch(pool, HOW)).isAll) return
}
const alerts = () =>
  sql('select id, workspace_id as workspace, rule, subject, times::int, entries from audit.alert order by rule')
const jobs = () => sql('select workspace_id as workspace, name, input from events.job')

/** As the ways in leave it. */
async function fail(times: number, { place = north, target = randomUUID() as string } = {}) {
  const { deployment } = stage.parts
  const scope = { role: deployment.names.recorder, schema: 'audit', workspace: place.workspace }
  const told = {
    action: 'identity.session.begin',
    outcome: 'sign-in-failed',
    actor: { id: 'nobody', kind: 'nobody', name: 'Nobody' },
    origin: { requestId: randomUUID(), address: `2001:db8::${randomUUID().slice(0, 4)}:${randomUUID().slice(0, 4)}` },
    input: { way: 'sign-in', times },
    target,
  } as const
  await changing(deployment.realms.open(place.realm), scope).run(refusal(told))
  return target
}

test('an alert stands in its own workspace, with what it rests on, an entry and a job for the letters', async () => {
  const target = await fail(19)
  await look()
  assert.deepEqual(await alerts(), [])
  await fail(1, { target })
  await look()
  const [alert, ...more] = await alerts()
  assert.deepEqual(more, [])
  const { id, workspace, rule, subject, times, entries } = alert!
  assert.deepEqual([workspace, rule, subject, times], [north.workspace, 'guessed-account', target, 20])
  const cited = await sql('select target from audit.entry where id = any($1::uuid[])', [entries])
  assert.deepEqual(cited, [{ target }, { target }])
  const raised = await sql(`select workspace_id as workspace, actor_kind, target, input from audit.entry
    where action = 'audit.alert.raise' order by id desc limit 1`)
  const input = { rule, severity: 'warning', subject, times: 20, entries }
  assert.deepEqual(raised, [{ workspace, actor_kind: 'system', target: id, input }])
  const [job, ...others] = await jobs()
  assert.deepEqual(others, [])
  const { from, to, ...asked } = job!['input'] as Record<string, unknown>
  assert.deepEqual(
    [job!['workspace'], job!['name'], asked],
    [workspace, 'identity.alert.tell', { id, rule, times: 20 }],
  )
  assert.ok(Date.parse(String(from)) <= Date.parse(String(to)))
})

test('ten here and ten there are nobody’s twenty', async () => {
  const target = randomUUID()
  for (const place of [north, south]) await fail(10, { place, target })
  await look()
  assert.deepEqual(await alerts(), [])
})

test('what the edition does not write about is an alert without a letter', async () => {
  await fail(20)
  await seal()
  await watch(keeper(), { ...HOW, mailed: new Set() })
  assert.deepEqual([(await alerts()).length, await jobs()], [1, []])
})

test('of eight who look at once, over and over, each thing is told once and nothing is passed over', async () => {
  const targets: string[] = []
  for (let n = 0; n < 12; n++) {
    targets.push(await fail(20))
    await seal()
    await Promise.all(Array.from({ length: 8 }, () => watch(keeper(), HOW)))
  }
  await look()
  assert.deepEqual((await alerts()).map(({ subject }) => String(subject)).sort(byWord), targets.toSorted(byWord))
  assert.equal((await jobs()).length, 12)
})

test('whoever dies between sealing and looking, or in the midst of looking, leaves all of it to the next', async () => {
  const target = await fail(20)
  await seal()
  // Nothing was looked at yet; then one looks, and its connection ends before its commit.
  const pool = keeper()
  const broken = { lease: () => dying(pool) } as unknown as Pool
  await assert.rejects(watch(broken, HOW), /cut off/)
  assert.deepEqual([await alerts(), await jobs()], [[], []])
  await look()
  assert.deepEqual(
    (await alerts()).map(({ subject }) => subject),
    [target],
  )
  assert.equal((await jobs()).length, 1)
})

async function dying(pool: Pool) {
  const lease = await pool.lease()
  const run: typeof lease.run = async (statements) => {
    const isLast = statements.some(({ text }) => text === 'commit')
    const results = await lease.run(isLast ? statements.filter(({ text }) => text !== 'commit') : statements)
    if (isLast) throw new Error('cut off')
    return results
  }
  return { run, [Symbol.asyncDispose]: () => lease[Symbol.asyncDispose]() }
}

test('an alert that goes on grows and is not told again; its own entry raises nothing', async () => {
  const target = await fail(20)
  await look()
  for (let n = 0; n < 5; n++) {
    await fail(20, { target })
    await look()
  }
  assert.deepEqual(
    (await alerts()).map(({ times }) => times),
    [120],
  )
  assert.equal((await jobs()).length, 1)
  await sql(`update audit.alert set acknowledged_at = now()`)
  await fail(20, { target })
  await look()
  assert.deepEqual(
    (await alerts()).map(({ times }) => times as number).toSorted((one, other) => one - other),
    [20, 120],
  )
})

test('a member who is given roles by themselves is found, though nothing refused it', async () => {
  const [person, member] = [randomUUID(), randomUUID()]
  await entry('identity.member.join', person, { roles: ['accountant'] }, [
    { of: 'identity.member', id: member, before: null, after: { person_id: person } },
  ])
  const change = [{ of: 'identity.member', id: member, before: { roles: [] }, after: { roles: ['secretary'] } }]
  await entry('identity.member.changeRoles', member, { roles: ['secretary'] }, change, randomUUID())
  await look()
  assert.deepEqual(await alerts(), [])
  await entry('identity.member.changeRoles', member, { roles: ['secretary'] }, change, person)
  await look()
  assert.deepEqual(
    (await alerts()).map(({ rule, subject }) => [rule, subject]),
    [['own-role', person]],
  )
})

const entry = (action: string, target: string, input: object, changes: object, actor = target) =>
  sql(
    `insert into audit.entry
       (workspace_id, action, actor_kind, actor_id, actor_name, request_id, target, input, changes)
     values ($1, $2, 'person', $3, 'Somebody', 'a request', $4, $5, $6)`,
    [north.workspace, action, actor, target, JSON.stringify(input), JSON.stringify(changes)],
  )

test('what was forgotten meanwhile, or removed, stops nobody from looking on', async () => {
  const target = await fail(20)
  await fail(20)
  await seal()
  await sql('delete from audit.entry where target = $1', [target])
  await sql(`update audit.entry set input = null, changes = null, address = null where outcome <> 'done'`)
  await fail(20)
  await look()
  assert.equal((await alerts()).length, 1)
})

test('thousands are looked at in turn, and each once', async () => {
  await sql(
    `insert into audit.entry
       (workspace_id, action, outcome, actor_kind, actor_id, actor_name, request_id, target, input)
     select $1, 'identity.session.begin', 'sign-in-failed', 'nobody', 'nobody', 'Nobody', 'a request',
       'member ' || (n % 3), '{"times": 1}' from generate_series(1, 4500) n`,
    [south.workspace],
  )
  await look()
  assert.deepEqual(
    (await alerts()).map(({ times, workspace }) => [times, workspace]),
    Array(3).fill([1_500, south.workspace]),
  )
})

test('the app can change or remove nothing of what was raised; a year later it is gone, unless held', async () => {
  await fail(20)
  await look()
  const { names, realms } = stage.parts.deployment
  const scope = { role: names.role('audit'), schema: 'audit', workspace: north.workspace }
  const asApp = (text: string) => changing(realms.open(north.realm), scope).run({ text })
  for (const text of [
    'delete from audit.alert',
    `update audit.alert set rule = 'nothing'`,
    'update audit.alert set times = 1',
    'update audit.watch set index = 1e9',
    'delete from audit.watch',
  ])
    await assert.rejects(asApp(text), /permission denied/, text)
  await sql(`update audit.alert set created_at = now() - interval '364 days'`)
  await keeper().run([PRUNE_ALERTS])
  assert.equal((await alerts()).length, 1)
  await sql(`update audit.alert set created_at = now() - interval '366 days'`)
  await sql(`insert into audit.hold (workspace_id, reason, placed_by) values ($1, 'A dispute', 'test')`, [
    north.workspace,
  ])
  await keeper().run([PRUNE_ALERTS])
  assert.equal((await alerts()).length, 1)
  await sql('update audit.hold set released_at = now()')
  await keeper().run([PRUNE_ALERTS])
  assert.deepEqual(await alerts(), [])
})

test('a realm that cannot be looked at is told of once, and looked at when it can', async () => {
  const told: string[] = []
  let isAway = true
  const open = () => {
    if (isAway) throw new Error('away')
    return keeper()
  }
  const raised: string[] = []
  const given = { open, owner: 'ceo', mailed: [], tell: (event: string) => void told.push(event) }
  const see = watching<{ id: string }>({ ...given, raised: ({ id }) => void raised.push(id) })
  await fail(20)
  await seal()
  assert.deepEqual([await see({ id: 'one' }), await see({ id: 'one' })], [false, false])
  assert.deepEqual(told, ['a log is not watched'])
  isAway = false
  assert.equal(await see({ id: 'one' }), true)
  assert.deepEqual([raised, (await alerts()).length], [['one'], 1])
})

const byWord = (one: string, other: string) => one.localeCompare(other)
