import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { callerWith, somebody, sql } from '../../../test/people.ts'
import type { Calling, Somebody } from '../../../test/people.ts'
import type { Refusal } from '../../contract/refusal.ts'
import { dispatch } from '../../serve/dispatch.ts'
import type { Caller } from '../whois.ts'
import { secondProcess } from '../../../test/second.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'

/** What ends with a membership and what a change of roles does, here and in a second process that believed them. */
let here: World
let second: Awaited<ReturnType<typeof secondProcess>>
let owner: Somebody
before(async () => {
  here = await world(jeweller)
  const { admin, names } = here.served.parts.deployment
  second = await secondProcess({ admin, deployment: names.deployment, folder: here.folder })
  owner = await somebody(here, ['owner'])
})
after(async () => {
  await second[Symbol.asyncDispose]()
  await here[Symbol.asyncDispose]()
})

const ok = ({ status, body, text }: Awaited<ReturnType<Calling>>) => {
  assert.equal(status, 200, text)
  return body
}
const statusOf = async (call: Calling, name = 'identity.workspace.get') => (await call(name)).status
const elsewhere = (token: string) => callerWith(here, token, second.port)

/** Asks again until it is answered so, or a second has gone by since the first time. */
async function withinASecond(call: Calling, wanted: number, name?: string): Promise<boolean> {
  const since = performance.now()
  for (;;) {
    const setOut = performance.now()
    if ((await statusOf(call, name)) === wanted) return true
    if (setOut - since > 1_000) return false
  }
}

const makeKey = async (by: Somebody, more: object = {}) =>
  ok(await by.call('identity.key.create', { name: 'Left behind', role: 'cashier', ...more })) as Key
type Key = { id: string; token: string; madeBy: string | null; scopes: string[] | null }

async function invite(inviter: string, role = 'cashier') {
  const [row] = await sql(here)(
    `insert into identity.invitation
       (workspace_id, email, email_key, roles, hash, inviter_id, inviter_name, expires_at)
     values ($1, 'a@b.example', 'a@b.example', array[$2], encode(sha256(gen_random_uuid()::text::bytea), 'hex'), $3,
       'Somebody', now() + interval '1 day') returning id`,
    [here.north.place.workspace, role, inviter],
  )
  return row!['id'] as string
}
const isRevoked = async (invitation: string) =>
  (await sql(here)('select id from identity.invitation where id = $1 and revoked_at is not null', [invitation]))
    .length > 0

for (const verb of ['disable', 'remove'] as const)
  test(`to ${verb} a member ends their sessions, keys and invitations at once, everywhere (ASVS 7.4.2)`, async () => {
    const [leaver, other] = [await somebody(here, ['admin']), await somebody(here, ['admin'])]
    const key = await makeKey(leaver, { role: 'admin' })
    const nested = ok(
      await callerWith(here, key.token)('identity.key.create', { name: 'Made by a key', role: 'cashier' }),
    ) as Key
    const kept = await makeKey(other)
    const invited = [await invite(leaver.person), await invite(key.id), await invite(nested.id)]
    const theirs = await invite(other.person)
    const callers = [leaver, key, nested].flatMap(({ token }) => [callerWith(here, token), elsewhere(token)])
    for (const call of callers) assert.equal(await statusOf(call), 200)

    const told = ok(await owner.call(`identity.member.${verb}`, { id: leaver.member }))
    assert.deepEqual([told.sessionsEnded, told.invitationsRevoked], [1, 3])
    assert.deepEqual(new Set((told.keysRevoked as Key[]).map(({ id }) => id)), new Set([key.id, nested.id]))
    assert.ok((await Promise.all(callers.map((call) => withinASecond(call, 401)))).every(Boolean))
    for (const invitation of invited) assert.ok(await isRevoked(invitation))

    assert.equal(await isRevoked(theirs), false)
    for (const { token } of [other, kept]) assert.equal(await statusOf(callerWith(here, token)), 200)
    const [session] = await sql(here)('select ended_why as why from identity.session where id = $1', [leaver.session])
    assert.equal(session!['why'], verb === 'disable' ? 'disabled' : 'removed')
    const listed = ok(await owner.call('identity.key.list', { madeBy: leaver.person }))
    assert.equal(listed.data.length, 2, 'what they made can still be looked at')
  })

test('enabling lets them in again, but nothing that ended comes back; who was removed stays so', async () => {
  const one = await somebody(here, ['admin'])
  const key = await makeKey(one)
  ok(await owner.call('identity.member.disable', { id: one.member }))
  assert.equal(ok(await owner.call('identity.member.enable', { id: one.member })).state, 'active')
  for (const { token } of [one, key]) assert.equal(await statusOf(callerWith(here, token)), 401)
  ok(await owner.call('identity.member.remove', { id: one.member }))
  assert.deepEqual(ok(await owner.call('identity.member.remove', { id: one.member })).keysRevoked, [])
  for (const [name, input] of [
    ['enable', {}],
    ['disable', {}],
    ['changeRoles', { roles: ['cashier'] }],
  ] as const)
    assert.equal(
      (await owner.call(`identity.member.${name}`, { id: one.member, ...input })).body.code,
      'member_is_removed',
    )
  assert.ok(!(await owner.call('identity.member.list', { limit: 200 })).text.includes(one.member))
  assert.ok((await owner.call('identity.member.list', { limit: 200, state: 'removed' })).text.includes(one.member))
})

