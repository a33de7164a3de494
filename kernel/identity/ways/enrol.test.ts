import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { authenticator } from '../../../test/authenticator.ts'
import { race, ticketFor } from '../../../test/letters.ts'
import { sql } from '../../../test/people.ts'
import { early, owner, PASSWORD, post, shown, signIn, someAddress } from '../../../test/visitors.ts'
import type { Visitor } from '../../../test/visitors.ts'
import { world } from '../../testing.ts'
import type { Answer, World } from '../../testing.ts'

/** A thief sits in a session of somebody who has no second factor yet, and is there when they get one. */
let here: World
before(async () => {
  here = await world(helpdesk)
})
after(() => here[Symbol.asyncDispose]())

const refusal = ({ status, body }: Answer) => [status, body.code]
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

/** Somebody with a password alone, and whoever else knows it, or has a session of theirs. */
async function robbed() {
  const visitor = await owner(here)
  const { accessToken } = (await signIn(here, visitor.email)).body.session
  const thief = (path: string, body: object = {}) => post(here, path, body, bearer(accessToken))
  return { visitor, thief }
}

async function addPasskey({ post: ask }: Pick<Visitor, 'post'>) {
  const begun = (await ask('/auth/passkey-add-begin')).body
  const response = authenticator().create(begun.options, { origin: here.served.parts.publicUrl! })
  return await ask('/auth/passkey-add', { ticket: begun.ticket, name: 'Key', response })
}

async function half(email: string): Promise<{ ticket: string; methods: string[] }> {
  const told = await signIn(here, email)
  assert.equal(told.body.next, 'factor', told.text)
  return told.body
}

/** As if every proof of theirs had been given an hour ago. */
const grow = (email: string) =>
  sql(here)(
    `update identity.session set proved_at = proved_at - interval '1 hour', strong_at = strong_at - interval '1 hour'
     where person_id = (select id from identity.person where email = $1)`,
    [email],
  )

test('codes of an enrolment that was never confirmed are no second factor of whatever comes later', async () => {
  const { visitor, thief } = await robbed()
  const { codes } = (await thief('/auth/app-begin')).body
  assert.equal((await addPasskey(visitor)).status, 200)
  const { ticket, methods } = await half(visitor.email)
  assert.deepEqual(methods, ['passkey'])
  const told = await post(here, '/auth/factor', { ticket, method: 'recovery', code: codes[0] })
  assert.deepEqual(refusal(told), [401, 'wrong-code'])
})

test('what was begun before there was a second factor is not confirmed after it (ASVS 7.5.1)', async () => {
  await early()
  const { visitor, thief } = await robbed()
  const app = (await thief('/auth/app-begin')).body
  const key = (await thief('/auth/passkey-add-begin')).body
  assert.equal((await addPasskey(visitor)).status, 200)
  const confirm = { ticket: app.ticket, code: shown(app.secret), kept: app.codes[0] }
  assert.deepEqual(refusal(await thief('/auth/app-confirm', confirm)), [403, 'step-up-required'])
  const response = authenticator().create(key.options, { origin: here.served.parts.publicUrl! })
  const added = await thief('/auth/passkey-add', { ticket: key.ticket, name: 'Theirs', response })
  assert.deepEqual(refusal(added), [403, 'step-up-required'])
  assert.equal((await visitor.post('/auth/me')).body.secondFactor.hasApp, false)
})

test('nor is another address, and the password alone changes no password any more (ASVS 7.5.1)', async () => {
  const { visitor, thief } = await robbed()
  const theirs = someAddress()
  assert.equal((await thief('/auth/address-change', { email: theirs })).status, 200)
  assert.equal((await addPasskey(visitor)).status, 200)
  const ticket = await ticketFor(here, theirs, 'confirm-address')
  assert.deepEqual(refusal(await thief('/auth/address-confirm', { ticket })), [401, 'ticket-over'])
  const passwords = { current: PASSWORD, password: 'nine slow barges under bridges' }
  assert.deepEqual(refusal(await thief('/auth/password-change', passwords)), [403, 'step-up-required'])
  assert.equal((await visitor.post('/auth/password-change', passwords)).status, 200)
})

