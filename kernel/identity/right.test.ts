import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { callerWith, somebody, sql } from '../../test/people.ts'
import type { Calling, Somebody } from '../../test/people.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'

/** What may be done, by whom and why: said by one operation and held against what the door really answers. */
let here: World
let owner: Somebody
before(async () => {
  here = await world({ ...jeweller, policy: { ...jeweller.policy, secondFactor: 'optional' } })
  owner = await somebody(here, ['owner'])
})
after(() => here[Symbol.asyncDispose]())

const ok = ({ status, body, text }: Awaited<ReturnType<Calling>>) => {
  assert.equal(status, 200, text)
  return body
}
const explain = async (permission: string, who: object) =>
  ok(await owner.call('identity.right.explain', { permission, ...who })) as {
    allowed: boolean
    because: { role: string; grants: string[] }[]
    lacks: string[]
    rolesThatWould: string[]
  }
const PROBED = [
  'shop.customer.list',
  'shop.rate.list',
  'identity.member.list',
  'identity.role.list',
  'audit.entry.list',
]

test('the catalogue of permissions is the true one: each guards one operation, and none is counted twice', async () => {
  const told = ok(await owner.call('identity.right.list'))
  const operations = here.served.live.operations.filter(({ kind }) => kind !== 'job')
  assert.deepEqual(
    told.data.map(({ name }: { name: string }) => name),
    operations.map(({ name }) => name),
  )
  assert.equal(told.permissions, operations.length)
  assert.equal(told.roles, Object.keys(jeweller.roles).length)
  for (const { name, roles, summary } of told.data as { name: string; roles: string[]; summary: string }[]) {
    assert.ok(summary.length > 5)
    assert.ok(roles.includes('owner'), name)
  }
})

test('for every role and every permission the explanation agrees with the door (ASVS 8.1.1, 8.2.1)', async () => {
  for (const role of Object.keys(jeweller.roles))
    for (const { name } of here.served.live.operations.filter(({ kind }) => kind !== 'job')) {
      const told = await explain(name, { role })
      const { status } = await here.as(role).call(name, { unknown: '1' })
      assert.equal(told.allowed, status === 400, `${role} at ${name}: ${status}`)
      assert.equal(told.because.length > 0, told.allowed)
      assert.equal(told.rolesThatWould.includes('owner'), !told.allowed)
    }
})

test('a member’s rights are explained by their roles, and by what they lack', async () => {
  const one = await somebody(here, ['cashier', 'manager'])
  const both = await explain('shop.invoice.issue', { memberId: one.member })
  assert.deepEqual(both.because, [
    { role: 'cashier', grants: ['shop.invoice.issue'] },
    { role: 'manager', grants: ['shop.*'] },
  ])
  const none = await explain('identity.member.remove', { memberId: one.member })
  assert.deepEqual(none, {
    permission: 'identity.member.remove',
    allowed: false,
    because: [],
    lacks: ['no_role_allows_it'],
    rolesThatWould: ['owner', 'admin'],
  })
  ok(await owner.call('identity.member.disable', { id: one.member }))
  const off = await explain('shop.invoice.issue', { memberId: one.member })
  assert.deepEqual([off.allowed, off.lacks, off.because], [false, ['member_is_disabled'], both.because])
  ok(await owner.call('identity.member.remove', { id: one.member }))
  assert.deepEqual((await explain('shop.invoice.issue', { memberId: one.member })).lacks, ['member_is_removed'])
})

test('whatever keeps a key out is named, and what is said is what the door does (ASVS 8.3.3)', async () => {
  const maker = await somebody(here, ['admin'])
  const make = async (more: object) =>
    ok(await maker.call('identity.key.create', { name: 'Explained', role: 'admin', ...more })) as Key
  type Key = { id: string; token: string }
  const agrees = async ({ id, token }: Key) => {
    const told = await Promise.all(PROBED.map((permission) => explain(permission, { keyId: id })))
    const met = await Promise.all(PROBED.map((name) => callerWith(here, token)(name)))
    assert.deepEqual(
      told.map(({ allowed }) => allowed),
      met.map(({ status }) => status === 200),
    )
    return [...new Set(told.flatMap(({ lacks }) => lacks))].sort()
  }
  const [plain, narrow, gone, old] = [
    await make({}),
    await make({ scopes: ['shop.*'] }),
    await make({}),
    await make({}),
  ]
  assert.deepEqual(await agrees(plain), [])
  assert.deepEqual(await agrees(narrow), ['key_is_narrower'])
  ok(await owner.call('identity.key.revoke', { id: gone.id }))
  assert.deepEqual(await agrees(gone), ['key_is_revoked'])
  await sql(here)(`update identity.key set expires_at = now() - interval '1 s' where id = $1`, [old.id])
  here.served.parts.whois.changed(here.north.place)
  assert.deepEqual(await agrees(old), ['key_is_expired'])
  ok(await owner.call('identity.member.changeRoles', { id: maker.member, roles: ['cashier'] }))
  assert.deepEqual(await agrees(plain), ['maker_may_not'])
  ok(await owner.call('identity.member.disable', { id: maker.member }))
  assert.deepEqual(await agrees(plain), ['key_is_revoked', 'maker_is_gone', 'maker_may_not'])
})

test('a second factor that a workspace demands is demanded at the door, and explained (row 38)', async () => {
  const one = await somebody(here, ['cashier'])
  const admin = await somebody(here, ['admin'])
  for (const { member } of [one, admin])
    await sql(here)('update identity.member set has_factor = false where id = $1', [member])
  const demand = async (secondFactor: string, secondFactorFrom: string | null = null) => {
    ok(await owner.call('identity.workspace.update', { name: 'North', secondFactor, secondFactorFrom }))
    const met = await Promise.all([one, admin].map(({ call }) => call('shop.customer.list')))
    const told = await Promise.all(
      [one, admin].map(({ member }) => explain('shop.customer.list', { memberId: member })),
    )
    assert.deepEqual(
      told.map(({ allowed, lacks }) => [allowed, lacks]),
      met.map(({ body }) => (body.code ? [false, ['second_factor_missing']] : [true, []])),
    )
    return met.map(({ body }) => body.code)
  }
  const required = 'second-factor-required'
  assert.deepEqual(await demand('policy'), [undefined, undefined])
  assert.deepEqual(await demand('administrators'), [undefined, required])
  assert.deepEqual(await demand('everyone'), [required, required])
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString()
  assert.deepEqual(await demand('everyone', tomorrow), [undefined, undefined], 'before its day')
  for (const role of ['admin', 'cashier', 'manager'])
    assert.equal(
      (await here.as(role).call('identity.workspace.update', { name: 'Mine', secondFactor: 'policy' })).status,
      403,
    )
  assert.deepEqual(await demand('policy'), [undefined, undefined])
})

test('a question about nothing, about two or about nobody has no answer', async () => {
  const permission = 'shop.customer.list'
  const ask = async (input: object) => (await owner.call('identity.right.explain', input)).status
  assert.equal(await ask({ permission }), 400)
  assert.equal(await ask({ permission, role: 'cashier', memberId: owner.member }), 400)
  for (const wrong of ['shop.customer.*', 'shop.*', 'shop.customer.nothing', '__proto__', 'identity.member.plant'])
    assert.equal(await ask({ permission: wrong, role: 'cashier' }), 404, wrong)
  for (const role of ['nobody', '__proto__', 'constructor']) assert.equal(await ask({ permission, role }), 404, role)
})
