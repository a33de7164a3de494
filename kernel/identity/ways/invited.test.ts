import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { authenticator } from '../../../test/authenticator.ts'
import { ticketFor } from '../../../test/letters.ts'
import { sql } from '../../../test/people.ts'
import { owner, PASSWORD, post, shown } from '../../../test/visitors.ts'
import type { Visitor } from '../../../test/visitors.ts'
import { world } from '../../testing.ts'
import type { Answer, World } from '../../testing.ts'

let here: World
let south: Visitor
before(async () => {
  here = await world(helpdesk)
  south = await owner(here, 'south')
})
after(() => here[Symbol.asyncDispose]())

const NEW = 'nine slow barges under bridges'
const refusal = ({ status, body }: Answer) => [status, body.code]
const join = (ticket: string, password = PASSWORD) => post(here, '/auth/invitation-join', { ticket, password })

async function invited(email: string): Promise<string> {
  const told = await south.call('identity.invitation.create', { email, roles: ['agent'] })
  assert.equal(told.status, 200, told.text)
  return await ticketFor(here, email, 'invitation')
}

const isIn = async (email: string) =>
  (
    await sql(here)('select id from identity.member where workspace_id = $1 and email = $2', [
      here.south.place.workspace,
      email,
    ])
  ).length === 1

test('whoever has a second factor is a member once it was shown, and not before (ASVS 6.3.3, row 16)', async () => {
  const noor = await owner(here)
  const app = (await noor.post('/auth/app-begin')).body
  const confirm = { ticket: app.ticket, code: shown(app.secret), kept: app.codes[0] }
  assert.equal((await noor.post('/auth/app-confirm', confirm)).status, 200)
  const ticket = await invited(noor.email)
  const half = await join(ticket)
  assert.equal(half.body.next, 'factor', half.text)
  assert.equal(await isIn(noor.email), false)
  assert.equal((await post(here, '/auth/invitation-show', { ticket })).status, 200, 'it is as good as before')
  const again = await join(ticket)
  const answer = (asked: Answer, code: string) =>
    post(here, '/auth/factor', { ticket: asked.body.ticket, method: 'recovery', code })
  const told = await answer(half, app.codes[1])
  assert.equal(told.body.session?.workspace, here.south.place.workspace, told.text)
  assert.equal(await isIn(noor.email), true)
  assert.deepEqual(refusal(await answer(again, app.codes[2])), [401, 'ticket-over'], 'one link is one membership')
})

test('a link for somebody who has an account makes nobody hash a password for them', async () => {
  const noor = await owner(here)
  const ticket = await invited(noor.email)
  const { house } = here.served.parts
  const { hashing } = house
  let hashed = 0
  house.hashing = { ...hashing, hash: (password) => ((hashed += 1), hashing.hash(password)) }
  const told = await post(here, '/auth/invitation-accept', { ticket, name: 'Noor', password: NEW })
  house.hashing = hashing
  assert.deepEqual([...refusal(told), hashed], [409, 'address-taken', 0])
})

test('whoever claimed an address that was never theirs gains nothing from what it is invited to', async () => {
  const squatter = await owner(here)
  const device = authenticator()
  const origin = here.served.parts.publicUrl!
  const begun = (await squatter.post('/auth/passkey-add-begin')).body
  const response = device.create(begun.options, { origin })
  assert.equal(
    (await squatter.post('/auth/passkey-add', { ticket: begun.ticket, name: 'Theirs', response })).status,
    200,
  )
  // The mailbox is somebody else's, who is invited, is told that there is an account, and chooses a password for it.
  const ticket = await invited(squatter.email)
  await post(here, '/auth/reset-send', { email: squatter.email })
  const link = await ticketFor(here, squatter.email, 'reset')
  assert.equal((await post(here, '/auth/reset-use', { ticket: link, password: NEW })).status, 200)
  assert.equal((await join(ticket, NEW)).body.next, 'factor')
  const alone = (await post(here, '/auth/passkey-begin', { workspace: here.south.place.workspace })).body
  const told = await post(here, '/auth/passkey-finish', {
    ticket: alone.ticket,
    response: device.get(alone.options, { origin }),
  })
  assert.notEqual(told.body.session?.workspace, here.south.place.workspace)
  assert.equal(await isIn(squatter.email), false)
})
