import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../editions/helpdesk/edition.ts'
import { base32 } from '../../kernel/identity/factors/totp.ts'
import { lobbyOf } from '../../kernel/identity/lobby.ts'
import { WAYS } from '../../kernel/identity/ways.ts'
import { ownerTicket } from '../../kernel/identity/ways/welcome.ts'
import { inviteStaff } from '../../kernel/staff/desk.ts'
import { STAFF_WAYS } from '../../kernel/staff/ways.ts'
import { world } from '../../kernel/testing.ts'
import type { Answer, Side, World } from '../../kernel/testing.ts'
import { authenticator } from '../authenticator.ts'
import { ticketFor } from '../letters.ts'
import { callerWith, sql } from '../people.ts'
import { early, PASSWORD, post, shown, someAddress } from '../visitors.ts'
import { insistOnSilence, watching } from './act.ts'
import type { Entry } from './act.ts'

/**
 * Ways in and out are no operations, and hold to the same: whatever one does to rows of a workspace stands in the log
 * of that workspace, and what it does to somebody's own things stands in none but as an act of theirs.
 */
let here: World
before(async () => {
  here = await world(helpdesk)
})
after(() => here[Symbol.asyncDispose]())

const USER_AGENT = 'A browser of somebody/1.0'
const walked = new Set<string>()
const secrets: string[] = []

/** What a way left, as `side action` in the order in which it was written. */
type Walk = { told: Answer; left: string[]; entries: readonly Entry[] }

async function walk(way: string, input: object = {}, token?: string, actor?: Partial<Entry>): Promise<Walk> {
  walked.add(way)
  const headers = { 'user-agent': USER_AGENT, ...(token ? { authorization: `Bearer ${token}` } : {}) }
  const { told, entries } = await watching(sql(here))(way, () => post(here, `/auth/${way}`, input, headers))
  assert.equal(told.status, 200, `${way}: ${told.text}`)
  gather(told.body)
  const request_id = told.headers.get('x-request-id')!
  for (const entry of entries) {
    const { address, user_agent } = entry
    assert.deepEqual(
      { address, user_agent, request_id: entry.request_id, outcome: entry.outcome },
      {
        address: '127.0.0.1',
        user_agent: USER_AGENT,
        request_id,
        outcome: 'done',
      },
    )
    for (const [key, value] of Object.entries(actor ?? {})) assert.deepEqual(entry[key as keyof Entry], value, way)
  }
  return { told, entries, left: entries.map(({ workspace, action }) => `${sideOf(workspace)} ${action}`).sort() }
}

const sideOf = (workspace: string) =>
  (['north', 'south'] as const).find((side) => here[side].place.workspace === workspace) ?? 'new'

/** Everything that an answer shows and that is long enough to be a secret. */
function gather(body: unknown): void {
  if (typeof body !== 'object' || body === null) return
  for (const [key, value] of Object.entries(body))
    if (typeof value === 'string' && /token|ticket|secret|claim|uri/i.test(key)) secrets.push(value)
    else if (key === 'codes' && Array.isArray(value)) secrets.push(...(value as string[]))
    else gather(value)
}

const link = async (email: string, template: string) => {
  const ticket = await ticketFor(here, email, template)
  secrets.push(ticket)
  return ticket
}

async function welcomed(side: Side = 'north') {
  const { house } = here.served.parts
  const { workspace } = here[side].place
  const ticket = await ownerTicket(await lobbyOf(house.realms, house.shared, workspace), workspace)
  const email = someAddress()
  secrets.push(ticket, PASSWORD)
  const { told, left, entries } = await walk('welcome', { ticket, name: 'Asha', email, password: PASSWORD })
  assert.deepEqual(left, [`${side} identity.member.join`, `${side} identity.session.begin`])
  const { accessToken, refreshToken } = told.body.session as Tokens
  const person = entries[0]!.actor_id
  return { email, person, token: accessToken, refresh: refreshToken, by: { actor_kind: 'person', actor_id: person } }
}
type Tokens = { accessToken: string; refreshToken: string }
type Somebody = Awaited<ReturnType<typeof welcomed>>

async function invite(by: Somebody, email = someAddress()) {
  const told = await callerWith(here, by.token)('identity.invitation.create', { email, roles: ['agent'] })
  assert.equal(told.status, 200, told.text)
  return { email, ticket: await link(email, 'invitation') }
}

/** Also a member of the other workspace, where nobody asks them anything. */
async function inBoth(): Promise<Somebody> {
  const asha = await welcomed('north')
  const { ticket } = await invite(await welcomed('south'), asha.email)
  const joined = await walk('invitation-join', { ticket, password: PASSWORD }, undefined, asha.by)
  assert.deepEqual(joined.left, ['south identity.member.join', 'south identity.session.begin'])
  return asha
}

