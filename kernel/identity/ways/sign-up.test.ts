import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { expire, lettersTo, race, scan, ticketFor } from '../../../test/letters.ts'
import { sql } from '../../../test/people.ts'
import { owner, PASSWORD, post, signIn, someAddress, visitor } from '../../../test/visitors.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'

/** Strangers open a workspace of their own once they have shown that the address is theirs; before, they are nobody. */
let here: World
before(async () => {
  here = await world(helpdesk)
})
after(() => here[Symbol.asyncDispose]())

const ask = (email: string, headers: Record<string, string> = {}) => post(here, '/auth/sign-up', { email }, headers)
const finish = (ticket: string, more: object = {}) =>
  post(here, '/auth/sign-up-finish', { ticket, name: 'Noor', password: PASSWORD, workspaceName: 'Noor’s own', ...more })
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => `${status} ${body.code}`
const people = async (email: string) =>
  await sql(here)('select id, password from identity.person where email_key = $1', [email.toLowerCase()])
const named = async (name: string) => await sql(here)('select id from identity.workspace where name = $1', [name])

async function linkFor(email = someAddress()) {
  await ask(email)
  return { email, ticket: await ticketFor(here, email, 'confirm-address') }
}

test('a stranger opens a workspace with the link from the letter, as its owner; it has no key', async () => {
  const { email, ticket } = await linkFor()
  const told = await finish(ticket)
  assert.equal(told.body.next, 'done', told.text)
  const { session } = told.body
  const me = (await visitor(here, email, session).post('/auth/me')).body
  assert.deepEqual([me.email, me.roles, me.workspaces.length], [email, ['owner'], 1])
  assert.equal((await visitor(here, email, session).call('identity.workspace.get')).body.name, 'Noor’s own')
  const keys = await sql(here)('select id from identity.key where workspace_id = $1', [session.workspace])
  assert.deepEqual(keys, [])
  assert.equal((await signIn(here, email)).status, 200)
})

test('until the address is confirmed there is no person, whoever asks and however often (row 22)', async () => {
  const { email, ticket } = await linkFor()
  await ask(email.toUpperCase())
  assert.deepEqual(await people(email), [])
  assert.equal(codeOf(await signIn(here, email)), '401 sign-in-failed')
  assert.equal(codeOf(await post(here, '/auth/sign-up', { email, password: PASSWORD })), '400 invalid')
  const anybodys = await linkFor(email)
  assert.notEqual(anybodys.ticket, ticket)
  assert.equal((await finish(anybodys.ticket)).status, 200)
  assert.equal(codeOf(await finish(ticket)), '401 ticket-over', 'the earlier link makes nobody a second time')
  assert.equal((await people(email)).length, 1)
})

test('known and unknown are answered alike, and only the letter says which (ASVS 6.3.8)', async () => {
  const asha = await owner(here)
  const nobody = someAddress()
  const [known, unknown] = [await ask(asha.email), await ask(nobody, { 'accept-language': 'ar' })]
  const facts = (one: typeof known) => [one.status, one.text, [...one.headers.keys()].sort()]
  assert.deepEqual(facts(known), facts(unknown))
  const [toKnown] = await lettersTo(here, asha.email)
  assert.deepEqual([toKnown!.template, toKnown!.ticket], ['already-registered', ''])
  const [toNobody] = await lettersTo(here, nobody)
  assert.deepEqual([toNobody!.template, toNobody!.locale], ['confirm-address', 'ar'])
})

test('of sixty-four who come with one link at once, one opens one workspace (ASVS 6.5.1)', async () => {
  const { email, ticket } = await linkFor()
  const told = await race(() => finish(ticket, { workspaceName: 'Once' }))
  assert.equal(told.filter(({ status }) => status === 200).length, 1)
  for (const { status } of told) assert.ok([200, 401, 409, 503].includes(status), String(status))
  assert.equal((await people(email)).length, 1)
  assert.equal((await named('Once')).length, 1)
})

test('a link that expired, was cut, or is for something else opens no workspace, nor does looking at one', async () => {
  const expired = await linkFor()
  await expire(here, 'ticket', expired.ticket)
  const asha = await owner(here)
  await post(here, '/auth/reset-send', { email: asha.email })
  const reset = await ticketFor(here, asha.email, 'reset')
  for (const dead of [expired.ticket, reset, expired.ticket.slice(0, -1), `vst_${'A'.repeat(65)}`])
    assert.equal(codeOf(await finish(dead, { workspaceName: 'Never' })), '401 ticket-over')
  assert.deepEqual(await named('Never'), [])
  const { ticket } = await linkFor()
  await scan(here, `/enter#sign-up=${ticket}`)
  await scan(here, `/auth/sign-up-finish?ticket=${ticket}`)
  assert.equal(codeOf(await finish(ticket, { password: 'short' })), '400 password_too_short')
  assert.equal(codeOf(await finish(ticket, { workspace: here.north.place.workspace })), '400 invalid')
  assert.equal((await finish(ticket)).status, 200)
})

test('of two links to one mailbox that are used at once, one makes a person and a workspace', async () => {
  const email = someAddress()
  const links = [await linkFor(email), await linkFor(email)]
  const told = await Promise.all(links.map(({ ticket }) => finish(ticket, { workspaceName: 'One of two' })))
  assert.equal(told.filter(({ status }) => status === 200).length, 1)
  assert.equal((await people(email)).length, 1)
  assert.equal((await named('One of two')).length, 1)
})