test('a session that was found open adds no first factor: that wants a fresh proof, too (ASVS 7.5.1)', async () => {
  const visitor = await owner(here)
  await grow(visitor.email)
  const { refreshToken } = visitor.session
  const stale = (await post(here, '/auth/refresh', { refreshToken })).body.accessToken as string
  for (const way of ['app-begin', 'passkey-add-begin'])
    assert.deepEqual(refusal(await post(here, `/auth/${way}`, {}, bearer(stale))), [403, 'step-up-required'], way)
  const proof = { by: 'password', password: PASSWORD }
  const proved = await post(here, '/auth/prove', { proof }, bearer(stale))
  assert.equal((await post(here, '/auth/app-begin', {}, bearer(proved.body.accessToken))).status, 200)
})

test('of many who confirm one app at once one does, and the others hear that it is over', async () => {
  await early()
  const { visitor } = await robbed()
  const { ticket, secret, codes } = (await visitor.post('/auth/app-begin')).body
  const confirm = { ticket, code: shown(secret), kept: codes[0] }
  const told = await race(() => visitor.post('/auth/app-confirm', confirm), 8)
  const ways = told.map(({ status, body }) => `${status} ${body.code}`).sort()
  assert.deepEqual(ways, ['200 undefined', ...Array<string>(7).fill('401 ticket-over')])
})

test('of many enrolments that begin at once one is left, with its own ten codes', async () => {
  const { visitor } = await robbed()
  const told = await race(() => visitor.post('/auth/app-begin'), 16)
  assert.ok(told.every(({ status }) => status === 200))
  const counted = await sql(here)(
    `select (select count(*)::int from identity.factor where person_id = p.id) as apps,
       (select count(*)::int from identity.recovery_code where person_id = p.id) as codes
     from identity.person p where email = $1`,
    [visitor.email],
  )
  assert.deepEqual(counted, [{ apps: 1, codes: 10 }])
})

test('of factors that are all removed at once every workspace knows that none is left', async () => {
  for (let round = 0; round < 4; round++) {
    const visitor = await owner(here)
    for (let key = 0; key < 8; key++) assert.equal((await addPasskey(visitor)).status, 200)
    const { data } = (await visitor.post('/auth/passkeys')).body as { data: { id: string }[] }
    const told = await Promise.all(data.map(({ id }) => visitor.post('/auth/passkey-remove', { id })))
    // Whoever came first may have left the others without the proof that they came with.
    for (const { status } of told) assert.ok(status === 200 || status === 403, String(status))
    const [row] = await sql(here)(
      `select m.has_factor, exists (select from identity.passkey k where k.person_id = p.id) as has_one
       from identity.person p join identity.member m on m.person_id = p.id where p.email = $1`,
      [visitor.email],
    )
    assert.equal(row!['has_factor'], row!['has_one'])
  }
})

test('whoever proves themselves often is not locked out by it, and an office may have many passkeys', async () => {
  const visitor = await owner(here)
  const proof = { by: 'password', password: PASSWORD }
  for (let time = 0; time < 12; time++) {
    const told = await visitor.post('/auth/prove', { proof })
    assert.equal(told.status, 200, `${time}: ${told.text}`)
  }
  const device = authenticator(-7, { counts: false })
  const origin = here.served.parts.publicUrl!
  const begun = (await visitor.post('/auth/passkey-add-begin')).body
  const response = device.create(begun.options, { origin })
  await visitor.post('/auth/passkey-add', { ticket: begun.ticket, name: 'Key', response })
  const { attempts } = here.served.parts
  const network = '192.0.2.44'
  for (let time = 0; time < 12; time++) {
    const { ticket, options } = (await visitor.post('/auth/prove-begin')).body
    const shownKey = { by: 'passkey', ticket, response: device.get(options, { origin }) }
    const told = await visitor.post('/auth/prove', { proof: shownKey })
    assert.equal(told.status, 200, `${time}: ${told.text}`)
  }
  assert.equal((await attempts.spend('factor', { network })).allowed, true)
})
