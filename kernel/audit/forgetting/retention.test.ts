import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { suite as suiteEdition } from '../../../editions/suite/edition.ts'
import { forgettingIn, insistOnWhole, keptIn, sealed, settle, takeOver } from '../../../test/leaves.ts'
import type { Kept } from '../../../test/leaves.ts'
import { NO_COPIES } from '../../../test/sealed.ts'
import { sql } from '../../../test/people.ts'
import { openWorkspace } from '../../serve/workspaces.ts'
import { world } from '../../testing.ts'
import type { Answer, Side, World } from '../../testing.ts'
import { reopen } from '../sealing/reopening.ts'
import { Forgetting } from './forgetting.ts'

/** What is old enough is counted and removed from the front; what is left is as provable as before. */
let here: World
before(async () => {
  here = await world(helpdesk)
  await takeOver(here)
})
after(() => here[Symbol.asyncDispose]())

const ok = ({ status, body, text }: Answer) => {
  assert.equal(status, 200, text)
  return body
}
const owner = () => Object.keys(here.served.parts.edition.roles)[0]!
const call = async (name: string, input: object = {}, side: Side = 'north') =>
  ok(await here.as(owner(), side).call(name, input))

/** A workspace whose entries, in this order, are of these ages. */
async function workspaceOf(...ages: readonly string[]): Promise<string> {
  const { workspace } = (await openWorkspace(here.served.parts, 'Aged', 'pool')).place
  await sql(here)('delete from audit.entry where workspace_id = $1', [workspace])
  for (const [n, age] of ages.entries())
    await sql(here)(
      `insert into audit.entry (workspace_id, at, action, actor_kind, actor_id, actor_name, request_id, input)
       values ($1, now() - $2::interval, $3, 'system', 'test', 'Test', 'test', '{"note":"said"}')`,
      [workspace, age, n % 2 ? 'test.odd.done' : 'test.even.done'],
    )
  await sealed(here)
  return workspace
}

const logOf = (workspace: string) => keptIn(here, workspace)
const totals = async (workspace: string) =>
  (await sql(here)(
    `select to_char(month, 'YYYY-MM-DD') as month, action, outcome, actor_kind, entries::int as entries
     from audit.total where workspace_id = $1 order by 1, 2, 3, 4`,
    [workspace],
  )) as unknown as Total[]
type Total = { month: string; action: string; entries: number }
const sumOf = (rows: readonly { entries: number }[]) => rows.reduce((sum, { entries }) => sum + entries, 0)

const receiptsIn = (kept: readonly Kept[]) =>
  kept.filter(({ action }) => action === 'audit.log.thin').map(({ input }) => JSON.parse(input!) as Receipt)
type Receipt = { epoch: number; through: number; entries: number; from: string; to: string; last: string }
const whole = (workspace: string) => insistOnWhole(here, { ...here.north.place, workspace })
const idsOf = (kept: readonly Kept[]) => kept.map(({ id }) => id)
const remain = (old: readonly Kept[], now: readonly Kept[]) => idsOf(old).filter((id) => idsOf(now).includes(id))

test('after twelve months and a day they are counted, gone and named, and not a day before', async () => {
  const kept = await workspaceOf('12 months -1 day', '11 months', '1 day')
  const workspace = await workspaceOf('12 months 1 day', '12 months 1 day', '12 months 1 day', '12 months -1 day')
  const [young, old] = [await logOf(kept), await logOf(workspace)]
  await settle(here)
  assert.deepEqual(await logOf(kept), young)
  assert.deepEqual(await totals(kept), [])
  const now = await logOf(workspace)
  await whole(workspace)
  assert.deepEqual(remain(old, now), [old[3]!.id])
  const [receipt, ...more] = receiptsIn(now)
  assert.deepEqual(receipt, {
    epoch: 1,
    through: 3,
    last: old[2]!.hash.toString('base64'),
    entries: 3,
    from: old[0]!.at,
    to: old[2]!.at,
  })
  assert.equal(more.length, 0)
  const month = `${old[0]!.at.slice(0, 7)}-01`
  const counted = (action: string, entries: number) => ({
    month,
    action,
    outcome: 'done',
    actor_kind: 'system',
    entries,
  })
  assert.deepEqual(await totals(workspace), [counted('test.even.done', 2), counted('test.odd.done', 1)])
  const leaves = await sql(here)('select id from audit.leaf where workspace_id = $1', [workspace])
  assert.equal(leaves.length, now.length)
})