const PROVED = [`north identity.session.prove`]

test('signing in, going on, moving over and out', async () => {
  const asha = await inBoth()
  const { workspace } = here.north.place
  const signedIn = await walk('sign-in', { email: asha.email, password: PASSWORD, workspace }, undefined, asha.by)
  assert.deepEqual(signedIn.left, ['north identity.session.begin'])
  const asked = await walk('sign-in', { email: asha.email, password: PASSWORD })
  assert.deepEqual(asked.left, [])
  const chosen = await walk('choose', { ticket: asked.told.body.ticket, workspace }, undefined, asha.by)
  assert.deepEqual(chosen.left, ['north identity.session.begin'])
  const { accessToken: token, refreshToken } = chosen.told.body.session as Tokens
  assert.deepEqual((await walk('refresh', { refreshToken })).left, [], 'going on is noted on the session alone')
  assert.deepEqual((await walk('me', {}, token)).left, [])
  assert.deepEqual((await walk('sessions', {}, token)).left, [])
  const proved = await walk('prove', { proof: { by: 'password', password: PASSWORD } }, token, asha.by)
  assert.deepEqual(proved.left, PROVED)
  const [{ id }] = (await walk('sessions', {}, token)).told.body.data.filter(({ isOwn }: { isOwn: boolean }) => !isOwn)
  assert.equal((await walk('session-end', { id }, token, asha.by)).entries[0]!.action, 'identity.session.end')
  const over = await walk('switch', { workspace: here.south.place.workspace }, token, asha.by)
  assert.deepEqual(over.left, ['north identity.session.end', 'south identity.session.begin'])
  const south = over.told.body.accessToken as string
  const others = await walk('sessions-end-others', {}, south, asha.by)
  assert.deepEqual(others.left, ['north identity.session.endOthers', 'south identity.session.endOthers'])
  assert.deepEqual((await walk('sign-out', {}, south, asha.by)).left, ['south identity.session.end'])
})

test('one’s own name, address and password, in every workspace that knows them', async () => {
  const asha = await inBoth()
  const both = (action: string) => [`north ${action}`, `south ${action}`]
  const renamed = await walk('profile-change', { name: 'Asha Menon', locale: 'ar' }, asha.token, asha.by)
  assert.deepEqual(renamed.left, both('identity.person.changeProfile'))
  const email = someAddress()
  assert.deepEqual((await walk('address-change', { email }, asha.token)).left, [])
  const ticket = await link(email, 'confirm-address')
  const moved = await walk('address-confirm', { ticket }, asha.token, asha.by)
  assert.deepEqual(moved.left, both('identity.person.changeAddress'))
  const password = 'nine loud herons under water'
  secrets.push(password)
  const changed = await walk('password-change', { current: PASSWORD, password }, asha.token, asha.by)
  assert.deepEqual(changed.left, both('identity.person.changePassword'))
  const kept = { current: password, password: PASSWORD, endOthers: false }
  assert.deepEqual((await walk('password-change', kept, asha.token, asha.by)).left, [
    'north identity.person.changePassword',
  ])
  assert.deepEqual((await walk('reset-send', { email })).left, [])
  const reset = await walk('reset-use', { ticket: await link(email, 'reset'), password }, undefined, asha.by)
  assert.deepEqual(reset.left, both('identity.person.resetPassword'))
})

test('by a link, by an invitation, and by opening a workspace of one’s own', async () => {
  const asha = await welcomed()
  const { claim } = (await walk('link-send', { email: asha.email })).told.body
  const used = await walk('link-use', { ticket: await link(asha.email, 'sign-in-link'), claim }, undefined, asha.by)
  assert.deepEqual(used.left, ['north identity.session.begin'])
  const { ticket } = await invite(asha)
  assert.deepEqual((await walk('invitation-show', { ticket })).left, [])
  const accepted = await walk('invitation-accept', { ticket, name: 'Noor', password: PASSWORD })
  assert.deepEqual(accepted.left, ['north identity.member.join', 'north identity.session.begin'])
  const email = someAddress()
  assert.deepEqual((await walk('sign-up', { email })).left, [])
  const opening = { name: 'Lina', password: PASSWORD, workspaceName: 'Lina’s' }
  const opened = await walk('sign-up-finish', { ticket: await link(email, 'confirm-address'), ...opening })
  assert.deepEqual(opened.left, [
    'new identity.member.join',
    'new identity.session.begin',
    'new identity.workspace.create',
  ])
})

