import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { forgettingIn, insistOnWhole, keptIn, numbersIn, sealed, settle, takeOver } from '../../../test/leaves.ts'
import { somebody, sql } from '../../../test/people.ts'
import { owner } from '../../../test/visitors.ts'
import { world } from '../../testing.ts'
import type { Answer, Side, World } from '../../testing.ts'

/** Somebody is taken out of a log that stays as provable as it was, and of nobody else's. */
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
const call = async (name: string, input: object = {}, side: Side = 'north') =>
  ok(await here.as('owner', side).call(name, input))
const erase = (subject: string, side: Side = 'north') =>
  call('audit.subject.erase', { subject, reason: 'They asked for it' }, side)
const erasure = async (id: string) =>
  ((await call('audit.subject.erasures', { limit: '200' })).data as Erasure[]).find((one) => one.id === id)!
type Erasure = { id: string; state: string; doneAt: string | null; who: number; what: number; reason: string | null }

const memberOf = async (email: string) =>
  ((await call('identity.member.list', { limit: '200' })).data as Member[]).find((one) => one.email === email)!
type Member = { id: string; personId: string; email: string }

const reached = (id: string, phone: string | null, email: string | null = null) =>
  call('shop.customer.update', { id, name: 'Reached', phone, email, taxNumber: null, address: null, note: null })

const whole = () => insistOnWhole(here, here.north.place)
const logOf = (side: Side) => keptIn(here, here[side].place.workspace)

/** All that the log of a workspace says, as text. */
async function everyWord(side: Side): Promise<string> {
  const rows = await sql(here)('select e::text as said from audit.entry e where workspace_id = $1', [
    here[side].place.workspace,
  ])
  return rows.map(({ said }) => String(said)).join('\n')
}

test('who they were and what was said of them is gone, and what is left is as provable as before', async () => {
  const asha = await owner(here)
  const { email } = asha
  const { id: member, personId: person } = await memberOf(email)
  const note = `Ask her\n${email.toUpperCase()}, or\\${email}.`
  const friend = await call('shop.customer.create', { name: 'A friend', note })
  ok(await asha.call('shop.customer.create', { name: 'Somebody else', note: 'no word of anybody' }))
  const other = await call('shop.customer.create', { name: 'Other', email: `x${email}`, note: `${email}.au` })
  const neighbour = await call('shop.customer.create', { name: 'Neighbour', note }, 'south')
  await sealed(here)
  const before = { north: await logOf('north'), south: await logOf('south') }
  const joined = before.north.find(({ action, target }) => action === 'identity.member.join' && target === person)
  assert.ok(joined?.changes?.includes(email) && joined.changes.includes(member), 'it tells of them')

  const asked = await erase(person)
  assert.equal(asked.state, 'waiting')
  await settle(here)

  const done = await erasure(asked.id)
  assert.deepEqual([done.state, done.reason], ['done', null])
  const words = await everyWord('north')
  assert.equal(words.replaceAll(`x${email}`, '').replaceAll(`${email}.au`, '').toLowerCase().includes(email), false)
  assert.ok(words.includes(`x${email}`), 'a longer address is somebody else’s')
  const now = await logOf('north')
  await whole()
  const gone = { who: now.filter(({ hasWho }) => !hasWho).length, what: now.filter(({ hasWhat }) => !hasWhat).length }
  assert.deepEqual({ who: done.who, what: done.what }, gone)
  const of = (target: string) => now.find((one) => one.target === target)!
  assert.deepEqual([of(friend.id).input, of(friend.id).changes], [null, null])
  assert.ok(of(friend.id).actorName, 'whoever wrote it is still known')
  assert.ok(of(other.id).input)
  for (const one of now.filter(({ actorId }) => actorId === person))
    assert.deepEqual([one.actorName, one.address, one.userAgent], [null, null, null])
  assert.ok(now.some(({ actorId, input }) => actorId === person && input?.includes('no word of anybody')))
  assert.deepEqual(await logOf('south'), before.south)
  assert.ok(neighbour.id && !words.includes(neighbour.id))
})

