import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../editions/helpdesk/edition.ts'
import { early, owner, PASSWORD, post, shown, someAddress } from '../../test/visitors.ts'
import type { Visitor } from '../../test/visitors.ts'
import { base32 } from '../identity/factors/totp.ts'
import { createLimits } from '../limits/limits.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'
import { inviteStaff, removeStaff } from './desk.ts'

/** Somebody of the platform, in front of a workspace that has let them in, and of one that has not. */
let here: World
let asha: Visitor
before(async () => {
  here = await world(helpdesk)
  asha = await owner(here)
})
after(() => here[Symbol.asyncDispose]())

const REASON = 'Looking into the totals of March'

async function colleague() {
  await early()
  const email = someAddress()
  const { token, secret } = await inviteStaff(here.served.parts.house.desk, 'Noor', email)
  const app = base32(secret)
  // Of the step before: a code that let them in once does not do so again.
  const enrolled = await post(here, '/auth/staff-enrol', { token, password: PASSWORD, code: shown(app, -1) })
  assert.equal(enrolled.status, 200, enrolled.text)
  const bearer = { authorization: `Bearer ${enrolled.body.token}` }
  const enter = (workspace: string, reason = REASON) => post(here, '/auth/staff-enter', { workspace, reason }, bearer)
  return { email, token, app, bearer, enter }
}

const grant = async (input: object = {}) => {
  const told = await asha.call('identity.support.grant', { role: 'viewer', note: 'Please look', hours: 2, ...input })
  assert.equal(told.status, 200, told.text)
  return told.body as { id: string; until: string }
}
const workspace = () => here.north.place.workspace

test('an invitation makes one colleague, with a code from the app or not at all (ASVS 6.5.1, 6.3.3)', async () => {
  await early()
  const desk = here.served.parts.house.desk
  const { token, secret } = await inviteStaff(desk, 'Noor', someAddress())
  const code = () => shown(base32(secret))
  const wrong = await post(here, '/auth/staff-enrol', { token, password: PASSWORD, code: '000000' })
  assert.ok(wrong.status === 401 || code() === '000000')
  const all = await Promise.all(
    Array.from({ length: 16 }, () => post(here, '/auth/staff-enrol', { token, password: PASSWORD, code: code() })),
  )
  assert.equal(all.filter(({ status }) => status === 200).length, 1)
  assert.ok(all.every(({ status, body }) => status === 200 || body.code === 'ticket-over'))
})

test('password and code, always both; a code once, however many show it at the same moment (row 15)', async () => {
  const { email, app } = await colleague()
  const signIn = (more: object) =>
    post(here, '/auth/staff-sign-in', { email, password: PASSWORD, code: shown(app), ...more })
  assert.equal((await signIn({ code: '' })).status, 401)
  assert.equal((await signIn({ password: 'something else entirely' })).status, 401)
  assert.equal((await signIn({ email: asha.email })).status, 401)
  assert.equal((await signIn({ code: shown(app, -1) })).status, 401, 'the code that they enrolled with')
  const racing = await Promise.all(Array.from({ length: 16 }, () => signIn({})))
  assert.equal(racing.filter(({ status }) => status === 200).length, 1)
})

test('without a workspace’s leave nothing of it is there, and nobody learns whether it is (ASVS 8.4.2)', async () => {
  const { enter } = await colleague()
  const told = await Promise.all([enter(here.south.place.workspace), enter('0190a5b2-7c3e-4d21-9f10-2b8a4c6d8e0f')])
  for (const { status, body } of told) assert.deepEqual([status, body.code], [404, 'not-found'])
  const { instance: _, ...one } = told[0]!.body
  const { instance: __, ...other } = told[1]!.body
  assert.deepEqual(one, other)
})

test('with its leave they come in as what it said, and its log shows who, when and what for', async () => {
  const { id } = await grant()
  const { enter, bearer } = await colleague()
  const visit = await enter(workspace())
  assert.equal(visit.status, 200, visit.text)
  const { accessToken } = visit.body
  assert.equal((await asha.call('identity.workspace.get', {}, accessToken)).status, 200)
  assert.equal((await asha.call('identity.member.list', {}, accessToken)).status, 403, 'no more than the role')
  const { data } = (await asha.call('audit.entry.list', { action: 'identity.support.enter' })).body
  assert.deepEqual([data[0].actorKind, data[0].actorName], ['staff', 'Noor'])
  const seen = (await asha.call('identity.support.visits')).body.data
  assert.deepEqual([seen[0].grantId, seen[0].staffName, seen[0].reason], [id, 'Noor', REASON])
  assert.equal((await post(here, '/auth/staff-enter', { workspace: workspace(), reason: 'short' }, bearer)).status, 400)
})

