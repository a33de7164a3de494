import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { authenticator } from '../../../test/authenticator.ts'
import { early, owner, PASSWORD, post, shown, signIn } from '../../../test/visitors.ts'
import type { Visitor } from '../../../test/visitors.ts'
import { world } from '../../testing.ts'
import type { Answer, World } from '../../testing.ts'

let here: World
before(async () => {
  here = await world(helpdesk)
})
after(() => here[Symbol.asyncDispose]())

type Enrolled = Visitor & { app: string; codes: string[] }

/** An owner with an app, which has shown the code of the step before this one. */
async function enrolled(): Promise<Enrolled> {
  await early()
  const visitor = await owner(here)
  const begun = await visitor.post('/auth/app-begin')
  const { ticket, secret, codes } = begun.body as { ticket: string; secret: string; codes: string[] }
  const told = await visitor.post('/auth/app-confirm', { ticket, code: shown(secret, -1), kept: codes[0] })
  assert.equal(told.status, 200, told.text)
  return { ...visitor, app: secret, codes }
}

const half = async (email: string) => {
  const told = await signIn(here, email)
  assert.equal(told.body.next, 'factor', told.text)
  return told.body as { ticket: string; methods: string[] }
}
/** As many as one account may begin at once. */
async function halves(email: string) {
  const tickets: { ticket: string }[] = []
  for (let at = 0; at < 6; at++) tickets.push(await half(email))
  return tickets
}
const answer = (ticket: string, method: 'totp' | 'recovery', code: string) =>
  post(here, '/auth/factor', { ticket, method, code })
const refusal = ({ status, body }: Answer) => [status, body.code]
const sql = (text: string, values: unknown[]) => here.served.live.canaries[0]!.north.catalogue(text, values)

