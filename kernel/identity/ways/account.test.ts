import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { treasury } from '../../../editions/treasury/edition.ts'
import { lettersTo, race, ticketFor } from '../../../test/letters.ts'
import { sql } from '../../../test/people.ts'
import { owner, PASSWORD, post, shown, signIn, someAddress, visitor } from '../../../test/visitors.ts'
import type { Visitor } from '../../../test/visitors.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'

/** What people do with what is theirs alone: in every workspace at once, and heard of by whoever it belonged to. */
let here: World
before(async () => {
  here = await world(helpdesk)
})
after(() => here[Symbol.asyncDispose]())

const NAME = 'select name from identity.member where workspace_id = $1 and email = $2'
const EMAIL = 'select email from identity.member where workspace_id = $1 and person_id = $2'
const ENTRY = `select target from audit.entry
  where workspace_id = $1 and action = 'identity.person.changeProfile' and target = $2`

const NEW = 'nine slow barges under bridges'
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => `${status} ${body.code}`
const works = async (one: Visitor) => (await one.call('identity.workspace.get')).status

/** Owner of both workspaces, with a session in each. */
async function traveller(): Promise<{ north: Visitor; south: Visitor }> {
  const north = await owner(here)
  const boss = await owner(here, 'south')
  await boss.call('identity.invitation.create', { email: north.email, roles: ['agent'] })
  const ticket = await ticketFor(here, north.email, 'invitation')
  const told = await post(here, '/auth/invitation-join', { ticket, password: PASSWORD })
  assert.equal(told.body.next, 'done', told.text)
  return { north, south: visitor(here, north.email, told.body.session) }
}
const again = async (one: Visitor, workspace = one.session.workspace) => {
  const told = await signIn(here, one.email, { workspace })
  return visitor(here, one.email, told.body.session)
}
/** As if the last proof were older than what deserves a second look asks for. */
const growStale = async ({ session }: Visitor) => {
  const sid = JSON.parse(Buffer.from(session.accessToken.split('.')[1]!, 'base64url').toString()).sid as string
  const text = `update identity.session set proved_at = now() - interval '16 minutes', strong_at = null where id = $1`
  await sql(here)(text, [sid])
}
const refreshed = async (one: Visitor) => {
  const { body } = await post(here, '/auth/refresh', { refreshToken: one.session.refreshToken })
  return visitor(here, one.email, { ...one.session, ...body })
}

test('one sees who one is, where, and that no second factor is asked for', async () => {
  const { north } = await traveller()
  const { body } = await north.post('/auth/me')
  assert.equal(body.workspaces.length, 2)
  assert.deepEqual(body.secondFactor, {
    isOffered: true,
    hasOne: false,
    hasApp: false,
    passkeys: 0,
    codes: 0,
    isRequired: false,
    requiredFrom: null,
  })
  assert.ok(Date.parse(body.provedAt) <= Date.now())
})

test('a name is changed in every workspace, each with its entry, and nothing else is (row 20)', async () => {
  const { north, south } = await traveller()
  for (const more of [{ roles: ['owner'] }, { id: south.session.workspace }, { email: 'x@example.com' }])
    assert.equal(codeOf(await north.post('/auth/profile-change', { name: 'N', locale: 'en', ...more })), '400 invalid')
  const told = await north.post('/auth/profile-change', { name: 'Nūr', locale: 'ar' })
  assert.equal(told.status, 200, told.text)
  for (const { workspace } of [north.session, south.session]) {
    const [member] = await sql(here)(NAME, [workspace, north.email])
    assert.equal(member!['name'], 'Nūr')
    const entries = await sql(here)(ENTRY, [workspace, told.body.id])
    assert.equal(entries.length, 1)
  }
})

