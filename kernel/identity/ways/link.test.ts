import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { treasury } from '../../../editions/treasury/edition.ts'
import { expire, lettersTo, race, scan, ticketFor } from '../../../test/letters.ts'
import { sql } from '../../../test/people.ts'
import { owner, post, shown, signIn, someAddress } from '../../../test/visitors.ts'
import type { Visitor } from '../../../test/visitors.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'

/** A link in a letter signs in whoever asked for it, in the browser that asked, once, and not past a second factor. */
let here: World
let asha: Visitor
before(async () => {
  here = await world(helpdesk)
  asha = await owner(here)
})
after(() => here[Symbol.asyncDispose]())

const send = (email: string, more: object = {}) => post(here, '/auth/link-send', { email, ...more })
const use = (ticket: string, claim: string, more: object = {}) =>
  post(here, '/auth/link-use', { ticket, claim, ...more })
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => `${status} ${body.code}`

async function linkFor(email: string) {
  const { claim } = (await send(email)).body
  return { claim: claim as string, ticket: await ticketFor(here, email, 'sign-in-link') }
}
const person = async () => await owner(here, 'north')

test('a link and what its browser was told sign in together (claim jeweller-2.2.2)', async () => {
  const noor = await person()
  const { ticket, claim } = await linkFor(noor.email)
  const told = await use(ticket, claim)
  assert.equal(told.body.next, 'done', told.text)
  assert.equal((await noor.call('identity.workspace.get', {}, told.body.session.accessToken)).status, 200)
  const { data } = (await noor.post('/auth/sessions')).body
  assert.deepEqual(data[0].proofs, ['link'])
})

test('without what the browser was told a link opens nothing, nor is it used up (ASVS 6.6.2, row 21)', async () => {
  const noor = await person()
  const { ticket, claim } = await linkFor(noor.email)
  const other = (await send(asha.email)).body.claim as string
  for (const wrong of ['', 'x', other, `${claim}A`, claim.slice(1), ticket])
    assert.equal(codeOf(await use(ticket, wrong)), '401 ticket-over')
  assert.equal((await post(here, '/auth/link-use', { ticket })).status, 400)
  assert.equal((await use(ticket, claim)).body.next, 'done')
})

test('looking at a link neither uses it up nor signs anybody in (ASVS 7.6.2, row 21)', async () => {
  const { ticket, claim } = await linkFor((await person()).email)
  await scan(here, `/enter#link=${ticket}`)
  await scan(here, `/enter?link=${ticket}`)
  await scan(here, `/auth/link-use?ticket=${ticket}&claim=${claim}`)
  assert.equal((await use(ticket, claim)).status, 200)
})

test('of sixty-four who use one link at once, one comes in (ASVS 6.5.1)', async () => {
  const { ticket, claim } = await linkFor((await person()).email)
  const told = await race(() => use(ticket, claim))
  assert.equal(told.filter(({ status }) => status === 200).length, 1)
  assert.deepEqual(new Set(told.map(codeOf)), new Set(['200 undefined', '401 ticket-over']))
})

test('a link that expired, was used, or was sent beside the one that was used is dead (ASVS 6.5.5)', async () => {
  const noor = await person()
  const [one, two] = [await linkFor(noor.email), await linkFor(noor.email)]
  assert.equal((await use(two.ticket, two.claim)).status, 200)
  for (const { ticket, claim } of [one, two]) assert.equal(codeOf(await use(ticket, claim)), '401 ticket-over')
  const late = await linkFor(noor.email)
  const [{ lives }] = (await sql(here)(
    `select extract(epoch from max(expires_at) - now())::int as lives from identity.ticket where purpose = 'link'`,
  )) as [{ lives: number }]
  assert.ok(lives <= 600, `${lives} s`)
  await expire(here, 'ticket', late.ticket)
  assert.equal(codeOf(await use(late.ticket, late.claim)), '401 ticket-over')
})