test('an administrator ends all sessions of one member, and of nobody else (ASVS 7.4.5)', async () => {
  const [one, other] = [await somebody(here, ['cashier']), await somebody(here, ['cashier'])]
  assert.equal(await statusOf(elsewhere(one.token)), 200)
  assert.equal(ok(await owner.call('identity.member.endSessions', { id: one.member })).sessionsEnded, 1)
  assert.ok(await withinASecond(one.call, 401))
  assert.ok(await withinASecond(elsewhere(one.token), 401))
  assert.equal(await statusOf(other.call), 200)
  assert.equal(ok(await owner.call('identity.member.endSessions', { id: one.member })).sessionsEnded, 0)
})

test('other roles count from the next request on, here at once, elsewhere within a second (ASVS 8.3.2)', async () => {
  const one = await somebody(here, ['cashier'])
  const away = elsewhere(one.token)
  for (const call of [one.call, away]) assert.equal(await statusOf(call, 'identity.member.list'), 403)
  const diff = ok(await owner.call('identity.member.preview', { id: one.member, roles: 'admin' }))
  const raised = ok(await owner.call('identity.member.changeRoles', { id: one.member, roles: ['admin'] }))
  assert.deepEqual(raised, diff, 'the preview said what was saved')
  assert.ok(raised.gains.includes('identity.member.list') && raised.loses.length === 0)
  assert.equal(await statusOf(one.call, 'identity.member.list'), 200)
  assert.ok(await withinASecond(away, 200, 'identity.member.list'))
  const lowered = ok(await owner.call('identity.member.changeRoles', { id: one.member, roles: ['cashier', 'cashier'] }))
  assert.deepEqual([lowered.before, lowered.after], [['admin'], ['cashier']])
  assert.deepEqual(lowered.loses, raised.gains)
  assert.equal(await statusOf(one.call, 'identity.member.list'), 403)
  assert.ok(await withinASecond(away, 403, 'identity.member.list'))
})

test('who may do less leaves no key that does more, and no invitation to more (ASVS 8.3.3)', async () => {
  const one = await somebody(here, ['admin'])
  const key = await makeKey(one, { role: 'admin' })
  const [high, low] = [await invite(one.person, 'admin'), await invite(key.id, 'cashier')]
  const call = callerWith(here, key.token)
  assert.equal(await statusOf(call, 'identity.member.list'), 200)
  ok(await owner.call('identity.member.changeRoles', { id: one.member, roles: ['cashier'] }))
  assert.equal(await statusOf(call, 'identity.member.list'), 403)
  assert.equal(await statusOf(call, 'shop.customer.list'), 200)
  assert.deepEqual([await isRevoked(high), await isRevoked(low)], [true, false])
})

test('a key ends with whoever was shown its secret last', async () => {
  const [one, two] = [await somebody(here, ['admin']), await somebody(here, ['admin'])]
  const first = await makeKey(one, { scopes: ['shop.rate.list'] })
  assert.deepEqual([first.madeBy, first.scopes], [one.person, ['shop.rate.list']])
  const next = ok(await two.call('identity.key.rotate', { id: first.id, graceHours: 1 })) as Key
  assert.deepEqual([next.madeBy, next.scopes], [two.person, ['shop.rate.list']])
  const own = ok(
    await callerWith(here, (await makeKey(two, { role: 'admin' })).token)('identity.key.rotate', { id: next.id }),
  ) as Key
  assert.equal(own.madeBy, two.person, 'a key that rotates acts for its maker')
  ok(await owner.call('identity.member.remove', { id: one.member }))
  assert.ok(await withinASecond(callerWith(here, first.token), 401))
  assert.equal(await statusOf(callerWith(here, own.token), 'shop.rate.list'), 200)
  ok(await owner.call('identity.member.remove', { id: two.member }))
  assert.ok(await withinASecond(callerWith(here, own.token), 401))
})

/** A process that has not heard yet asks as if all were as before. */
async function asBefore(caller: Caller, name: string, input: object): Promise<string> {
  const { parts } = here.served
  const asked = { input, origin: { requestId: randomUUID() } }
  return await dispatch(parts, parts.catalogue.get(name)!, caller, asked).then(
    () => 'done',
    ({ code }: Refusal) => code,
  )
}

test('while a process still believes them, who was ended gives nothing away (ASVS 8.3.2)', async () => {
  const { whois } = here.served.parts
  const theirs = await somebody(here, ['cashier'])
  const gifts = (role: string, n: number) =>
    [
      ['identity.key.create', { name: 'Way back', role }],
      ['identity.invitation.create', { email: `back-${n}@mail.invalid`, roles: [role] }],
      ['identity.member.changeRoles', { id: theirs.member, roles: [role] }],
      ['identity.role.create', { key: `back-${n}`, title: 'Back', grants: ['identity.member.list'] }],
    ] as const
  const all = ['role_beyond_own', 'role_beyond_own', 'role_beyond_own', 'role_beyond_own']
  const meets = (caller: Caller, role: string, n: number) =>
    Promise.all(gifts(role, n).map(([name, input]) => asBefore({ ...caller, rights: everything }, name, input)))
  const everything = (await whois.of(owner.token))!.rights

  const demoted = await somebody(here, ['admin'])
  const believed = (await whois.of(demoted.token))!
  ok(await owner.call('identity.member.changeRoles', { id: demoted.member, roles: ['cashier'] }))
  assert.deepEqual(await meets(believed, 'admin', 1), all)

  const gone = await somebody(here, ['admin'])
  const known = (await whois.of(gone.token))!
  ok(await owner.call('identity.member.remove', { id: gone.member }))
  assert.deepEqual(await meets(known, 'cashier', 2), all.fill('unauthenticated'))

  const leaked = ok(await here.as('owner').call('identity.key.create', { name: 'Leaked', role: 'owner' })) as Key
  const holder = (await whois.of(leaked.token))!
  ok(await owner.call('identity.key.revoke', { id: leaked.id }))
  assert.deepEqual(await meets(holder, 'cashier', 3), all)
})
