import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { helpdesk } from '../../../editions/helpdesk/edition.ts'
import { expire, lettersTo, race, scan, ticketFor } from '../../../test/letters.ts'
import { sql } from '../../../test/people.ts'
import { owner, PASSWORD, post, signIn, someAddress, visitor } from '../../../test/visitors.ts'
import type { Visitor } from '../../../test/visitors.ts'
import { world } from '../../testing.ts'
import type { Side, World } from '../../testing.ts'

/** A link in a letter makes one person, with one address, a member of one workspace, once. */
let here: World
let asha: Visitor
let south: Visitor
before(async () => {
  here = await world(helpdesk)
  asha = await owner(here)
  south = await owner(here, 'south')
})
after(() => here[Symbol.asyncDispose]())

async function invite(email = someAddress(), by = asha, roles = ['agent']) {
  const told = await by.call('identity.invitation.create', { email, roles })
  assert.equal(told.status, 200, told.text)
  return { id: told.body.id as string, email, ticket: await ticketFor(here, email, 'invitation') }
}
const accept = (ticket: string, more: object = {}) =>
  post(here, '/auth/invitation-accept', { ticket, name: 'Noor', password: PASSWORD, ...more })
const show = (ticket: string) => post(here, '/auth/invitation-show', { ticket })
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => `${status} ${body.code}`
const people = async (email: string) =>
  await sql(here)('select id, name from identity.person where email_key = $1', [email.toLowerCase()])
const memberships = async (email: string) =>
  await sql(here)('select workspace_id, roles, state from identity.member where email = $1', [email])

test('an invitation makes a member with the roles that were written in it, and shows little', async () => {
  const { email, ticket } = await invite()
  const seen = await show(ticket)
  assert.deepEqual(Object.keys(seen.body).sort(), ['email', 'expiresAt', 'hasAccount', 'inviter', 'workspace'])
  assert.deepEqual([seen.body.workspace, seen.body.inviter, seen.body.email], ['North', 'Asha', email])
  assert.equal(seen.body.hasAccount, false)
  const told = await accept(ticket)
  assert.equal(told.body.next, 'done', told.text)
  const noor = visitor(here, email, told.body.session)
  const me = (await noor.post('/auth/me')).body
  assert.deepEqual([me.email, me.roles, me.workspace], [email, ['agent'], here.north.place.workspace])
  assert.equal((await signIn(here, email)).body.next, 'done')
})

test('only the hash of a link is kept, and the letter lies sealed (claim lettings-3.3)', async () => {
  const { ticket } = await invite()
  for (const table of [
    'identity.invitation',
    'identity.ticket',
    'mail.letter',
    'audit.entry',
    'events.outbox',
    'serve.kept_answer',
  ]) {
    const [found] = await sql(here)('select to_regclass($1) is not null as is', [table])
    if (!found!['is']) continue
    const rows = await sql(here)(`select t::text as row from ${table} t where t::text like $1`, [
      `%${ticket.slice(30)}%`,
    ])
    assert.deepEqual(rows, [], table)
  }
})

test('of sixty-four who come with one link at once, one comes in (ASVS 6.5.1)', async () => {
  const { email, ticket } = await invite()
  const told = await race((index) => accept(ticket, { name: `Noor ${index}` }))
  assert.equal(told.filter(({ status }) => status === 200).length, 1)
  // Losers find it used, the address taken, or so many passwords being hashed that they are to come back.
  for (const { status } of told) assert.ok([200, 401, 409, 503].includes(status), String(status))
  assert.equal((await people(email)).length, 1)
  assert.equal((await memberships(email)).length, 1)
})

test('a link that was used, expired, revoked, sent anew, cut or made up opens nothing (ASVS 6.5.5)', async () => {
  const used = await invite()
  await accept(used.ticket)
  const expired = await invite()
  await expire(here, 'invitation', expired.ticket)
  const revoked = await invite()
  assert.equal((await asha.call('identity.invitation.revoke', { id: revoked.id })).status, 200)
  const { ticket } = await invite()
  const altered = `${ticket.slice(0, -1)}${ticket.endsWith('A') ? 'B' : 'A'}`
  for (const dead of [
    used.ticket,
    expired.ticket,
    revoked.ticket,
    altered,
    ticket.slice(0, -1),
    'vst_',
    `${ticket}A`,
  ]) {
    assert.equal(codeOf(await show(dead)), '401 ticket-over')
    assert.equal(codeOf(await accept(dead)), '401 ticket-over')
    assert.equal(
      codeOf(await post(here, '/auth/invitation-join', { ticket: dead, password: PASSWORD })),
      '401 ticket-over',
    )
  }
  assert.equal((await accept(ticket)).status, 200)
})

