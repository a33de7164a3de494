import assert from 'node:assert/strict'
import { test } from 'node:test'
import { suite } from '../../editions/suite/edition.ts'
import { rightsOf } from '../access/rights.ts'
import { catalogueOf, modulesOf, permissionsOf, rightsOfRoles } from '../serve/catalogue.ts'
import type { Found } from './lookup.ts'
import { readingOf } from './reading.ts'

const permissions = permissionsOf(suite, catalogueOf(modulesOf(suite)))
const unread = { read: () => Promise.reject(new Error('no token is read here')) }
const tokens = { ...unread, lives_s: 0, make: unread.read, publicKeys: () => [] }
const { heldFrom_ms } = readingOf({
  tokens,
  staffTokens: tokens,
  isStaff: unread.read,
  policy: suite.policy,
  roles: rightsOfRoles(permissions),
  permissions,
})
const someone = { member: 'somebody', hasFactor: false, strongAt: null, secondFactor: 'policy' } as Found
const isHeld = (grants: string[]) => heldFrom_ms(someone, rightsOf(grants, permissions.names)) === 0

test('a right to change who comes in, or what the log keeps, makes one an administrator (ASVS 6.3.3)', () => {
  const actions = permissions.all.filter(({ kind, name }) => kind === 'action' && /^(identity|audit)\./.test(name))
  assert.ok(actions.length > 15)
  for (const { name } of actions) assert.ok(isHeld([name]), name)
  assert.ok(isHeld(['identity.*']))
})

test('whoever only looks, or does the business, owes nothing by that', () => {
  const others = permissions.all.filter(({ kind, name }) => kind === 'query' || !/^(identity|audit)\./.test(name))
  assert.ok(others.length > 15)
  assert.ok(!isHeld(others.map(({ name }) => name)))
})
