import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { forgettingIn, sealed, settle, takeOver } from '../../../test/leaves.ts'
import { readers, until } from '../../../test/lines.ts'
import { verified } from '../../../test/sealed.ts'
import { Forgetting } from '../../audit/forgetting/forgetting.ts'
import { asAdmin } from '../../tenancy/cluster.ts'
import { world } from '../../testing.ts'
import type { Answer, World } from '../../testing.ts'

/** The whole log by HTTP, as a stranger finds it who has nothing but the file, the key and the script. */
const NAME = 'audit.log.export'
const take = (here: World, input: object = {}, role = 'owner') => here.as(role).call(NAME, input)
const ok = ({ status, body, text }: Answer) => {
  assert.equal(status, 200, text)
  return body
}
const act = async (here: World, name: string, input: object = {}) => ok(await here.as('owner').call(name, input))
const sql =
  (here: World) =>
  async (text: string, values: unknown[] = []) =>
    await asAdmin(
      here.served.parts.deployment.admin,
      here.north.place.realm.database,
      async (client) => (await client.query<Record<string, unknown>>(text, values)).rows,
    )
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const headOf = (text: string) => String(linesOf(text)[0]!['checkpoint'])

async function holds(here: World, told: Answer, ...given: string[]) {
  ok(told)
  const [{ key }] = (await sql(here)(
    `select public_key as key from audit.log l where closed_at is null
       and exists (select from audit.leaf f where f.workspace_id = $1 and f.epoch = l.epoch)`,
    [here.north.place.workspace],
  )) as [{ key: string }]
  const { status, said } = await verified(told.text, ...(given.length ? given : ['--key', key]))
  assert.equal(status, 0, said)
  return said
}

/** What the policy would have go some day goes now. */
async function thin({ served, north }: World) {
  const { deployment, edition } = served.parts
  const one = new Forgetting(deployment.names.keeper, { ...edition.policy, auditMonths: 0 })
  await one.forgetDue(north.place.realm.id, deployment.keeper.open(north.place.realm))
}

for (const kind of ['pool', 'database'] as const)
  test(`the log is taken whole, as it stands and after what was forgotten and removed, ${kind}`, async () => {
    await using here = await world(jeweller, kind)
    await takeOver(here)
    const { id } = await act(here, 'shop.customer.create', { name: 'Meera', phone: '+919800000021' })
    await sealed(here)
    const first = await take(here)
    await holds(here, first)
    assert.equal(first.headers.get('content-type'), 'application/jsonl; charset=utf-8')
    assert.match(first.headers.get('content-disposition')!, /filename="audit-log-\d{4}-\d\d-\d\d\.jsonl"/)
    assert.ok(first.text.includes('+919800000021'))
    assert.ok(!first.text.includes(here.south.place.workspace))

    await act(here, 'audit.subject.erase', { subject: id, reason: 'They asked for it' })
    await settle(here)
    const second = await take(here, { since: headOf(first.text) })
    assert.match(await holds(here, second, '--since', first.text), /continues/)
    assert.ok(!second.text.includes('+919800000021'))

    await thin(here)
    await sealed(here)
    await act(here, 'shop.customer.create', { name: 'Later' })
    await sealed(here)
    const third = await take(here, { since: headOf(second.text) })
    await holds(here, third, '--since', second.text)
    const [, entry] = linesOf(third.text)
    assert.ok((entry!['leaf'] as { seq: number }).seq > 1, 'nothing was removed')
    await until(async () => (await readers(here)) === 0)
  })

test('it is an entry of its own, with how much was taken and since when', async () => {
  await using here = await world(jeweller)
  const since = headOf((await take(here)).text)
  const told = await take(here, { since })
  const [entry, ...more] = await sql(here)(
    `select action, outcome, input from audit.entry where workspace_id = $1 and request_id = $2`,
    [here.north.place.workspace, told.headers.get('x-request-id')],
  )
  assert.deepEqual(more, [])
  const { rows, ...input } = entry!['input'] as { rows: number }
  assert.deepEqual([entry!['action'], entry!['outcome'], input], [NAME, 'done', { since }])
  assert.ok(rows > 3)
})

test('who may not gets nothing, and who brings a strange head is told', async () => {
  await using here = await world(jeweller)
  assert.equal((await take(here, {}, 'cashier')).status, 403)
  assert.equal((await here.nobody.call(NAME)).status, 401)
  const mine = (await take(here)).text
  assert.equal((await take(here, {}, 'admin')).status, 200)
  const head = headOf(mine)
  for (const since of [
    '',
    'nothing',
    head.slice(1),
    head.replace(/\n(\d+)\n/, '\n1$1\n'),
    head.replace(/^[^\n]+/, 'log.example/other'),
    head.slice(0, head.indexOf('\n\n') + 2),
  ]) {
    const told = await take(here, { since })
    assert.deepEqual([told.status, told.body.code], [409, 'checkpoint_unknown'], JSON.stringify(since))
  }
  for (const since of ['x'.repeat(8_001), '\u0000']) assert.equal((await take(here, { since })).status, 400)
  await until(async () => (await readers(here)) === 0)
})

test('what the log cannot vouch for is a problem and no file, for its owner and for nobody else', async () => {
  await using here = await world(jeweller)
  await takeOver(here)
  await sealed(here)
  const { workspace } = here.north.place
  const owned = (text: string) =>
    sql(here)(`with off as (select set_config('session_replication_role', 'replica', true)) ${text}`, [workspace])
  const kept = await owned(`select e.id from audit.entry e, off where workspace_id = $1 order by id limit 1`)
  await owned(`delete from audit.entry using off where workspace_id = $1 and id = '${String(kept[0]!['id'])}'`)
  const told = await take(here)
  assert.deepEqual([told.status, told.body.code], [409, 'log_untenable'], told.text.slice(0, 300))
  assert.equal(told.headers.get('content-disposition'), null)
  assert.equal((await here.as('owner', 'south').call(NAME)).status, 200)
  await until(async () => (await readers(here)) === 0)
})

test('what is about to be said in the log is waited for, and then the caller is told to come again', async () => {
  await using here = await world(jeweller)
  await takeOver(here)
  const { id } = await act(here, 'shop.customer.create', { name: 'Meera', phone: '+919800000022' })
  await act(here, 'audit.subject.erase', { subject: id, reason: 'They asked for it' })
  await sealed(here)
  const forgetDue = forgettingIn(here)
  while (await forgetDue());
  const told = await take(here)
  assert.deepEqual([told.status, told.body.code], [503, 'unavailable'])
  assert.ok(Number(told.headers.get('retry-after')) > 0)
  const asked = take(here)
  await sleep(200)
  await sealed(here)
  await holds(here, await asked)
})
