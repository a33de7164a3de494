import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { callerWith, somebody, sql } from '../../test/people.ts'
import type { Calling, Somebody } from '../../test/people.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'

/** Roles that a workspace makes for itself, and what some would like them to be. */
const warden = ['identity.workspace.get', 'identity.role.*', 'identity.key.*', 'identity.member.*', 'shop.customer.*']
const edition = { ...jeweller, roles: { ...jeweller.roles, warden } }
let here: World
let [owner, ward]: Somebody[] = []
before(async () => {
  here = await world(edition)
  owner = await somebody(here, ['owner'])
  ward = await somebody(here, ['warden'])
})
after(() => here[Symbol.asyncDispose]())

type Told = Awaited<ReturnType<Calling>>
const refused = ({ status, body, text }: Told, code: string) => assert.deepEqual([status, body.code], [409, code], text)
const ok = ({ status, body, text }: Told) => {
  assert.equal(status, 200, text)
  return body
}
let made = 0
const make = async (grants: string[], by = owner) => {
  const key = `made-${++made}`
  const { id } = ok(await by!.call('identity.role.create', { key, title: 'Made for a test', grants }))
  return { id: id as string, key }
}
const statusOf = async (call: Calling, name: string) => (await call(name)).status

test('nobody makes, widens, narrows or removes a role beyond their own rights (ASVS 8.2.1)', async () => {
  for (const grant of ['shop.*', 'shop.invoice.list', 'identity.*', 'identity.workspace.update', 'audit.entry.list']) {
    const grants = ['identity.workspace.get', grant]
    refused(await ward!.call('identity.role.create', { key: 'up', title: 'Up', grants }), 'role_beyond_own')
    const { id } = await make(['identity.workspace.get'])
    refused(await ward!.call('identity.role.update', { id, title: 'Up', grants }), 'role_beyond_own')
    refused(await ward!.call('identity.role.preview', { id, grants: grants.join(',') }), 'role_beyond_own')
    const high = await make(grants)
    const low = ['identity.workspace.get']
    refused(await ward!.call('identity.role.update', { id: high.id, title: 'Down', grants: low }), 'role_beyond_own')
    refused(await ward!.call('identity.role.remove', { id: high.id }), 'role_beyond_own')
    const theirs = await somebody(here, ['cashier', high.key])
    refused(await ward!.call('identity.member.disable', { id: theirs.member }), 'member_beyond_own')
    refused(await ward!.call('identity.key.create', { name: 'Up', role: high.key }), 'role_beyond_own')
  }
  ok(await ward!.call('identity.role.remove', { id: (await make(['shop.customer.*'], ward)).id }))
})

test('a grant is of something that exists, and of nothing else', async () => {
  for (const grant of [
    'shop',
    'shop.',
    '*',
    '.*',
    '',
    'shop.invoice',
    'shop.nothing.*',
    'shop.invoice.issue.*',
    'SHOP.*',
  ])
    refused(
      await owner!.call('identity.role.create', { key: 'odd', title: 'Odd', grants: ['shop.*', grant] }),
      'grant_unknown',
    )
  for (const key of ['', 'Own', '1st', 'a b', 'a,b', 'é', '-a', 'a'.repeat(61), '__proto__', 'a*'])
    assert.equal(
      (await owner!.call('identity.role.create', { key, title: 'Odd', grants: ['shop.*'] })).status,
      400,
      key,
    )
  for (const grants of [[], 'shop.*', [1], Array.from({ length: 601 }, () => 'shop.*')])
    assert.equal((await owner!.call('identity.role.create', { key: 'odd', title: 'Odd', grants })).status, 400)
})

test('the edition’s roles are fixed, and no other takes the name of one that exists', async () => {
  const grants = ['shop.*']
  for (const key of ['owner', 'admin', 'cashier', 'warden'])
    refused(await owner!.call('identity.role.create', { key, title: 'Mine', grants }), 'role_exists')
  const { key } = await make(grants)
  refused(await owner!.call('identity.role.create', { key, title: 'Mine', grants }), 'role_exists')
  const listed = ok(await owner!.call('identity.role.list')).data as { key: string; id: string | null }[]
  assert.deepEqual(
    listed.filter(({ id }) => id === null).map((role) => role.key),
    Object.keys(edition.roles),
  )
  assert.equal(new Set(listed.map((role) => role.key)).size, listed.length)
})