test('another password takes the present one and ends other sessions (ASVS 6.2.2, 6.2.3, 7.4.3)', async () => {
  const { north, south } = await traveller()
  const wrong = await north.post('/auth/password-change', { current: 'something else entirely', password: NEW })
  assert.equal(codeOf(wrong), '401 wrong-password')
  assert.equal(await works(south), 200)
  const short = await north.post('/auth/password-change', { current: PASSWORD, password: 'short' })
  assert.equal(codeOf(short), '400 password_too_short')
  const told = await north.post('/auth/password-change', { current: PASSWORD, password: NEW })
  assert.deepEqual(told.body, { sessionsEnded: 1 })
  assert.deepEqual([await works(north), await works(south)], [200, 401])
  assert.equal((await lettersTo(here, north.email))[0]!.template, 'credential-changed')
  assert.equal((await signIn(here, north.email)).status, 401)
  assert.equal((await signIn(here, north.email, { password: NEW })).status, 200)
})

test('other sessions may stay after a change of password; links that were sent before may not', async () => {
  const { north, south } = await traveller()
  await post(here, '/auth/reset-send', { email: north.email })
  const ticket = await ticketFor(here, north.email, 'reset')
  const told = await north.post('/auth/password-change', { current: PASSWORD, password: NEW, endOthers: false })
  assert.deepEqual(told.body, { sessionsEnded: 0 })
  assert.deepEqual([await works(north), await works(south)], [200, 200])
  assert.equal(codeOf(await post(here, '/auth/reset-use', { ticket, password: PASSWORD })), '401 ticket-over')
})

test('an address is changed after a fresh proof, by the link, everywhere (ASVS 7.5.1, 6.3.7)', async () => {
  const { north, south } = await traveller()
  const email = someAddress()
  await growStale(north)
  const stale = await refreshed(north)
  assert.equal(codeOf(await stale.post('/auth/address-change', { email })), '403 step-up-required')
  assert.deepEqual(await lettersTo(here, email), [])
  const fresh = await again(north)
  assert.deepEqual((await fresh.post('/auth/address-change', { email })).body, {})
  const ticket = await ticketFor(here, email, 'confirm-address')
  const stranger = await owner(here)
  assert.equal(codeOf(await stranger.post('/auth/address-confirm', { ticket })), '401 ticket-over')
  assert.equal((await post(here, '/auth/address-confirm', { ticket })).status, 401)
  assert.equal((await signIn(here, north.email)).status, 200, 'until then it is the old one')
  await post(here, '/auth/reset-send', { email: north.email })
  const reset = await ticketFor(here, north.email, 'reset')
  const told = await fresh.post('/auth/address-confirm', { ticket })
  assert.equal(told.body.email, email, told.text)
  assert.equal((await lettersTo(here, north.email))[0]!.template, 'address-changed')
  assert.deepEqual([(await signIn(here, north.email)).status, (await signIn(here, email)).status], [401, 200])
  assert.equal(codeOf(await post(here, '/auth/reset-use', { ticket: reset, password: NEW })), '401 ticket-over')
  for (const { workspace } of [north.session, south.session]) {
    const members = await sql(here)(EMAIL, [workspace, told.body.id])
    assert.deepEqual(members, [{ email }])
  }
})

test('a workspace that somebody has left hears nothing of them any more', async () => {
  const { north, south } = await traveller()
  const { workspace } = south.session
  const [before] = await sql(here)('select person_id as id from identity.member where email = $1', [north.email])
  await sql(here)(`update identity.member set state = 'removed' where workspace_id = $1 and email = $2`, [
    workspace,
    north.email,
  ])
  assert.equal((await north.post('/auth/profile-change', { name: 'Elsewhere', locale: 'en' })).status, 200)
  const email = someAddress()
  await north.post('/auth/address-change', { email })
  const ticket = await ticketFor(here, email, 'confirm-address')
  assert.equal((await north.post('/auth/address-confirm', { ticket })).status, 200)
  assert.deepEqual(await sql(here)(EMAIL, [workspace, before!['id']]), [{ email: north.email }])
  const [{ name }] = (await sql(here)(NAME, [workspace, north.email])) as [{ name: string }]
  assert.equal(name, 'Asha')
  assert.deepEqual(await sql(here)(ENTRY, [workspace, before!['id']]), [])
})

