import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { lettersTo, ticketFor } from '../../../test/letters.ts'
import { owner, PASSWORD, post, someAddress, visitor } from '../../../test/visitors.ts'
import type { Visitor } from '../../../test/visitors.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'

/** Workspaces with a database each: a link finds its way to the one that it is for, and people of two are two. */
let here: World
let asha: Visitor
before(async () => {
  here = await world(helpdesk, 'database')
  asha = await owner(here)
})
after(() => here[Symbol.asyncDispose]())

const NEW = 'nine slow barges under bridges'
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => `${status} ${body.code}`

test('every link in a letter works where the workspace has a database of its own', async () => {
  const { workspace } = asha.session
  const email = someAddress()
  await asha.call('identity.invitation.create', { email, roles: ['agent'] })
  const invited = await ticketFor(here, email, 'invitation')
  const told = await post(here, '/auth/invitation-accept', { ticket: invited, name: 'Noor', password: PASSWORD })
  assert.equal(told.body.next, 'done', told.text)
  const noor = visitor(here, email, told.body.session)
  const { claim } = (await post(here, '/auth/link-send', { email, workspace })).body
  const ticket = await ticketFor(here, email, 'sign-in-link')
  assert.equal((await post(here, '/auth/link-use', { ticket, claim })).body.session.workspace, workspace)
  await post(here, '/auth/reset-send', { email, workspace })
  const reset = await ticketFor(here, email, 'reset')
  assert.deepEqual((await post(here, '/auth/reset-use', { ticket: reset, password: NEW })).body, { sessionsEnded: 2 })
  const again = await post(here, '/auth/sign-in', { email, password: NEW, workspace })
  const back = visitor(here, email, again.body.session)
  const other = someAddress()
  await back.post('/auth/address-change', { email: other })
  const confirm = await ticketFor(here, other, 'confirm-address')
  assert.equal((await back.post('/auth/address-confirm', { ticket: confirm })).body.email, other)
  assert.equal((await noor.call('identity.workspace.get')).status, 401)
})

test('somebody of one database is nobody in the other, nor where no workspace is named', async () => {
  const south = here.south.place.workspace
  for (const workspace of [south, undefined]) {
    const before = (await lettersTo(here, asha.email)).length
    assert.equal((await post(here, '/auth/link-send', { email: asha.email, workspace })).status, 200)
    assert.equal((await post(here, '/auth/reset-send', { email: asha.email, workspace })).status, 200)
    assert.equal((await lettersTo(here, asha.email)).length, before)
    const told = await post(here, '/auth/sign-in', { email: asha.email, password: PASSWORD, workspace })
    assert.equal(codeOf(told), '401 sign-in-failed')
  }
})
