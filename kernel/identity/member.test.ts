import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { somebody, sql } from '../../test/people.ts'
import type { Somebody } from '../../test/people.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'

/** Members whose roles are changed, who are sent away, and who try to become more than they are. */
let here: World
let owner: Somebody
before(async () => {
  here = await world(jeweller)
  owner = await somebody(here, ['owner'])
})
after(() => here[Symbol.asyncDispose]())

type Told = { status: number; body: { code?: string }; text: string }
const refused = ({ status, body, text }: Told, code: string) => assert.deepEqual([status, body.code], [409, code], text)
const ok = <Told extends { status: number; text: string; body: unknown }>({ status, body, text }: Told) => {
  assert.equal(status, 200, text)
  return body as Told['body']
}
const changes = ['changeRoles', 'disable', 'remove'] as const
const inputOf = (verb: string, id: string, roles: readonly string[]) =>
  verb === 'changeRoles' ? { id, roles } : { id }
const stateOf = async ({ member }: Somebody) => {
  const [row] = await sql(here)('select state, roles from identity.member where id = $1', [member])
  return row as { state: string; roles: string[] }
}

test('nobody gives roles beyond their own, in any spelling (ASVS 8.2.1, 8.3.1)', async () => {
  const admin = await somebody(here, ['admin'])
  const cashier = await somebody(here, ['cashier'])
  for (const role of ['owner', 'OWNER', 'owner ', '*', 'identity.*', '__proto__', 'constructor', '', 'nobody'])
    for (const roles of [[role], ['cashier', role]])
      for (const verb of ['changeRoles', 'preview']) {
        const input = verb === 'preview' ? roles.join(',') : roles
        refused(await admin.call(`identity.member.${verb}`, { id: cashier.member, roles: input }), 'role_beyond_own')
      }
  assert.deepEqual(await stateOf(cashier), { state: 'active', roles: ['cashier'] })
  ok(await admin.call('identity.member.changeRoles', { id: cashier.member, roles: ['manager', 'admin'] }))
  for (const verb of changes)
    for (const who of [cashier, await somebody(here, ['manager'])]) {
      const told = await who.call(`identity.member.${verb}`, inputOf(verb, owner.member, ['cashier']))
      assert.ok([403, 409].includes(told.status), `${verb} ${told.text}`)
    }
  assert.equal((await (await somebody(here, ['manager'])).call('identity.member.list')).status, 403)
})

test('nobody changes, sends away or signs out a member who may do more than they (ASVS 8.2.2)', async () => {
  const admin = await somebody(here, ['admin'])
  await somebody(here, ['owner'])
  for (const verb of [...changes, 'endSessions'])
    refused(await admin.call(`identity.member.${verb}`, inputOf(verb, owner.member, ['cashier'])), 'member_beyond_own')
  const gone = await somebody(here, ['owner'])
  ok(await owner.call('identity.member.disable', { id: gone.member }))
  refused(await admin.call('identity.member.enable', { id: gone.member }), 'member_beyond_own')
  assert.equal((await stateOf(gone)).state, 'disabled')
  assert.equal((await owner.call('identity.member.get', { id: owner.member })).status, 200, 'and they are still in')
})

test('an owner of north finds no member and no role of south by any verb (ASVS 8.4.1, rows 18 and 19)', async () => {
  const theirs = await somebody(here, ['cashier'], 'south')
  const role = ok(
    await here.as('owner', 'south').call('identity.role.create', {
      key: 'southern',
      title: 'Southern',
      grants: ['identity.workspace.get'],
    }),
  ) as { id: string }
  const before = JSON.stringify(await sql(here)('select * from identity.member where id = $1', [theirs.member]))
  for (const id of [theirs.member, theirs.person, theirs.session, here.south.place.workspace, randomUUID()]) {
    for (const verb of ['get', 'disable', 'enable', 'remove', 'endSessions'])
      assert.equal((await owner.call(`identity.member.${verb}`, { id })).status, 404, verb)
    assert.equal((await owner.call('identity.member.changeRoles', { id, roles: ['cashier'] })).status, 404)
    assert.equal((await owner.call('identity.member.preview', { id, roles: 'cashier' })).status, 404)
    const asked = { permission: 'identity.workspace.get', memberId: id }
    assert.equal((await owner.call('identity.right.explain', asked)).status, 404)
  }
  const grants = ['identity.workspace.get']
  assert.equal((await owner.call('identity.role.update', { id: role.id, title: 'Mine', grants })).status, 404)
  assert.equal((await owner.call('identity.role.remove', { id: role.id })).status, 404)
  refused(
    await owner.call('identity.member.changeRoles', {
      id: (await somebody(here, ['cashier'])).member,
      roles: ['southern'],
    }),
    'role_beyond_own',
  )
  assert.ok(!(await owner.call('identity.member.list', { limit: 200 })).text.includes(theirs.member))
  assert.ok(!(await owner.call('identity.role.list')).text.includes('southern'))
  assert.equal(JSON.stringify(await sql(here)('select * from identity.member where id = $1', [theirs.member])), before)
})