test('one and the same entry says which places were emptied, and why', async () => {
  const { id } = await call('shop.customer.create', { name: 'Meera', phone: '+919800000001' })
  const quoting = await call('shop.customer.create', { name: 'Quoting', note: 'calls from +919800000001' })
  const longer = await call('shop.customer.create', { name: 'Longer', phone: '+9198000000012' })
  const asked = await erase(id)
  await settle(here)
  const { data } = await call('audit.entry.list', { target: asked.id, action: 'audit.log.forget' })
  assert.equal(data.length, 1)
  const now = await logOf('north')
  await whole()
  const receipt = now.find((one) => one.id === data[0].id)!
  const { epoch, who, what, why, request, subject } = JSON.parse(receipt.input!) as Record<string, string>
  assert.deepEqual([epoch, who, why, request, subject], [1, '', 'erasure', asked.id, id])
  const places = now.filter(({ target }) => [id, quoting.id].includes(target!)).map(({ seq }) => seq)
  assert.deepEqual(numbersIn(what!), places)
  assert.ok(now.find(({ target }) => target === longer.id)!.changes?.includes('+9198000000012'))
})

test('nobody can have forgotten what was asked to be forgotten, held, or released', async () => {
  const { id } = await call('shop.customer.create', { name: 'Evidence Itself' })
  const asked = await call('audit.subject.erase', { subject: id, reason: 'Evidence Itself asked for it' })
  const hold = await call('audit.hold.place', { reason: 'a dispute' })
  await call('audit.hold.release', { id: hold.id, reason: 'they paid' })
  await settle(here)
  for (const subject of [asked.id, hold.id])
    assert.equal((await here.as('owner').call('audit.subject.erase', { subject, reason: 'x' })).status, 404)
  const now = await logOf('north')
  const of = (action: string, target: string) => now.filter((one) => one.action === action && one.target === target)
  assert.ok(of('audit.hold.release', hold.id)[0]!.input?.includes('they paid'))
  // The request has a word of the subject's in it, and is forgotten itself; whom it was about is not.
  assert.equal(of('audit.subject.erase', asked.id)[0]!.input, null)
  assert.ok(of('audit.log.forget', asked.id).every(({ input }) => input?.includes(id)))
  assert.ok(of('audit.log.forget', asked.id).length > 0)
})

test('whoever gives a member’s number means the person, and the other way round', async () => {
  for (const which of ['member', 'person'] as const) {
    const [asha, bilal] = [await owner(here), await owner(here)]
    const [mine, theirs] = [await memberOf(asha.email), await memberOf(bilal.email)]
    await erase(which === 'member' ? mine.id : mine.personId)
    await settle(here)
    const now = await logOf('north')
    await whole()
    const words = await everyWord('north')
    assert.equal(words.includes(asha.email), false, which)
    assert.ok(words.includes(bilal.email))
    assert.ok(now.filter(({ actorId }) => actorId === mine.personId).every(({ actorName }) => actorName === null))
    assert.ok(now.filter(({ actorId }) => actorId === theirs.personId).every(({ actorName }) => actorName !== null))
  }
})

test('asked for twice at once it happens once, whoever does it', async () => {
  const { id } = await call('shop.customer.create', { name: 'Twice', phone: '+919800000002' })
  const asked = await Promise.all(Array.from({ length: 8 }, () => erase(id)))
  assert.equal(new Set(asked.map((one) => one.id)).size, 1)
  await sealed(here)
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const forgetDue = forgettingIn(here)
      while (await forgetDue());
    }),
  )
  await settle(here)
  const { data } = await call('audit.entry.list', { target: asked[0].id, action: 'audit.log.forget' })
  assert.equal(data.length, 1)
  assert.equal((await erasure(asked[0].id)).what, 1)
  await whole()
})

test('it waits for what is not sealed, reaches to the entry that asked, and no further', async () => {
  const { id } = await call('shop.customer.create', { name: 'Young', phone: '+919800000003' })
  const asked = await erase(id)
  const forgetDue = forgettingIn(here)
  assert.equal(await forgetDue(), false)
  assert.equal((await erasure(asked.id)).state, 'waiting')
  await reached(id, '+919800000004')
  await settle(here)
  const words = await everyWord('north')
  assert.ok(words.includes('+919800000004'), 'what came after is another matter')
  const again = await erase(id)
  assert.notEqual(again.id, asked.id)
  await settle(here)
  assert.equal((await everyWord('north')).includes('+919800000004'), false)
  await whole()
})