test('an app counts when it has shown a code and a paper code was typed back, not before (ASVS 6.4.4)', async () => {
  await early()
  const visitor = await owner(here)
  const { ticket, secret, codes, uri, qr } = (await visitor.post('/auth/app-begin')).body
  assert.equal(codes.length, 10)
  assert.match(uri, /^otpauth:\/\/totp\//)
  assert.match(qr, /^<svg/)
  assert.equal((await signIn(here, visitor.email)).body.next, 'done', 'begun is not confirmed')
  const confirm = (more: object) =>
    visitor.post('/auth/app-confirm', { ticket, code: shown(secret), kept: codes[3], ...more })
  assert.deepEqual(refusal(await confirm({ kept: undefined })), [401, 'code-not-kept'])
  assert.deepEqual(refusal(await confirm({ kept: 'AAAA-AAAA-AAAA-AAAA-AAAA-AAAA' })), [401, 'code-not-kept'])
  assert.deepEqual(refusal(await confirm({ code: shown(secret, 20) })), [401, 'wrong-code'])
  assert.equal((await confirm({})).status, 200)
  assert.deepEqual(refusal(await confirm({})), [401, 'ticket-over'])
  assert.equal((await signIn(here, visitor.email)).body.next, 'factor')
})

test('a code lets in once: the same again, at once or later in its step, is nothing (ASVS 6.5.1, row 15)', async () => {
  const visitor = await enrolled()
  const tickets = await halves(visitor.email)
  const code = shown(visitor.app)
  const told = await Promise.all(tickets.map(({ ticket }) => answer(ticket, 'totp', code)))
  assert.equal(told.filter(({ status }) => status === 200).length, 1)
  assert.ok(told.every(({ status, body }) => status === 200 || body.code === 'wrong-code'))
  assert.deepEqual(refusal(await answer((await half(visitor.email)).ticket, 'totp', shown(visitor.app, -1))), [
    401,
    'wrong-code',
  ])
})

test('a paper code lets in once, for whoever races with it (ASVS 6.5.1)', async () => {
  const visitor = await enrolled()
  const tickets = await halves(visitor.email)
  const told = await Promise.all(tickets.map(({ ticket }) => answer(ticket, 'recovery', visitor.codes[1]!)))
  assert.equal(told.filter(({ status }) => status === 200).length, 1)
  const lower = visitor.codes[2]!.toLowerCase().replaceAll('-', ' ')
  assert.equal((await answer((await half(visitor.email)).ticket, 'recovery', lower)).status, 200, 'however it is typed')
})

test('a half-done sign-in ends after five wrong codes; it opens nothing else (ASVS 6.6.3, row 16)', async () => {
  const visitor = await enrolled()
  const { ticket } = await half(visitor.email)
  const bearer = { authorization: `Bearer ${ticket}` }
  for (const way of ['me', 'sign-out', 'app-remove', 'switch', 'prove'])
    assert.equal((await post(here, `/auth/${way}`, {}, bearer)).status, 401, way)
  assert.equal((await visitor.call('identity.workspace.get', {}, ticket)).status, 401)
  assert.deepEqual(refusal(await post(here, '/auth/choose', { ticket, workspace: visitor.session.workspace })), [
    401,
    'ticket-over',
  ])
  const again = await half(visitor.email)
  for (let wrong = 0; wrong < 5; wrong++)
    assert.deepEqual(refusal(await answer(again.ticket, 'recovery', 'AAAA-AAAA-AAAA-AAAA-AAAA-AAAA')), [
      401,
      'wrong-code',
    ])
  assert.deepEqual(refusal(await answer(again.ticket, 'totp', shown(visitor.app))), [401, 'ticket-over'])
})

test('a second app, and taking one away, want a fresh proof and are told (ASVS 6.3.7, 6.5.6, 7.5.1)', async () => {
  const visitor = await enrolled()
  await sql(
    `update identity.session set strong_at = strong_at - interval '1 hour' where person_id = (
    select id from identity.person where email = $1)`,
    [visitor.email],
  )
  const renewed = (await visitor.post('/auth/refresh', { refreshToken: visitor.session.refreshToken }, {})).body
  const bearer = { authorization: `Bearer ${renewed.accessToken}` }
  for (const way of ['app-begin', 'app-remove', 'codes-make'])
    assert.deepEqual(refusal(await post(here, `/auth/${way}`, {}, bearer)), [403, 'step-up-required'], way)
  assert.deepEqual(
    refusal(await post(here, '/auth/prove', { proof: { by: 'password', password: PASSWORD } }, bearer)),
    [409, 'other-proof-needed'],
  )
  const proof = { by: 'totp', code: shown(visitor.app) }
  const proved = await post(here, '/auth/prove', { proof }, bearer)
  assert.equal(proved.status, 200, proved.text)
  assert.deepEqual(refusal(await post(here, '/auth/prove', { proof }, bearer)), [401, 'wrong-code'])
  const fresh = { authorization: `Bearer ${proved.body.accessToken}` }
  assert.equal((await post(here, '/auth/codes-make', {}, fresh)).body.codes.length, 10)
  assert.deepEqual(refusal(await answer((await half(visitor.email)).ticket, 'recovery', visitor.codes[4]!)), [
    401,
    'wrong-code',
  ])
  assert.equal((await post(here, '/auth/app-remove', {}, fresh)).status, 200)
  assert.equal((await signIn(here, visitor.email)).body.next, 'done')
  const letters = await sql('select template from mail.letter where recipient = $1 order by created_at', [
    visitor.email,
  ])
  assert.deepEqual(
    letters.map(({ template }) => template),
    ['credential-changed', 'credential-changed', 'credential-changed'],
  )
})

test('a passkey signs in alone, and is the second factor after a password; a challenge is good once', async () => {
  const visitor = await owner(here)
  const origin = here.served.parts.publicUrl!
  const device = authenticator()
  const begun = (await visitor.post('/auth/passkey-add-begin')).body
  const made = device.create(begun.options, { origin })
  const add = () => visitor.post('/auth/passkey-add', { ticket: begun.ticket, name: 'Laptop', response: made })
  assert.equal((await add()).status, 200)
  assert.deepEqual(refusal(await add()), [401, 'ticket-over'])

  const alone = (await post(here, '/auth/passkey-begin', {})).body
  const response = device.get(alone.options, { origin })
  const finish = () => post(here, '/auth/passkey-finish', { ticket: alone.ticket, response })
  const racing = await Promise.all(Array.from({ length: 8 }, finish))
  assert.equal(racing.filter(({ status }) => status === 200).length, 1)

  const { ticket, methods } = await half(visitor.email)
  assert.deepEqual(methods, ['passkey'])
  const second = (await post(here, '/auth/passkey-begin', { ticket })).body
  const shownKey = device.get(second.options, { origin })
  const without = await post(here, '/auth/passkey-finish', { ticket: second.ticket, response: shownKey })
  assert.deepEqual(refusal(without), [401, 'ticket-over'], 'not without what it was to follow')
  const third = (await post(here, '/auth/passkey-begin', { ticket })).body
  const done = await post(here, '/auth/passkey-finish', {
    ticket: third.ticket,
    after: ticket,
    response: device.get(third.options, { origin }),
  })
  assert.equal(done.body.next, 'done', done.text)
})

test('a passkey of somebody else is no second factor, and a challenge to add one lets nobody in', async () => {
  const [visitor, other] = [await enrolled(), await owner(here, 'south')]
  const origin = here.served.parts.publicUrl!
  const device = authenticator()
  const begun = (await other.post('/auth/passkey-add-begin')).body
  const made = device.create(begun.options, { origin })
  assert.equal(
    (await other.post('/auth/passkey-add', { ticket: begun.ticket, name: 'Theirs', response: made })).status,
    200,
  )
  const { ticket } = await half(visitor.email)
  const asked = (await post(here, '/auth/passkey-begin', { ticket })).body
  const theirs = device.get(asked.options, { origin })
  const told = await post(here, '/auth/passkey-finish', { ticket: asked.ticket, after: ticket, response: theirs })
  assert.deepEqual(refusal(told), [401, 'wrong-code'])
  const adding = (await other.post('/auth/passkey-add-begin')).body
  const answerToAdding = device.get({ ...asked.options, challenge: adding.options.challenge }, { origin })
  const misused = await post(here, '/auth/passkey-finish', { ticket: adding.ticket, response: answerToAdding })
  assert.deepEqual(refusal(misused), [401, 'ticket-over'])
})

test('a workspace may demand it of all from a day on: then only setting it up is open (ASVS 6.3.3)', async () => {
  const [visitor, colleague] = [await enrolled(), await owner(here)]
  const demand = async (secondFactorFrom: string | null) => {
    const told = await visitor.call('identity.workspace.update', {
      name: 'North',
      secondFactor: 'everyone',
      secondFactorFrom,
    })
    assert.equal(told.status, 200, told.text)
  }
  await demand(new Date(Date.now() + 3_600_000).toISOString())
  assert.equal((await colleague.call('identity.workspace.get')).status, 200, 'not before that day')
  await demand(null)
  assert.deepEqual(refusal(await colleague.call('identity.workspace.get')), [403, 'second-factor-required'])
  assert.equal((await visitor.call('identity.workspace.get')).status, 200)
  const { ticket, secret, codes } = (await colleague.post('/auth/app-begin')).body
  const confirm = { ticket, code: shown(secret), kept: codes[0] }
  assert.equal((await colleague.post('/auth/app-confirm', confirm)).status, 200)
  assert.equal((await colleague.call('identity.workspace.get')).status, 200)
  const settings = { name: 'North', secondFactor: 'policy' }
  assert.equal((await visitor.call('identity.workspace.update', settings)).status, 200)
})

test('an edition that offers no second factor has no way to one', async () => {
  await using shop = await world(jeweller)
  const visitor = await owner(shop)
  for (const way of ['app-begin', 'codes-make', 'passkey-add-begin'])
    assert.deepEqual(refusal(await visitor.post(`/auth/${way}`)), [404, 'not-found'], way)
  assert.equal((await post(shop, '/auth/passkey-begin', {})).status, 404)
})