test('an invitation is no other kind of link, and no other kind is an invitation', async () => {
  const { ticket } = await invite()
  const claim = here.served.parts.vault.mac('link', ticket)
  assert.equal(codeOf(await post(here, '/auth/link-use', { ticket, claim })), '401 ticket-over')
  assert.equal(codeOf(await post(here, '/auth/reset-use', { ticket, password: PASSWORD })), '401 ticket-over')
  const finish = { ticket, name: 'Noor', password: PASSWORD, workspaceName: 'Mine' }
  assert.equal(codeOf(await post(here, '/auth/sign-up-finish', finish)), '401 ticket-over')
  await post(here, '/auth/reset-send', { email: asha.email })
  assert.equal(codeOf(await accept(await ticketFor(here, asha.email, 'reset'))), '401 ticket-over')
})

test('an invitation into one workspace is none into another (row 18)', async () => {
  const { ticket, email, id } = await invite()
  // The place of the link is part of it: moved to another workspace the same secret is unknown there.
  const { ticket: theirs } = await invite(someAddress(), south)
  const moved = `${theirs.slice(0, 26)}${ticket.slice(26)}`
  assert.notEqual(moved, ticket)
  assert.equal(codeOf(await accept(moved)), '401 ticket-over')
  for (const verb of ['revoke', 'resend'])
    assert.equal(codeOf(await south.call(`identity.invitation.${verb}`, { id })), '404 not-found')
  const { body } = await south.call('identity.invitation.list', { limit: 200 })
  assert.ok(!JSON.stringify(body).includes(email))
})

test('a request says neither who somebody is, nor as what or where they come (row 20)', async () => {
  const { ticket, email } = await invite()
  const strange = {
    roles: ['owner'],
    role: 'owner',
    workspace: south.session.workspace,
    person: asha.email,
    email: 'x@example.com',
    personId: south.session.workspace,
  }
  for (const [key, value] of Object.entries(strange)) {
    const told = await accept(ticket, { [key]: value })
    assert.equal(codeOf(told), '400 invalid', key)
    assert.equal(told.body.errors[0].code, 'unknown_field')
  }
  assert.deepEqual(await people(email), [])
  assert.equal((await accept(ticket)).status, 200)
  assert.deepEqual(
    (await memberships(email)).map(({ roles }) => roles),
    [['agent']],
  )
})

test('whoever has an account comes in with its password, and nobody else does', async () => {
  const { email, ticket } = await invite(south.email)
  assert.equal((await show(ticket)).body.hasAccount, true)
  assert.equal(codeOf(await accept(ticket)), '409 address-taken')
  const join = (password: string) => post(here, '/auth/invitation-join', { ticket, password })
  assert.equal(codeOf(await join('not the password of anybody')), '401 sign-in-failed')
  assert.deepEqual((await memberships(email)).length, 1)
  const told = await join(PASSWORD)
  assert.equal(told.body.next, 'done', told.text)
  assert.equal(told.body.session.workspace, here.north.place.workspace)
  assert.equal((await people(email)).length, 1)
  assert.equal(codeOf(await join(PASSWORD)), '401 ticket-over')
})

test('of sixty-four who join at once with one link, one does', async () => {
  const noor = await newcomer('south')
  const { ticket } = await invite(noor.email)
  const told = await race(() => post(here, '/auth/invitation-join', { ticket, password: PASSWORD }))
  assert.equal(told.filter(({ status }) => status === 200).length, 1)
})

test('looking at a link, however often and however, changes nothing (ASVS 7.6.2, row 21)', async () => {
  const { ticket } = await invite()
  await scan(here, `/enter#invitation=${ticket}`)
  for (const name of ['invitation-accept', 'invitation-show', 'invitation-join'])
    await scan(here, `/auth/${name}?ticket=${ticket}`)
  assert.equal((await show(ticket)).status, 200)
  assert.equal((await accept(ticket)).status, 200)
})

test('a member, or somebody who is invited, is not invited again; two at once invite once', async () => {
  const told = await asha.call('identity.invitation.create', { email: asha.email.toUpperCase(), roles: ['agent'] })
  assert.equal(codeOf(told), '409 already-a-member')
  const { email } = await invite()
  const again = await asha.call('identity.invitation.create', { email, roles: ['agent'] })
  assert.equal(codeOf(again), '409 already_invited')
  const other = someAddress()
  const both = await race(() => asha.call('identity.invitation.create', { email: other, roles: ['agent'] }), 8)
  assert.equal(both.filter(({ status }) => status === 200).length, 1)
  assert.equal((await lettersTo(here, other)).length, 1)
})