test('asked for again while it waits, it reaches as far as the last who asked', async () => {
  const { id } = await call('shop.customer.create', { name: 'Again', phone: '+919800000005' })
  const hold = await call('audit.hold.place', { reason: 'Wait' })
  const asked = await erase(id)
  await sealed(here)
  await reached(id, '+919800000006')
  assert.equal((await erase(id)).id, asked.id)
  await call('audit.hold.release', { id: hold.id, reason: 'Go on' })
  await settle(here)
  assert.equal(/\+91980000000[56]/.test(await everyWord('north')), false)
  await whole()
})

test('nothing of whom it looked for stays with the request', async () => {
  const rows = await sql(here)('select ids, words, reason, done_at from audit.erasure where workspace_id = $1', [
    here.north.place.workspace,
  ])
  assert.ok(rows.length >= 5)
  for (const { ids, words, reason, done_at } of rows) {
    assert.ok(done_at)
    assert.deepEqual([ids, words, reason], [[], [], null])
  }
})

test('what is no address and no number is not looked for: nobody empties a log by a short word', async () => {
  const { workspace } = here.north.place
  const { id } = await call('shop.customer.create', { name: 'Short' })
  await sql(here)(`update shop.customer set email = 'e' where id = $1`, [id])
  await reached(id, null)
  await erase(id)
  await settle(here)
  const [{ n }] = (await sql(here)(
    `select count(*)::int as n from audit.entry where workspace_id = $1 and target = $2 and input is null`,
    [workspace, id],
  )) as [{ n: number }]
  assert.equal(n, 2)
  const now = await logOf('north')
  assert.ok(now.filter(({ input }) => input !== null).length > now.length / 2)
})

test('whom the log has never heard of, the neighbour’s and the workspace itself are not there', async () => {
  const theirs = await call('shop.customer.create', { name: 'Theirs' }, 'south')
  // That was refused, and stands in the log as such.
  const tried = await here.as('owner').call('identity.key.revoke', { id: theirs.id })
  assert.equal(tried.status, 404)
  await here.served.parts.refusals.flush()
  for (const subject of [randomUUID(), theirs.id as string, here.north.place.workspace]) {
    const told = await here.as('owner').call('audit.subject.erase', { subject, reason: 'Why not' })
    assert.deepEqual([told.status, told.body.code], [404, 'not-found'])
  }
})

test('only whose role says so may ask, with a proof that is still warm', async () => {
  const told = await here.as('cashier').call('audit.subject.erase', { subject: randomUUID(), reason: 'Why not' })
  assert.equal(told.status, 403)
  const asha = await somebody(here, ['owner'])
  const hour = `interval '1 hour'`
  await sql(here)(
    `update identity.session set proved_at = now() - ${hour}, strong_at = now() - ${hour} where id = $1`,
    [asha.session],
  )
  for (const [name, input] of [
    ['audit.subject.erase', { subject: randomUUID(), reason: 'Why not' }],
    ['audit.hold.place', { reason: 'Why not' }],
    ['audit.hold.release', { id: randomUUID(), reason: 'Why not' }],
    ['audit.retention.set', { months: 24 }],
  ] as const)
    assert.equal((await asha.call(name, input)).body.code, 'step-up-required', name)
})

test('the application can ask, and do nothing of it itself', async () => {
  const { names } = here.served.parts.deployment
  const { app, workspace } = here.served.live.canaries[0]!.north
  const inside = (role: string, statement: string) =>
    app(`begin; set local role ${role}; select set_config('app.workspace', '${workspace}', true); ${statement}`)
  for (const statement of [
    'update audit.erasure set done_at = now()',
    'select words from audit.erasure',
    'delete from audit.erasure',
    'delete from audit.hold',
    `update audit.hold set reason = 'another'`,
    'delete from audit.retention',
    'insert into audit.total (month, action, outcome, actor_kind, entries) values (now(), $$a$$, $$b$$, $$c$$, 1)',
    'update audit.entry set input = null',
    'update audit.leaf set what_salt = null',
  ])
    await assert.rejects(inside(names.role('audit'), statement), { code: '42501' }, statement)
})
