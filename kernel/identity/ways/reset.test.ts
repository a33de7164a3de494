import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { expire, lettersTo, race, scan, ticketFor } from '../../../test/letters.ts'
import { sql } from '../../../test/people.ts'
import { baseOf, owner, PASSWORD, post, shown, signIn, someAddress } from '../../../test/visitors.ts'
import type { Visitor } from '../../../test/visitors.ts'
import { ask } from '../../serve/live/ask.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'
import { WAYS } from '../ways.ts'

/** A forgotten password: a link to our own address lets its holder choose another, and into nothing. */
let here: World
let asha: Visitor
before(async () => {
  here = await world(helpdesk)
  asha = await owner(here)
})
after(() => here[Symbol.asyncDispose]())

const NEW = 'nine slow barges under bridges'
const send = (email: string, headers: Record<string, string> = {}) => post(here, '/auth/reset-send', { email }, headers)
const use = (ticket: string, password = NEW) => post(here, '/auth/reset-use', { ticket, password })
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => `${status} ${body.code}`
const person = () => owner(here, 'north')

async function resetOf(email: string) {
  const told = await send(email)
  assert.equal(told.text, '{}')
  return await ticketFor(here, email, 'reset')
}

test('a reset changes the password, ends every session, and is announced (ASVS 6.3.7, 7.4.3)', async () => {
  const noor = await person()
  const ticket = await resetOf(noor.email)
  const half = await ticketLeft(noor.email)
  const told = await use(ticket)
  assert.deepEqual(told.body, { sessionsEnded: 1 })
  assert.equal(told.headers.get('set-cookie'), null)
  assert.equal((await noor.call('identity.workspace.get')).status, 401)
  assert.equal((await post(here, '/auth/refresh', { refreshToken: noor.session.refreshToken })).status, 401)
  assert.equal(codeOf(await post(here, '/auth/link-use', half)), '401 ticket-over', 'what was sent before is dead')
  assert.equal(codeOf(await signIn(here, noor.email)), '401 sign-in-failed')
  assert.equal((await signIn(here, noor.email, { password: NEW })).body.next, 'done')
  const [letter] = await lettersTo(here, noor.email)
  assert.deepEqual([letter!.template, letter!.ticket], ['credential-changed', ''])
  const entries = await sql(here)(
    `select count(*)::int as n from audit.entry where action = 'identity.person.resetPassword' and actor_name = 'Asha'`,
  )
  assert.ok((entries[0]!['n'] as number) >= 1)
})

test('a reset does not get past a second factor (ASVS 6.4.3)', async () => {
  const noor = await person()
  const app = (await noor.post('/auth/app-begin')).body
  await noor.post('/auth/app-confirm', { ticket: app.ticket, code: shown(app.secret), kept: app.codes[0] })
  const told = await use(await resetOf(noor.email))
  assert.equal(told.status, 200, told.text)
  const entered = await signIn(here, noor.email, { password: NEW })
  assert.deepEqual([entered.body.next, entered.body.session], ['factor', undefined])
})

test('of sixty-four who use one link at once, one chooses the password (ASVS 6.5.1)', async () => {
  const { email } = await person()
  const ticket = await resetOf(email)
  const told = await race((index) => use(ticket, `${NEW} number ${index}`))
  const winners = told.flatMap(({ status }, index) => (status === 200 ? [index] : []))
  assert.equal(winners.length, 1)
  for (const { status } of told) assert.ok([200, 401, 503].includes(status), String(status))
  assert.equal((await signIn(here, email, { password: `${NEW} number ${winners[0]}` })).status, 200)
})

test('of two links that were sent, one changes the password even when both are used at once', async () => {
  const { email } = await person()
  const links = [await resetOf(email), await resetOf(email)]
  assert.equal(new Set(links).size, 2)
  const told = await Promise.all(links.map((ticket, index) => use(ticket, `${NEW} number ${index}`)))
  assert.deepEqual(told.map(codeOf).sort(), ['200 undefined', '401 ticket-over'])
})

