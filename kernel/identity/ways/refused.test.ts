import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { expire, ticketFor } from '../../../test/letters.ts'
import { sql } from '../../../test/people.ts'
import { owner, post, shown, signIn, someAddress } from '../../../test/visitors.ts'
import { asAdmin } from '../../tenancy/cluster.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'

/** Who is not let in leaves an entry where the account belongs, and nowhere where there is none. */
let here: World
before(async () => {
  here = await world(helpdesk)
})
after(() => here[Symbol.asyncDispose]())

type Entry = {
  action: string
  outcome: string
  kind: string
  actor: string
  target: string
  address: string
  way: string
}
const entries = async (workspace: string, target: string): Promise<Entry[]> => {
  await here.served.parts.refusals.flush()
  const rows = await sql(here)(
    `select action, outcome, actor_kind as kind, actor_id as actor, target, address, input->>'way' as way,
       (input->>'times')::int as times
     from audit.entry where workspace_id = $1 and outcome <> 'done' and target = $2 order by xid, id`,
    [workspace, target],
  )
  return rows as Entry[]
}
const all = async () => {
  await here.served.parts.refusals.flush()
  const [row] = await sql(here)(`select count(*)::int as n from audit.entry where outcome <> 'done'`)
  return row!['n'] as number
}
const personOf = async (email: string) =>
  (await sql(here)('select person_id as id from identity.member where email = $1', [email]))[0]!['id'] as string
const told = (found: Entry[]) => found.map(({ way, action, outcome }) => `${way} ${action} ${outcome}`)

test('a wrong password is told where they are a member, by nobody, from where it came (ASVS 16.3.1)', async () => {
  const asha = await owner(here)
  const person = await personOf(asha.email)
  const answer = await signIn(here, asha.email.toUpperCase(), { password: 'not it at all' })
  assert.equal(answer.status, 401)
  const [entry, ...more] = await entries(here.north.place.workspace, person)
  assert.deepEqual(more, [])
  const { kind, actor, address } = entry!
  assert.deepEqual([kind, actor, address], ['nobody', 'nobody', '127.0.0.1'])
  assert.deepEqual(told([entry!]), ['sign-in identity.session.begin sign-in-failed'])
  assert.deepEqual(await entries(here.south.place.workspace, person), [])
  assert.equal(JSON.stringify(entry).includes('not it at all'), false)
})

test('somebody of two workspaces is told of in both, but not where they are no active member any more', async () => {
  const north = await owner(here)
  const boss = await owner(here, 'south')
  await boss.call('identity.invitation.create', { email: north.email, roles: ['agent'] })
  const ticket = await ticketFor(here, north.email, 'invitation')
  assert.equal((await post(here, '/auth/invitation-join', { ticket, password: north.password })).status, 200)
  const person = await personOf(north.email)
  const wrong = () => signIn(here, north.email, { password: 'wrong', workspace: here.north.place.workspace })
  await wrong()
  for (const { place } of [here.north, here.south]) assert.equal((await entries(place.workspace, person)).length, 1)
  await sql(here)(`update identity.member set state = 'disabled' where workspace_id = $1 and person_id = $2`, [
    here.south.place.workspace,
    person,
  ])
  await wrong()
  assert.equal((await entries(here.south.place.workspace, person)).length, 1)
  assert.equal((await entries(here.north.place.workspace, person)).length, 2)
})

test('of an account that there is not nobody is told, whatever it is asked for', async () => {
  const before = await all()
  const email = someAddress()
  for (let n = 0; n < 12; n++) await signIn(here, email)
  assert.equal((await signIn(here, email)).status, 429)
  await post(here, '/auth/link-use', { ticket: `vst_${'A'.repeat(65)}`, claim: 'x' })
  await post(here, '/auth/reset-use', { ticket: `vst_${'B'.repeat(65)}`, password: 'x' })
  await post(here, '/auth/factor', { ticket: 'no ticket', method: 'totp', code: '123456' })
  await post(here, '/auth/choose', { ticket: `vst_${'C'.repeat(65)}`, workspace: here.north.place.workspace })
  assert.equal(await all(), before)
})