test('who somebody is, is never taken from a body (row 20, ASVS 8.2.3)', async () => {
  const cashier = await somebody(here, ['cashier'])
  const claims = {
    userId: owner.person,
    personId: owner.person,
    workspaceId: here.south.place.workspace,
    role: 'owner',
  }
  for (const [claim, value] of Object.entries({
    ...claims,
    state: 'active',
    madeBy: owner.person,
    actor: owner.person,
  }))
    for (const [name, input] of [
      ['member.changeRoles', { id: cashier.member, roles: ['manager'] }],
      ['member.disable', { id: cashier.member }],
      ['role.create', { key: 'claimed', title: 'Claimed', grants: ['shop.*'] }],
      ['workspace.update', { name: 'Claimed', secondFactor: 'policy' }],
    ] as const) {
      const told = await owner.call(`identity.${name}`, { ...input, [claim]: value })
      assert.deepEqual([told.status, told.body.errors?.[0]?.code], [400, 'unknown_field'], `${name} ${claim}`)
    }
  assert.deepEqual(await stateOf(cashier), { state: 'active', roles: ['cashier'] })
})

test('nobody changes their own membership, upwards or by accident', async () => {
  await somebody(here, ['owner'])
  for (const verb of changes)
    refused(
      await owner.call(`identity.member.${verb}`, inputOf(verb, owner.member, ['owner', 'cashier'])),
      'own_membership',
    )
  assert.deepEqual(await stateOf(owner), { state: 'active', roles: ['owner'] })
})

test('the last owner is neither demoted, disabled nor removed', async () => {
  const side = 'south'
  const last = await somebody(here, ['owner', 'cashier'], side)
  const away = await somebody(here, ['owner'], side)
  const call = (verb: string, input: object) => here.as('owner', side).call(`identity.member.${verb}`, input)
  ok(await call('disable', { id: away.member }))
  for (const verb of changes) refused(await call(verb, inputOf(verb, last.member, ['admin'])), 'last_owner')
  refused(await call('preview', { id: last.member, roles: 'admin' }), 'last_owner')
  ok(await call('changeRoles', { id: last.member, roles: ['owner'] }))
  ok(await call('enable', { id: away.member }))
  ok(await call('changeRoles', { id: last.member, roles: ['admin'] }))
  refused(await call('remove', { id: away.member }), 'last_owner')
})

test('of two owners who are sent away by sixty-four at once, one stays', async () => {
  for (let round = 0; round < 4; round++) {
    await sql(here)(`update identity.member set roles = '{cashier}' where workspace_id = $1 and 'owner' = any(roles)`, [
      here.south.place.workspace,
    ])
    const pair = [await somebody(here, ['owner'], 'south'), await somebody(here, ['owner'], 'south')] as const
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, n) => {
        const verb = changes[n % 3]!
        const by = n % 2 ? here.as('owner', 'south').call : pair[(n >> 1) % 2]!.call
        return by(`identity.member.${verb}`, inputOf(verb, pair[((n >> 1) + 1) % 2]!.member, ['cashier']))
      }),
    )
    assert.ok(answers.some(({ status }) => status === 200))
    for (const { status, text } of answers) assert.ok([200, 401, 403, 409, 503].includes(status), text)
    const [left] = await sql(here)(
      `select count(*)::int as n from identity.member
       where workspace_id = $1 and state = 'active' and 'owner' = any(roles)`,
      [here.south.place.workspace],
    )
    assert.equal(left!['n'], 1)
  }
})

test('where the edition has no second factor, no workspace can demand one by calling the API (row 38)', async () => {
  for (const secondFactor of ['everyone', 'administrators'])
    refused(await owner.call('identity.workspace.update', { name: 'North', secondFactor }), 'second_factor_not_offered')
  for (const secondFactor of ['nobody', '', 'Everyone', null])
    assert.equal((await owner.call('identity.workspace.update', { name: 'North', secondFactor })).status, 400)
  assert.equal((await owner.call('identity.workspace.get')).body.secondFactor, 'policy')
})
