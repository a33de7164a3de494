import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { forgettingIn, insistOnWhole, keptIn, sealed, settle, takeOver } from '../../../test/leaves.ts'
import { sql } from '../../../test/people.ts'
import { world } from '../../testing.ts'
import type { Answer, World } from '../../testing.ts'
import { Forgetting } from './forgetting.ts'

/** While a hold is open nothing goes, whoever would have it go; and between the two there is nothing half. */
let here: World
before(async () => {
  here = await world(jeweller)
  await takeOver(here)
})
after(() => here[Symbol.asyncDispose]())

const ok = ({ status, body, text }: Answer) => {
  assert.equal(status, 200, text)
  return body
}
const call = async (name: string, input: object = {}) => ok(await here.as('owner').call(name, input))
const place = () => call('audit.hold.place', { reason: 'A dispute' })
const release = (id: string) => call('audit.hold.release', { id, reason: 'Settled' })
const stateOf = async (id: string) =>
  ((await call('audit.subject.erasures', { limit: '200' })).data as { id: string; state: string }[]).find(
    (one) => one.id === id,
  )!.state

const workspace = () => here.north.place.workspace
const whole = () => insistOnWhole(here, here.north.place)
const log = () => keptIn(here, workspace())

/** As if no entry were too young: what the policy would have go some day goes now. */
async function thin() {
  const { deployment, edition } = here.served.parts
  const { realm } = here.north.place
  const one = new Forgetting(deployment.names.keeper, { ...edition.policy, auditMonths: 0 })
  await one.forgetDue(realm.id, deployment.keeper.open(realm))
}

async function somebodyToForget(phone: string) {
  const { id } = await call('shop.customer.create', { name: 'Meera', phone })
  const asked = await call('audit.subject.erase', { subject: id, reason: 'They asked for it' })
  await sealed(here)
  return asked.id as string
}

/** So many entries that it takes several pieces of work, each of which tells of that number. */
const fill = (phone: string, many: number) =>
  sql(here)(
    `insert into audit.entry (workspace_id, action, actor_kind, actor_id, actor_name, request_id, input)
     select $1, 'shop.rate.set', 'system', 'test', 'Test', 'test', jsonb_build_object('note', $2::text)
     from generate_series(1, $3::int)`,
    [workspace(), phone, many],
  )

test('neither erasure nor retention takes anything, and it is said why', async () => {
  const asked = await somebodyToForget('+919800000001')
  const hold = await place()
  assert.equal(hold.releasedAt, null)
  await sealed(here)
  const kept = await log()
  await settle(here)
  await thin()
  assert.deepEqual(await log(), kept)
  assert.equal(await stateOf(asked), 'held')
  const over = await release(hold.id)
  assert.ok(over.releasedAt)
  const again = await release(hold.id)
  assert.deepEqual(again, over)
  assert.equal(await stateOf(asked), 'waiting')
  await settle(here)
  assert.equal(await stateOf(asked), 'done')
  await thin()
  await sealed(here)
  assert.ok((await log())[0]!.seq > kept[0]!.seq)
  await whole()
})

test('one of two holds is enough', async () => {
  const [one, other] = [await place(), await place()]
  const asked = await somebodyToForget('+919800000002')
  await release(one.id)
  await settle(here)
  assert.equal(await stateOf(asked), 'held')
  await release(other.id)
  await settle(here)
  assert.equal(await stateOf(asked), 'done')
})

test('the database itself refuses, whoever asks it', async () => {
  await sealed(here)
  const hold = await place()
  const kept = await log()
  for (const statement of [
    `update audit.entry set input = null where workspace_id = '${workspace()}'`,
    `update audit.leaf set what_salt = null where workspace_id = '${workspace()}'`,
    `delete from audit.entry where workspace_id = '${workspace()}'`,
    `delete from audit.leaf where workspace_id = '${workspace()}'`,
  ]) {
    await assert.rejects(sql(here)(statement), { code: '55000' }, statement)
    const keeper = here.served.parts.deployment.keeper.open(here.north.place.realm)
    await assert.rejects(keeper.run([{ text: statement }]), { code: '55000' }, statement)
  }
  assert.deepEqual(await log(), kept)
  await release(hold.id)
})

test('a hold in the middle of it stops it there, and what went is named', async () => {
  const phone = '+919800000003'
  await fill(phone, 1_200)
  const asked = await somebodyToForget(phone)
  const forgetDue = forgettingIn(here)
  const whatGoes = () => sql(here)('select what from audit.erasure where id = $1', [asked])
  while (Number((await whatGoes())[0]!['what']) === 0) assert.equal(await forgetDue(), true)
  const hold = await place()
  await settle(here)
  const half = await log()
  await whole()
  const emptiedThen = await emptied()
  assert.equal(await stateOf(asked), 'held')
  assert.ok(
    half.some(({ input }) => input?.includes(phone)),
    'not all went',
  )
  await release(hold.id)
  // Another process goes on where the first one stopped.
  await settle(here)
  const now = await log()
  await whole()
  assert.ok((await emptied()) >= emptiedThen + 100)
  assert.equal(
    now.some(({ input }) => input?.includes(phone)),
    false,
  )
  assert.equal(await stateOf(asked), 'done')
})

test('placed while it is at it: from the answer on nothing goes, and nothing is half', async () => {
  for (let round = 0; round < 3; round++) {
    const phone = `+91980000010${round}`
    await fill(phone, 1_100)
    const asked = await somebodyToForget(phone)
    const forgetDue = forgettingIn(here)
    const working = (async () => {
      while (await forgetDue());
    })()
    for (let before = 0; before < 2 * round; before++) await stateOf(asked)
    const hold = await place()
    const then = await emptied()
    await working
    await settle(here)
    assert.equal(await emptied(), then, 'something went after the hold was placed')
    await release(hold.id)
    await settle(here)
    assert.equal(await stateOf(asked), 'done')
  }
  await whole()
})

const emptied = async () => {
  const [row] = await sql(here)(
    `select count(*) filter (where input is null)::int as n from audit.entry where workspace_id = $1`,
    [workspace()],
  )
  return Number(row!['n'])
}

test('one workspace’s hold is no other’s', async () => {
  const hold = await place()
  const south = async (name: string, input: object) => ok(await here.as('owner', 'south').call(name, input))
  const { id } = await south('shop.customer.create', { name: 'Meera', phone: '+919800000009' })
  const asked = await south('audit.subject.erase', { subject: id, reason: 'They asked for it' })
  await settle(here)
  const [{ state }] = (await south('audit.subject.erasures', {})).data as [{ state: string }]
  assert.equal(state, 'done')
  assert.equal((await here.as('owner', 'south').call('audit.hold.release', { id: hold.id, reason: 'x' })).status, 404)
  assert.ok(asked.id)
  await release(hold.id)
})