test('a dead link resets nothing, and a poor password does not use a good one up', async () => {
  const { email } = await person()
  const expired = await resetOf(email)
  await expire(here, 'ticket', expired)
  const ticket = await resetOf(email)
  for (const dead of [expired, ticket.slice(0, -1), `${ticket}A`, `vst_${'A'.repeat(65)}`])
    assert.equal(codeOf(await use(dead)), '401 ticket-over')
  assert.equal(codeOf(await use(ticket, 'short')), '400 password_too_short')
  assert.equal(codeOf(await use(ticket, email)), '400 password_guessable')
  await scan(here, `/enter#reset=${ticket}`)
  await scan(here, `/auth/reset-use?ticket=${ticket}&password=${encodeURIComponent(NEW)}`)
  assert.equal((await signIn(here, email)).status, 200)
  assert.equal((await use(ticket)).status, 200)
  assert.equal(codeOf(await use(ticket)), '401 ticket-over')
})

test('a reset link leads to the configured address, whatever a request calls us (row 24)', async () => {
  const poison = [
    { 'x-forwarded-host': 'evil.example' },
    { forwarded: 'host=evil.example;proto=http' },
    { 'x-original-host': 'evil.example', 'x-host': 'evil.example' },
    { 'x-forwarded-proto': 'http', 'x-forwarded-port': '666', 'x-forwarded-server': 'evil.example' },
    { referer: 'https://evil.example/', origin: 'https://evil.example' },
    { host: '127.0.0.1' },
  ]
  for (const headers of poison) {
    const { email } = await person()
    const told = await send(email, headers as Record<string, string>)
    const letters = await lettersTo(here, email)
    if (told.status === 403) assert.deepEqual(letters, [])
    else {
      assert.equal(told.status, 200, told.text)
      assert.doesNotMatch(`${letters[0]!.text}${letters[0]!.html}`, /evil|666/)
      assert.ok(letters[0]!.text.includes(`${here.served.parts.publicUrl}/enter#reset=vst_`))
    }
  }
  const asking = { method: 'POST', headers: { host: 'evil.example', 'content-type': 'application/json' } }
  const { email } = await person()
  const told = await ask(baseOf(here), '/auth/reset-send', { ...asking, body: JSON.stringify({ email }) })
  assert.equal(told.status, 421)
  assert.deepEqual(await lettersTo(here, email), [])
})

test('known and unknown are answered alike, and one mailbox gets few letters (claim suite-3.5)', async () => {
  const nobody = someAddress()
  const [known, unknown] = [await send(asha.email), await send(nobody)]
  const facts = (one: typeof known) => [one.status, one.text, [...one.headers.keys()].sort()]
  assert.deepEqual(facts(known), facts(unknown))
  assert.deepEqual(await lettersTo(here, nobody), [])
  const { email } = await person()
  const spelled = (index: number) => (index % 2 ? email.toUpperCase() : email)
  const ofKnown = (await race((index) => send(spelled(index)), 8)).map(codeOf)
  const ofNobody = (await race(() => send(`x${nobody}`), 8)).map(codeOf)
  assert.deepEqual(ofKnown.sort(), ofNobody.sort())
  assert.ok((await lettersTo(here, email)).length <= 3)
})

test('nobody chooses a password for somebody else: no operation takes one (ASVS 6.4.1, 6.4.6)', () => {
  for (const { name, operation } of here.served.parts.catalogue.values())
    assert.doesNotMatch(
      JSON.stringify(Object.keys((operation.input as { shape?: object }).shape ?? {})),
      /password/i,
      name,
    )
  const taking = WAYS.filter(({ input }) => 'password' in input.shape).map(({ name }) => name)
  assert.deepEqual(taking.sort(), [
    'invitation-accept',
    'invitation-join',
    'password-change',
    'reset-use',
    'sign-in',
    'sign-up-finish',
    'welcome',
  ])
  assert.equal(PASSWORD.length > 0, true)
})

/** A link to sign in that was sent before. */
async function ticketLeft(email: string) {
  const { claim } = (await post(here, '/auth/link-send', { email })).body
  return { claim, ticket: await ticketFor(here, email, 'sign-in-link') }
}
