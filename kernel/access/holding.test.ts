import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { allowing, explain } from './explain.ts'
import { grantsOf, rightsHeld, rolesOf } from './holding.ts'
import type { OwnRole } from './holding.ts'
import { beyond, granted, includes, rightsOf, union, within } from './rights.ts'

/** Rights that are added up and narrowed, and the sentence about them, for roles and names that nobody thought of. */
const names = [
  'a.b.c',
  'a.b.d',
  'a.bb.c',
  'a.b.cc',
  'ab.b.c',
  ...Array.from({ length: 40 }, (_, i) => `m${i % 7}.n.v${i}`),
]
const name = fc.constantFrom(...names)
const grant = fc.oneof(
  name,
  name.map((one) => one.replace(/[^.]+$/, '*')),
  name.map((one) => one.replace(/\..*$/, '.*')),
  fc.constantFrom('*', '', '.*', 'a', 'a.b', 'a.*.c', 'A.*', '__proto__', 'a.b.c.*'),
)
const grants = fc.array(grant, { maxLength: 4 })
const key: fc.Arbitrary<string> = fc.constantFrom('owner', 'admin', 'clerk', 'guest', 'constructor', '__proto__')
const keys = fc.array(key, { maxLength: 4 })
const roles = fc.array(fc.tuple(key, grants), { maxLength: 4 }).map((all) => new Map(all))
const own = fc
  .uniqueArray(fc.record({ key, grants }), { maxLength: 3, selector: (role) => role.key })
  .map((all): OwnRole[] => all)
const held = fc.record({
  roles: keys,
  ownRoles: own,
  narrowedTo: fc.option(grants),
  makerRoles: fc.option(keys),
})

test('the explanation agrees with the decision, for any roles, grants and names (ASVS 8.2.1)', () => {
  fc.assert(
    fc.property(roles, held, name, (edition, holding, asked) => {
      const sets = new Map([...edition].map(([role, given]) => [role, rightsOf(given, names)]))
      const rights = rightsHeld(holding, sets, names)
      const decided = rights !== undefined && granted(rights, names.indexOf(asked))
      const all = rolesOf(edition, holding.ownRoles)
      const told = explain(asked, holding, all)
      assert.equal(told.allowed, decided)
      assert.equal(told.lacks.length === 0, decided)
      if (decided) assert.ok(told.because.length > 0 && told.because.every(({ role }) => holding.roles.includes(role)))
      for (const role of told.rolesThatWould) {
        assert.ok(!holding.roles.includes(role))
        assert.ok(explain(asked, { roles: [role] }, all).allowed, `${role} would not`)
      }
    }),
    { numRuns: 2_000 },
  )
})

test('a narrowed key never does more than its role, its scopes or its maker (ASVS 8.3.3)', () => {
  fc.assert(
    fc.property(roles, held, (edition, holding) => {
      const sets = new Map([...edition].map(([role, given]) => [role, rightsOf(given, names)]))
      const rights = rightsHeld(holding, sets, names)
      if (!rights) return
      const all = rolesOf(edition, holding.ownRoles)
      assert.ok(includes(rightsOf(grantsOf(holding.roles, all), names), rights))
      if (holding.narrowedTo) assert.ok(includes(rightsOf(holding.narrowedTo, names), rights))
      if (holding.makerRoles) assert.ok(includes(rightsOf(grantsOf(holding.makerRoles, all), names), rights))
    }),
    { numRuns: 2_000 },
  )
})

test('sets add up, narrow and differ as their names do', () => {
  const listed = (set: Uint32Array) => names.filter((_, index) => granted(set, index))
  fc.assert(
    fc.property(grants, grants, (left, right) => {
      const [a, b] = [rightsOf(left, names), rightsOf(right, names)]
      const [inA, inB] = [new Set(listed(a)), new Set(listed(b))]
      assert.deepEqual(new Set(listed(union(a, b))), inA.union(inB))
      assert.deepEqual(new Set(listed(within(a, b))), inA.intersection(inB))
      assert.deepEqual(new Set(beyond(a, b, names)), inA.difference(inB))
      assert.equal(includes(a, b), inB.isSubsetOf(inA))
    }),
    { numRuns: 500 },
  )
})

test('roles that are no more allow nothing, and a caller without any is none', () => {
  const edition = new Map([['owner', rightsOf(['a.*'], names)]])
  assert.equal(rightsHeld({ roles: ['gone'], ownRoles: [] }, edition, names), undefined)
  assert.equal(rightsHeld({ roles: [], ownRoles: [] }, edition, names), undefined)
  const both = rightsHeld({ roles: ['gone', 'owner'], ownRoles: [] }, edition, names)
  assert.equal(both, edition.get('owner'), 'and one role of the edition costs no memory')
  const orphan = rightsHeld({ roles: ['owner'], ownRoles: [], makerRoles: ['gone'] }, edition, names)
  assert.deepEqual(orphan && beyond(orphan, rightsOf([], names), names), [], 'a key whose maker may nothing')
})

test('an upgrade that brings a role of the same name changes nobody’s rights', () => {
  const edition = new Map([['helper', ['a.*']]])
  const ownRoles = [{ key: 'helper', grants: ['a.b.c'] }]
  assert.deepEqual(rolesOf(edition, ownRoles).get('helper'), ['a.b.c'])
  const sets = new Map([['helper', rightsOf(['a.*'], names)]])
  const rights = rightsHeld({ roles: ['helper'], ownRoles }, sets, names)
  assert.deepEqual(rights, rightsOf(['a.b.c'], names))
})

test('of several roles each says which of its grants allows it', () => {
  const all = new Map([
    ['one', ['a.b.c', 'a.*', 'm1.*']],
    ['two', ['m2.*']],
    ['three', ['a.b.*']],
  ])
  assert.deepEqual(allowing('a.b.c', ['one', 'two', 'three'], all), [
    { role: 'one', grants: ['a.b.c', 'a.*'] },
    { role: 'three', grants: ['a.b.*'] },
  ])
})