test('nobody fills a mailbox by inviting and revoking', async () => {
  const email = someAddress()
  const told: string[] = []
  for (let time = 0; time < 7; time++) {
    const made = await asha.call('identity.invitation.create', { email, roles: ['agent'] })
    told.push(codeOf(made))
    if (made.status === 200) await asha.call('identity.invitation.revoke', { id: made.body.id })
  }
  assert.deepEqual(told, [...Array<string>(5).fill('200 undefined'), ...Array(2).fill('409 too_many_invitations')])
  assert.equal((await lettersTo(here, email)).length, 5)
  const [{ workspace_id }] = (await memberships(asha.email)) as [{ workspace_id: string }]
  await sql(here)(
    `insert into identity.invitation
       (workspace_id, email, email_key, roles, hash, inviter_id, inviter_name, expires_at, revoked_at)
     select $1, email, email, '{agent}', encode(sha256(email::bytea), 'hex'), 'x', 'x', now(), now()
     from (select 'flood-' || n || '@example.com' as email from generate_series(1, 200) n) flood`,
    [workspace_id],
  )
  const refused = await asha.call('identity.invitation.create', { email: someAddress(), roles: ['agent'] })
  assert.equal(codeOf(refused), '409 too_many_invitations', 'revoked ones were letters, too')
  await sql(here)(`delete from identity.invitation where email like 'flood-%'`)
})

test('sent again it has a new link, and the old one is dead', async () => {
  const { id, email, ticket } = await invite()
  assert.equal(codeOf(await asha.call('identity.invitation.resend', { id })), '409 invitation_just_sent')
  await sql(here)(`update identity.invitation set expires_at = expires_at - interval '1 hour' where id = $1`, [id])
  assert.equal((await asha.call('identity.invitation.resend', { id, locale: 'ar' })).status, 200)
  const [letter] = await lettersTo(here, email)
  assert.equal(letter!.locale, 'ar')
  assert.notEqual(letter!.ticket, ticket)
  assert.equal(codeOf(await accept(ticket)), '401 ticket-over')
  assert.equal((await accept(letter!.ticket)).status, 200)
  assert.equal(codeOf(await asha.call('identity.invitation.resend', { id })), '409 invitation_is_over')
  assert.equal(codeOf(await asha.call('identity.invitation.revoke', { id })), '409 invitation_is_over')
})

test('nobody invites anybody to more than they may do themselves, and no letter leaves for trying', async () => {
  const admin = await newcomer('north', ['admin'])
  const email = someAddress()
  for (const roles of [['owner'], ['agent', 'owner'], ['nobody-has-heard-of']])
    assert.equal(codeOf(await admin.call('identity.invitation.create', { email, roles })), '409 role_beyond_own')
  assert.deepEqual(await lettersTo(here, email), [])
  const owners = await invite(someAddress(), asha, ['owner'])
  await sql(here)(`update identity.invitation set expires_at = expires_at - interval '1 hour' where id = $1`, [
    owners.id,
  ])
  assert.equal(codeOf(await admin.call('identity.invitation.resend', { id: owners.id })), '409 role_beyond_own')
  assert.equal((await accept(owners.ticket)).status, 200)
})

test('addresses that a mail server reads otherwise than we do are no addresses (row 23)', async () => {
  for (const email of [
    'a＠example.com',
    'а@example.com',
    'a@exаmple.com',
    'a@example.com\r\nBcc: b@example.com',
    'a@example.com.',
    'a@example.com,b@example.com',
    '"a b"@example.com',
    'a@@example.com',
    'ﬁ@example.com',
    'a@example。com',
    ' a@example.com',
    'Asha <a@example.com>',
  ]) {
    assert.equal(
      codeOf(await asha.call('identity.invitation.create', { email, roles: ['agent'] })),
      '400 invalid',
      email,
    )
    assert.equal(codeOf(await post(here, '/auth/link-send', { email })), '400 invalid', email)
    assert.equal(codeOf(await post(here, '/auth/reset-send', { email })), '400 invalid', email)
    assert.equal(codeOf(await post(here, '/auth/sign-up', { email })), '400 invalid', email)
  }
})

/** Somebody who was invited and came. */
async function newcomer(side: Side, roles = ['agent']): Promise<Visitor> {
  const { email, ticket } = await invite(someAddress(), side === 'north' ? asha : south, roles)
  return visitor(here, email, (await accept(ticket)).body.session)
}