test('of several who do it at once each entry is counted and removed once', async () => {
  const workspace = await workspaceOf(...Array.from({ length: 30 }, () => '13 months'), '1 day')
  const workers = Array.from({ length: 4 }, () => forgettingIn(here))
  const drain = async (forgetDue: () => Promise<boolean>) => {
    while (await forgetDue());
  }
  await Promise.all(workers.map(drain))
  await settle(here)
  const now = await logOf(workspace)
  await whole(workspace)
  assert.equal(sumOf(await totals(workspace)), 30)
  assert.equal(sumOf(receiptsIn(now)), 30)
  assert.equal(receiptsIn(now).length, 1)
})

test('it goes from the front and leaves no hole: what is old behind what is young stays', async () => {
  const workspace = await workspaceOf('13 months', '13 months', '1 day', '13 months', '1 day')
  const old = await logOf(workspace)
  await settle(here)
  const now = await logOf(workspace)
  await whole(workspace)
  assert.deepEqual(idsOf(now.slice(0, 3)), idsOf(old.slice(2)))
})

test('of a log that was opened anew the older part goes first, then the entry that cites it', async () => {
  const workspace = await workspaceOf('14 months', '14 months')
  const { deployment, vault, edition } = here.served.parts
  const means = { keeper: deployment.keeper, vault, copies: NO_COPIES, tell: () => undefined }
  const { realm } = here.north.place
  const { epoch } = await reopen(means, realm, 'A restore')
  await settle(here)
  await whole(workspace)
  const [first, second] = await logOf(workspace)
  assert.deepEqual([first!.action, first!.epoch, second!.action], ['audit.log.reopen', epoch, 'audit.log.thin'])
  const said = receiptsIn([second!]).map(({ epoch: of, through, entries }) => ({ of, through, entries }))
  assert.deepEqual(said, [{ of: epoch - 1, through: 2, entries: 2 }])
  // As if no time were too short: each round removes what the rounds before it have written.
  const one = new Forgetting(deployment.names.keeper, { ...edition.policy, auditMonths: 0 })
  for (let round = 0; round < 3; round++) {
    await one.forgetDue(realm.id, deployment.keeper.open(realm))
    await sealed(here)
    await whole(workspace)
  }
  assert.ok(!(await logOf(workspace)).some(({ action }) => action === 'audit.log.reopen'))
})

test('a workspace in which nothing happens any more keeps no old entry either', async () => {
  const workspace = await workspaceOf('13 months')
  const old = await logOf(workspace)
  await settle(here)
  const now = await logOf(workspace)
  assert.deepEqual(remain(old, now), [])
  await whole(workspace)
  assert.deepEqual(
    now.map(({ action }) => action),
    ['audit.log.forget', 'audit.log.thin'],
  )
})

test('of a canary they go after a week, whatever it asked for, and of nobody else', async () => {
  const ages = ['7 days 1 hour', '6 days', '1 day']
  const [canary, customer] = [await workspaceOf(...ages), await workspaceOf(...ages)]
  await sql(here)('insert into audit.retention (workspace_id, id, months) values ($1, $1, 120)', [canary])
  const [old, kept] = [await logOf(canary), await logOf(customer)]
  const { deployment, edition } = here.served.parts
  const { realm } = here.north.place
  const one = new Forgetting(deployment.names.keeper, edition.policy, () => Promise.resolve([canary]))
  do await sealed(here)
  while (await one.forgetDue(realm.id, deployment.keeper.open(realm)))
  const now = await logOf(canary)
  assert.deepEqual(remain(old, now), idsOf(old.slice(1)))
  assert.equal(receiptsIn(now).length, 1)
  await whole(canary)
  assert.deepEqual(await logOf(customer), kept)
})