test('too many attempts are told as such, and a flood of them is a few entries', async () => {
  const asha = await owner(here)
  for (let n = 0; n < 60; n++) await signIn(here, asha.email, { password: 'wrong' })
  const found = (await entries(here.north.place.workspace, await personOf(asha.email))) as (Entry & { times: number })[]
  assert.deepEqual(
    new Set(told(found)),
    new Set(['sign-in identity.session.begin sign-in-failed', 'sign-in identity.session.begin rate-limited']),
  )
  assert.equal(
    found.reduce((sum, { times }) => sum + times, 0),
    60,
  )
  assert.ok(found.length <= 8, `${found.length} entries`)
})

test('a wrong second factor is told, and so is a half-done sign-in that is over (ASVS 16.3.1)', async () => {
  const asha = await owner(here)
  const app = (await asha.post('/auth/app-begin')).body
  const added = await asha.post('/auth/app-confirm', {
    ticket: app.ticket,
    code: shown(app.secret),
    kept: app.codes[0],
  })
  assert.equal(added.status, 200, added.text)
  const { ticket } = (await signIn(here, asha.email)).body
  for (let n = 0; n < 6; n++) await post(here, '/auth/factor', { ticket, method: 'totp', code: '000000' })
  const found = await entries(here.north.place.workspace, await personOf(asha.email))
  assert.deepEqual(
    new Set(told(found)),
    new Set(['factor identity.session.begin wrong-code', 'factor identity.session.begin ticket-over']),
  )
})

test('a link that was used or is over is told where it belonged: to somebody, or to an invitation', async () => {
  const asha = await owner(here)
  const { workspace } = here.north.place
  const person = await personOf(asha.email)
  await post(here, '/auth/reset-send', { email: asha.email })
  const ticket = await ticketFor(here, asha.email, 'reset')
  await expire(here, 'ticket', ticket)
  assert.equal((await post(here, '/auth/reset-use', { ticket, password: 'nine slow barges' })).status, 401)
  assert.deepEqual(told(await entries(workspace, person)), ['reset-use identity.person.resetPassword ticket-over'])
  const guest = someAddress()
  const { id } = (await asha.call('identity.invitation.create', { email: guest, roles: ['agent'] })).body
  const link = await ticketFor(here, guest, 'invitation')
  await expire(here, 'invitation', link)
  assert.equal((await post(here, '/auth/invitation-show', { ticket: link })).status, 401)
  assert.deepEqual(told(await entries(workspace, id)), ['invitation-show identity.member.join ticket-over'])
  assert.deepEqual(await entries(here.south.place.workspace, id), [])
})

test('whoever is signed in and cannot prove it again is named, in the workspace where they are', async () => {
  const asha = await owner(here)
  const person = await personOf(asha.email)
  const wrong = { current: 'not this one either', password: 'nine slow barges under bridges' }
  assert.equal((await asha.post('/auth/password-change', wrong)).status, 401)
  assert.equal((await asha.post('/auth/prove', { proof: { by: 'password', password: 'no' } })).status, 401)
  const found = await entries(here.north.place.workspace, person)
  assert.deepEqual(told(found), [
    'password-change identity.person.changePassword wrong-password',
    'prove identity.session.prove wrong-code',
  ])
  for (const { kind, actor } of found) assert.deepEqual([kind, actor], ['person', person])
})

test('an answer waits for nothing of it: neither for whom it concerns to be found, nor for the entry', async () => {
  const asha = await owner(here)
  const person = await personOf(asha.email)
  const { admin } = here.served.parts.deployment
  const answer = await asAdmin(admin, here.north.place.realm.database, async (client) => {
    await client.query('begin')
    await client.query('lock table audit.entry, identity.workspace in access exclusive mode')
    const told = await signIn(here, asha.email, { password: 'wrong' })
    await client.query('rollback')
    return told
  })
  assert.equal(answer.status, 401)
  assert.equal((await entries(here.north.place.workspace, person)).length, 1)
})