test('of sixty-four who confirm at once one does, and of two people who come to one address one has it', async () => {
  const [one, other] = [await owner(here), await owner(here)]
  const alone = someAddress()
  await one.post('/auth/address-change', { email: alone })
  const ticket = await ticketFor(here, alone, 'confirm-address')
  const told = await race(() => one.post('/auth/address-confirm', { ticket }))
  assert.equal(told.filter(({ status }) => status === 200).length, 1)
  const email = someAddress()
  const links: string[] = []
  for (const who of [one, other]) {
    await who.post('/auth/address-change', { email })
    links.push(await ticketFor(here, email, 'confirm-address'))
  }
  const both = await Promise.all(
    [one, other].map((who, index) => who.post('/auth/address-confirm', { ticket: links[index] })),
  )
  assert.deepEqual(both.map(codeOf).sort(), ['200 undefined', '409 address-taken'])
})

test('a taken address is asked for like any other, and its owner alone hears of it (ASVS 6.3.8)', async () => {
  const [one, other] = [await owner(here), await owner(here)]
  assert.deepEqual((await one.post('/auth/address-change', { email: other.email })).body, {})
  const [letter] = await lettersTo(here, other.email)
  assert.deepEqual([letter!.template, letter!.ticket], ['already-registered', ''])
})

test('one sees one’s sessions in every workspace, and ends them after a fresh proof (ASVS 7.5.2)', async () => {
  const { north, south } = await traveller()
  const list = async () =>
    (await north.post('/auth/sessions')).body.data as { id: string; isOwn: boolean; workspace: string }[]
  const before = await list()
  assert.equal(before.length, 2)
  const [own] = before.filter(({ isOwn }) => isOwn)
  assert.equal(own!.workspace, north.session.workspace)
  const elsewhere = before.find(({ isOwn }) => !isOwn)!
  const stranger = await owner(here)
  assert.equal(codeOf(await stranger.post('/auth/session-end', { id: elsewhere.id })), '404 not-found')
  assert.equal(await works(south), 200)
  assert.equal((await north.post('/auth/session-end', { id: elsewhere.id })).status, 200)
  assert.equal(await works(south), 401)
  assert.equal(codeOf(await north.post('/auth/session-end', { id: elsewhere.id })), '404 not-found')
  const others = [await again(north), await again(north, south.session.workspace)]
  await growStale(others[0]!)
  const stale = await refreshed(others[0]!)
  assert.equal(codeOf(await stale.post('/auth/sessions-end-others')), '403 step-up-required')
  assert.deepEqual((await north.post('/auth/sessions-end-others')).body, { ended: 2 })
  assert.deepEqual([await works(north), await works(others[1]!)], [200, 401])
  assert.deepEqual(
    (await list()).map(({ id }) => id),
    [own!.id],
  )
})

test('whoever owes a second factor sees that, and does nothing else with their account first (row 16)', async () => {
  await using strict = await world(treasury, 'pool')
  const noor = await owner(strict)
  const { secondFactor } = (await noor.post('/auth/me')).body
  assert.deepEqual([secondFactor.isRequired, secondFactor.hasOne], [true, false])
  const id = noor.session.workspace
  const tries: [string, object][] = [
    ['profile-change', { name: 'Noor', locale: 'en' }],
    ['password-change', { current: PASSWORD, password: NEW }],
    ['address-change', { email: someAddress() }],
    ['address-confirm', { ticket: 'vst_' }],
    ['sessions', {}],
    ['session-end', { id }],
    ['sessions-end-others', {}],
  ]
  for (const [name, body] of tries)
    assert.equal(codeOf(await noor.post(`/auth/${name}`, body)), '403 second-factor-required', name)
  const app = (await noor.post('/auth/app-begin')).body
  const added = await noor.post('/auth/app-confirm', {
    ticket: app.ticket,
    code: shown(app.secret),
    kept: app.codes[0],
  })
  assert.equal(added.status, 200, added.text)
  assert.equal((await noor.post('/auth/me')).body.secondFactor.isRequired, false)
  assert.equal((await noor.post('/auth/sessions')).status, 200)
})

test('none of it is for keys', async () => {
  const asha = await owner(here)
  const { token } = (await asha.call('identity.key.create', { name: 'A key', role: 'owner' })).body
  for (const name of ['me', 'sessions', 'sessions-end-others'])
    assert.equal(
      codeOf(await post(here, `/auth/${name}`, {}, { authorization: `Bearer ${token}` })),
      '403 only-for-people',
    )
})