test('a workspace’s own role counts like one of the edition’s, from the next request on (ASVS 8.3.2)', async () => {
  const { id, key } = await make(['shop.customer.list'])
  const one = await somebody(here, [key])
  const token = ok(await owner!.call('identity.key.create', { name: 'Of that role', role: key })).token as string
  for (const call of [one.call, callerWith(here, token)]) {
    assert.equal(await statusOf(call, 'shop.customer.list'), 200)
    assert.equal(await statusOf(call, 'shop.invoice.list'), 403)
  }
  const diff = ok(
    await owner!.call('identity.role.preview', { id, grants: 'shop.invoice.list,identity.workspace.get' }),
  )
  assert.deepEqual(diff, {
    id,
    gains: ['identity.workspace.get', 'shop.invoice.list'],
    loses: ['shop.customer.list'],
    members: 1,
    keys: 1,
    invitations: 0,
  })
  const grants = ['shop.invoice.list', 'identity.workspace.get']
  const changed = ok(await owner!.call('identity.role.update', { id, title: 'Other', grants }))
  assert.deepEqual([changed.gains, changed.loses, changed.grants], [diff.gains, diff.loses, grants])
  for (const call of [one.call, callerWith(here, token)]) {
    assert.equal(await statusOf(call, 'shop.customer.list'), 403)
    assert.equal(await statusOf(call, 'shop.invoice.list'), 200)
  }
})

test('rights add up over several roles, and an unknown one adds nothing', async () => {
  const { key } = await make(['shop.rate.list'])
  const one = await somebody(here, [key, 'gone', (await make(['shop.customer.list'])).key])
  for (const name of ['shop.rate.list', 'shop.customer.list']) assert.equal(await statusOf(one.call, name), 200)
  assert.equal(await statusOf(one.call, 'shop.invoice.list'), 403)
  assert.equal(await statusOf((await somebody(here, ['gone'])).call, 'identity.workspace.get'), 401)
})

test('a role that is held cannot be removed, and the list says by how many it is', async () => {
  const { id, key } = await make(['identity.workspace.get'])
  const one = await somebody(here, [key])
  refused(await owner!.call('identity.role.remove', { id }), 'role_in_use')
  ok(await owner!.call('identity.member.disable', { id: one.member }))
  refused(await owner!.call('identity.role.remove', { id }), 'role_in_use')
  const listed = ok(await owner!.call('identity.role.list')).data as { key: string; members: number; keys: number }[]
  const found = listed.find((role) => role.key === key)!
  assert.deepEqual([found.members, found.keys], [1, 0])
  assert.ok((await owner!.call('identity.member.list', { role: key })).text.includes(one.member), 'and by whom')
  ok(await owner!.call('identity.member.remove', { id: one.member }))
  const token = ok(await owner!.call('identity.key.create', { name: 'Holds it', role: key })).id as string
  refused(await owner!.call('identity.role.remove', { id }), 'role_in_use')
  ok(await owner!.call('identity.key.revoke', { id: token }))
  ok(await owner!.call('identity.role.remove', { id }))
  assert.equal((await owner!.call('identity.role.remove', { id })).status, 404)
})

test('of a role that is given and removed at the same moment, one thing happens and not both', async () => {
  for (let round = 0; round < 8; round++) {
    const { id, key } = await make(['identity.workspace.get'])
    const one = await somebody(here, ['cashier'])
    const [removed, ...given] = await Promise.all([
      owner!.call('identity.role.remove', { id }),
      owner!.call('identity.member.changeRoles', { id: one.member, roles: [key] }),
      owner!.call('identity.key.create', { name: 'At once', role: key }),
    ])
    const held = given.some(({ status }) => status === 200)
    assert.equal(removed.status === 200, !held, `${removed.text} ${given.map(({ text }) => text).join(' ')}`)
    for (const told of given.filter(({ status }) => status !== 200)) refused(told, 'role_beyond_own')
  }
})

test('a workspace has a hundred roles of its own and no more', async () => {
  await sql(here)(
    `insert into identity.role (workspace_id, key, title, grants)
     select $1, 'bulk-' || n, 'Bulk', '{shop.*}' from generate_series(1, 100) n`,
    [here.south.place.workspace],
  )
  const told = await here.as('owner', 'south').call('identity.role.create', {
    key: 'one-more',
    title: 'One more',
    grants: ['shop.*'],
  })
  assert.deepEqual([told.status, told.body.code], [409, 'too_many_roles'])
})