test('whoever has a second factor is asked for it after a link, too (ASVS 6.4.3, row 16)', async () => {
  const noor = await person()
  const app = (await noor.post('/auth/app-begin')).body
  const added = await noor.post('/auth/app-confirm', {
    ticket: app.ticket,
    code: shown(app.secret),
    kept: app.codes[0],
  })
  assert.equal(added.status, 200, added.text)
  const { ticket, claim } = await linkFor(noor.email)
  const told = await use(ticket, claim)
  assert.deepEqual([told.body.next, told.body.session], ['factor', undefined])
  assert.equal(told.headers.get('set-cookie'), null)
  const wrong = await post(here, '/auth/factor', { ticket: told.body.ticket, method: 'recovery', code: 'AAAA' })
  assert.equal(wrong.status, 401)
  const right = { ticket: told.body.ticket, method: 'recovery', code: app.codes[1] }
  assert.equal((await post(here, '/auth/factor', right)).body.next, 'done')
})

test('strangers and members are answered alike, and only members have a letter (ASVS 6.3.8)', async () => {
  const [noor, gone] = [await person(), await person()]
  await sql(here)('update identity.person set disabled_at = now() where email = $1', [gone.email])
  const nobody = someAddress()
  const told = [await send(noor.email), await send(gone.email), await send(nobody)]
  for (const { status, body } of told) {
    assert.equal(status, 200)
    assert.deepEqual(Object.keys(body), ['claim'])
    assert.match(body.claim, /^[\w-]{43}$/)
  }
  assert.equal((await lettersTo(here, noor.email)).length, 1)
  for (const email of [gone.email, nobody]) assert.deepEqual(await lettersTo(here, email), [])
  const work = async (email: string) => {
    const count = async () => (await sql(here)(`select count(*)::int as n from identity.ticket`))[0]!['n'] as number
    const before = await count()
    await send(email)
    return (await count()) - before
  }
  assert.deepEqual([await work(someAddress()), await work(asha.email)], [1, 1])
})

test('a link to a workspace leads into it, however its address is written', async () => {
  const noor = await person()
  const { claim } = (await send(noor.email.toUpperCase(), { workspace: here.north.place.workspace })).body
  const told = await use(await ticketFor(here, noor.email, 'sign-in-link'), claim)
  assert.equal(told.body.session.workspace, here.north.place.workspace)
})

test('somebody who was shut out meanwhile is not let in by a link that is still good', async () => {
  const noor = await person()
  const { ticket, claim } = await linkFor(noor.email)
  await sql(here)('update identity.person set disabled_at = now() where email = $1', [noor.email])
  assert.equal(codeOf(await use(ticket, claim)), '401 sign-in-failed')
})

test('where an edition has no links there are none, whatever is asked (ASVS 6.3.6, row 38)', async () => {
  await using strict = await world(treasury, 'pool')
  const noor = await owner(strict)
  assert.equal(codeOf(await post(strict, '/auth/link-send', { email: noor.email })), '404 not-found')
  assert.deepEqual(await lettersTo(strict, noor.email), [])
  const use = { ticket: `vst_${'A'.repeat(65)}`, claim: 'A' }
  assert.equal(codeOf(await post(strict, '/auth/link-use', use)), '404 not-found')
  assert.equal(codeOf(await post(strict, '/auth/sign-up', { email: someAddress() })), '404 not-found')
  const finish = { ticket: use.ticket, name: 'Noor', password: 'x', workspaceName: 'Mine' }
  assert.equal(codeOf(await post(strict, '/auth/sign-up-finish', finish)), '404 not-found')
  assert.equal((await signIn(strict, noor.email)).status, 200)
})

test('one mailbox gets few letters that somebody else asked for', async () => {
  const { email } = await person()
  const told = await race(() => send(email), 8)
  const refused = told.filter(({ status }) => status === 429)
  assert.ok(refused.length >= 5 && refused.every(({ headers }) => headers.get('retry-after')), `${refused.length}`)
  assert.ok((await lettersTo(here, email)).length <= 3)
  assert.equal((await send(someAddress())).status, 200)
})