test('second factors: every workspace that is told of them has it in its log', async () => {
  const asha = await inBoth()
  await early()
  const begun = await walk('app-begin', {}, asha.token)
  assert.deepEqual(begun.left, [])
  const { ticket, secret, codes } = begun.told.body
  const app = { ticket, code: shown(secret, -1), kept: codes[0] }
  const confirmed = await walk('app-confirm', app, asha.token, asha.by)
  assert.deepEqual(confirmed.left, ['north identity.person.app.add', 'south identity.person.app.add'])
  const half = await walk('sign-in', { email: asha.email, password: PASSWORD, workspace: here.north.place.workspace })
  assert.deepEqual(half.left, [])
  const code = { ticket: half.told.body.ticket, method: 'totp', code: shown(secret) }
  assert.deepEqual((await walk('factor', code, undefined, asha.by)).left, ['north identity.session.begin'])
  const made = await walk('codes-make', {}, asha.token, asha.by)
  assert.deepEqual(made.left, ['north identity.person.codes.make'])
  const origin = here.served.parts.publicUrl!
  const device = authenticator()
  const adding = (await walk('passkey-add-begin', {}, asha.token)).told.body
  const response = device.create(adding.options, { origin })
  const added = await walk('passkey-add', { ticket: adding.ticket, name: 'Laptop', response }, asha.token, asha.by)
  assert.deepEqual(added.left, ['north identity.person.passkey.add'])
  assert.deepEqual((await walk('passkeys', {}, asha.token)).left, [])
  const proving = (await walk('prove-begin', {}, asha.token)).told.body
  const proof = { by: 'passkey', ticket: proving.ticket, response: device.get(proving.options, { origin }) }
  assert.deepEqual((await walk('prove', { proof }, asha.token, asha.by)).left, PROVED)
  const asking = (await walk('passkey-begin', { workspace: here.north.place.workspace })).told.body
  const answer = { ticket: asking.ticket, response: device.get(asking.options, { origin }) }
  assert.deepEqual((await walk('passkey-finish', answer, undefined, asha.by)).left, ['north identity.session.begin'])
  assert.deepEqual((await walk('app-remove', {}, asha.token, asha.by)).left, ['north identity.person.app.remove'])
  const gone = await walk('passkey-remove', { id: added.told.body.id }, asha.token, asha.by)
  assert.deepEqual(gone.left, ['north identity.person.passkey.remove', 'south identity.person.passkey.remove'])
})

test('an exchanged token that comes back ends the session, and the log says so though nobody is let in', async () => {
  const asha = await welcomed()
  const once = (await walk('refresh', { refreshToken: asha.refresh })).told.body as Tokens
  await walk('refresh', { refreshToken: once.refreshToken })
  const { told, entries } = await watching(sql(here))('replay', () =>
    post(here, '/auth/refresh', { refreshToken: asha.refresh }),
  )
  assert.equal(told.status, 401)
  assert.deepEqual(
    entries.map(({ action }) => action),
    ['identity.session.replay'],
  )
})

test('the platform’s staff leave nothing anywhere but where they enter', async () => {
  const asha = await welcomed()
  const granted = await callerWith(here, asha.token)('identity.support.grant', {
    role: 'viewer',
    note: 'Please look',
    hours: 1,
  })
  assert.equal(granted.status, 200, granted.text)
  await early()
  const email = someAddress()
  const invited = await inviteStaff(here.served.parts.house.desk, 'Noor', email)
  const app = base32(invited.secret)
  secrets.push(invited.token, app)
  const enrolling = { token: invited.token, password: PASSWORD, code: shown(app, -1) }
  assert.deepEqual((await walk('staff-enrol', enrolling)).left, [])
  const signedIn = await walk('staff-sign-in', { email, password: PASSWORD, code: shown(app) })
  assert.deepEqual(signedIn.left, [])
  const { token } = signedIn.told.body as { token: string }
  const reason = 'Looking into the totals of March'
  const entered = await walk('staff-enter', { workspace: here.north.place.workspace, reason }, token, {
    actor_kind: 'staff',
    actor_name: 'Noor',
  })
  assert.deepEqual(entered.left, ['north identity.support.enter'])
  assert.deepEqual((await walk('staff-sign-out', {}, token)).left, [])
})

test('there is no other way in or out, and no secret of all these stands in any entry', async () => {
  assert.deepEqual([...walked].sort(), [...WAYS, ...STAFF_WAYS].map(({ name }) => name).sort())
  await insistOnSilence(sql(here), secrets)
})