test('what deserves a second look is not for staff, and neither is what is a person’s own', async () => {
  await grant({ role: 'owner' })
  const { enter } = await colleague()
  const { accessToken } = (await enter(workspace())).body
  const told = await asha.call('identity.key.create', { name: 'Mine', role: 'viewer' }, accessToken)
  assert.deepEqual([told.status, told.body.code], [403, 'step-up-required'])
  for (const path of ['me', 'sign-out', 'app-begin', 'switch'])
    assert.equal((await post(here, `/auth/${path}`, {}, { authorization: `Bearer ${accessToken}` })).status, 403, path)
})

test('an owner is nobody at the staff’s desk, and staff are nobody anywhere else', async () => {
  const { bearer } = await colleague()
  const owners = { authorization: `Bearer ${asha.session.accessToken}` }
  for (const path of ['staff-enter', 'staff-sign-out'])
    assert.equal((await post(here, `/auth/${path}`, { workspace: workspace(), reason: REASON }, owners)).status, 401)
  const token = bearer.authorization.slice('Bearer '.length)
  assert.equal((await asha.call('identity.workspace.get', {}, token)).status, 401)
  assert.equal((await post(here, '/auth/me', {}, bearer)).status, 401)
})

test('a visit ends at once when the workspace takes its leave back, and not before for anybody else', async () => {
  const { id } = await grant()
  const { enter } = await colleague()
  const { accessToken } = (await enter(workspace())).body
  assert.equal((await asha.call('identity.workspace.get', {}, accessToken)).status, 200)
  const all = (await asha.call('identity.support.list', { limit: 200 })).body.data as { id: string }[]
  for (const one of all) await asha.call('identity.support.revoke', { id: one.id })
  assert.ok(all.some((one) => one.id === id))
  assert.equal((await asha.call('identity.workspace.get', {}, accessToken)).status, 401)
  assert.equal((await enter(workspace())).status, 404)
  assert.equal((await asha.call('identity.workspace.get')).status, 200)
})

test('nobody grants more than they have, nor for longer than help takes', async () => {
  const told = await asha.call('identity.support.grant', { role: 'nobody-knows', note: 'Please', hours: 2 })
  assert.deepEqual([told.status, told.body.code], [409, 'role_beyond_own'])
  assert.equal(
    (await asha.call('identity.support.grant', { role: 'viewer', note: 'Please', hours: 10_000 })).status,
    400,
  )
})

test('a role that was granted to staff stays what it is until the grant has ended', async () => {
  const grants = ['identity.workspace.get']
  const role = (await asha.call('identity.role.create', { key: 'onlooker', title: 'Onlooker', grants })).body
  const { id } = await grant({ role: 'onlooker' })
  const removed = () => asha.call('identity.role.remove', { id: role.id })
  assert.equal((await removed()).body.code, 'role_in_use', 'another of that name would be theirs, too')
  await asha.call('identity.support.revoke', { id })
  assert.equal((await removed()).status, 200)
})

test('who leaves the staff is out at once', async () => {
  const { bearer, email, app, enter } = await colleague()
  await grant()
  const { accessToken } = (await enter(workspace())).body
  assert.equal((await asha.call('identity.workspace.get', {}, accessToken)).status, 200)
  assert.ok(await removeStaff(here.served.parts.house.desk, email))
  assert.equal((await post(here, '/auth/staff-enter', { workspace: workspace(), reason: REASON }, bearer)).status, 401)
  assert.equal((await asha.call('identity.workspace.get', {}, accessToken)).status, 401)
  const again = await post(here, '/auth/staff-sign-in', { email, password: PASSWORD, code: shown(app) })
  assert.deepEqual([again.status, again.body.code], [401, 'sign-in-failed'])
})

test('whoever guesses tokens of staff is told to wait before anything is looked up', async () => {
  await using narrow = await world(helpdesk, 'pool', createLimits({ scale: 0.02 }))
  const { house } = narrow.served.parts
  const { sql } = house.desk
  let asked = 0
  house.desk = { ...house.desk, sql: (...said) => ((asked += 1), sql(...said)) }
  const guess = () => post(narrow, '/auth/staff-sign-out', {}, { authorization: `Bearer vss_${'x'.repeat(43)}` })
  let told = await guess()
  for (let more = 0; more < 200 && told.status === 401; more++) told = await guess()
  assert.equal(told.status, 429)
  const before = asked
  assert.deepEqual([(await guess()).status, asked], [429, before])
})