test('a leaf whose entry somebody took away is not tidied away', async () => {
  const workspace = await workspaceOf('13 months', '13 months', '13 months', '1 day')
  const [, robbed] = await logOf(workspace)
  await sql(here)('delete from audit.entry where workspace_id = $1 and id = $2', [workspace, robbed!.id])
  await settle(here)
  const leaves = await sql(here)('select id from audit.leaf where workspace_id = $1 order by seq', [workspace])
  assert.equal(leaves[0]!['id'], robbed!.id)
})
test('whoever is to be forgotten is forgotten before anything is removed', async () => {
  const workspace = await workspaceOf('13 months', '1 day')
  const insert = `insert into audit.erasure (workspace_id, subject, reason, asked_by, ids)
      values ($1, gen_random_uuid(), 'They asked for it', 'test', '{}')`
  await sql(here)(insert, [workspace])
  const old = await logOf(workspace)
  await settle(here)
  assert.deepEqual(await logOf(workspace), old)
  await sql(here)('update audit.erasure set done_at = now() where workspace_id = $1', [workspace])
  await settle(here)
  assert.deepEqual(remain(old, await logOf(workspace)), [old[1]!.id])
})

test('a workspace may keep them longer, never shorter than the policy, and no longer than ten years', async () => {
  const { workspace } = here.south.place
  const shown = { id: workspace, months: 12, policyMonths: 12, totalMonths: 24 }
  assert.deepEqual(await call('audit.retention.get', {}, 'south'), shown)
  assert.deepEqual(await call('audit.retention.set', { months: 36 }, 'south'), { ...shown, months: 36 })
  for (const [months, status, code] of [
    [11, 409, 'retention_below_policy'],
    [0, 400, 'invalid'],
    [121, 400, 'invalid'],
  ] as const) {
    const told = await here.as(owner(), 'south').call('audit.retention.set', { months })
    assert.deepEqual([told.status, told.body.code], [status, code])
  }
  assert.deepEqual(await call('audit.retention.get', {}, 'south'), { ...shown, months: 36 })
  assert.deepEqual(await call('audit.retention.get'), { ...shown, id: here.north.place.workspace })
  const set = `insert into audit.retention (workspace_id, id, months) values ($1, $1, $2)`
  const [longer, shorter] = [await workspaceOf('35 months', '37 months'), await workspaceOf('11 months', '1 day')]
  const beyond = await workspaceOf('37 months', '1 day')
  for (const one of [longer, beyond]) await sql(here)(set, [one, 36])
  // Whatever the row says, the policy is the least.
  await sql(here)(set, [shorter, 1])
  const before = await Promise.all([longer, shorter, beyond].map(logOf))
  await settle(here)
  const now = await Promise.all([longer, shorter, beyond].map(logOf))
  assert.deepEqual(now.slice(0, 2), before.slice(0, 2))
  assert.deepEqual(remain(before[2]!, now[2]!), [before[2]![1]!.id])
})

test('the change of it is in the log like any other', async () => {
  await call('audit.retention.set', { months: 48 })
  await call('audit.retention.set', { months: 12 })
  await sealed(here)
  const log = await logOf(here.north.place.workspace)
  const [first, second] = log.filter(({ action }) => action === 'audit.retention.set').slice(-2)
  assert.match(first!.changes!, /"of": "audit.retention".*"months": 48/)
  assert.match(second!.changes!, /"before": \{"months": 48\}/)
})

test('the counts end as well, two years after what they count', async () => {
  const { workspace } = here.north.place
  const insert = `insert into audit.total (workspace_id, month, action, outcome, actor_kind, entries)
      values ($1, date_trunc('month', now() - $2::interval)::date, $3, 'done', 'system', 1)`
  await sql(here)(insert, [workspace, '35 months', 'test.young.done'])
  await sql(here)(insert, [workspace, '38 months', 'test.old.done'])
  const all = async () => ((await call('audit.total.list')).data as Total[]).map(({ action }) => action)
  const listed = async () => (await all()).filter((action) => action.startsWith('test.'))
  assert.deepEqual(await listed(), ['test.young.done', 'test.old.done'])
  await settle(here)
  assert.deepEqual(await listed(), ['test.young.done'])
})

test('what the policy keeps for two years is there after 23 months, and gone after 24 and a day', async () => {
  await here[Symbol.asyncDispose]()
  here = await world(suiteEdition)
  await takeOver(here)
  const [kept, thinned] = [await workspaceOf('23 months', '1 day'), await workspaceOf('24 months 1 day', '1 day')]
  const [young, old] = [await logOf(kept), await logOf(thinned)]
  await settle(here)
  assert.deepEqual(await logOf(kept), young)
  const now = await logOf(thinned)
  await whole(thinned)
  assert.deepEqual(remain(old, now), [old[1]!.id])
  const told = await here.as(owner()).call('audit.retention.set', { months: 23 })
  assert.deepEqual([told.status, told.body.code], [409, 'retention_below_policy'])
})
