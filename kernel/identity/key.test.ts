import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { ask } from '../serve/live/ask.ts'
import { openParts } from '../serve/open.ts'
import type { Parts } from '../serve/parts.ts'
import { world } from '../testing.ts'
import type { Answer, World } from '../testing.ts'

/** Keys that are guessed, spliced, stolen, replaced, revoked, and asked to be more than their maker. */
const clerk = ['identity.workspace.get', 'identity.key.create', 'identity.key.rotate', 'identity.key.list']
const edition = { ...jeweller, roles: { ...jeweller.roles, clerk } }
let here: World
/** A second process of the same deployment. */
let other: Parts
before(async () => {
  here = await world(edition)
  const { admin, names } = here.served.parts.deployment
  other = await openParts({ edition, admin, deployment: names.deployment, vault: here.served.parts.vault })
})
after(async () => {
  await other.deployment[Symbol.asyncDispose]()
  await here[Symbol.asyncDispose]()
})

const call = (name: string, input: object = {}, role = 'owner') => here.as(role).call(`identity.key.${name}`, input)
const ok = ({ status, body, text }: Answer) => {
  assert.equal(status, 200, text)
  return body as { id: string; token: string; expiresAt: string | null }
}
const refused = ({ status, body }: Answer, code: string) => assert.deepEqual([status, body.code], [409, code])
const make = async (more: object = {}) =>
  ok(await call('create', { name: 'Made for a test', role: 'cashier', ...more }))

const present = (token: string) => {
  const base = { url: new URL(`http://127.0.0.1:${here.served.listening.port}`) }
  return ask(base, '/v1/identity.workspace.get', { headers: { authorization: `Bearer ${token}` } })
}
const opens = async (token: string) => (await present(token)).status === 200
const opensElsewhere = async (token: string) => (await other.whois.of(token)) !== undefined

/** How long after now the last request was let in, in both processes. */
async function lastLetIn_ms(token: string): Promise<number> {
  const started = performance.now()
  let last = 0
  while (performance.now() - started < 1_200) {
    const asked = performance.now() - started
    if ((await Promise.all([opens(token), opensElsewhere(token)])).includes(true)) last = asked
    await sleep(5)
  }
  return last
}

test('every letter of a key matters: one changed, left out or doubled opens nothing', async () => {
  const { token } = await make()
  assert.ok(await opens(token))
  const stranger = JSON.stringify(
    (await present(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`)).json(),
  ).replace(/urn:uuid:[^"]+/, '')
  for (let at = 0; at < token.length; at++) {
    const letter = token[at] === 'x' ? 'y' : 'x'
    for (const wrong of [
      token.slice(0, at) + letter + token.slice(at + 1),
      token.slice(0, at) + token.slice(at + 1),
      token.slice(0, at) + letter + token.slice(at),
    ]) {
      const told = await present(wrong)
      assert.equal(told.status, 401, `${at}`)
      assert.equal(JSON.stringify(told.json()).replace(/urn:uuid:[^"]+/, ''), stranger)
    }
  }
})

test('a key of north with the workspace of south spliced in opens neither', async () => {
  const mine = here.north.token
  const theirs = here.south.token
  for (const [one, two] of [
    [mine, theirs],
    [theirs, mine],
  ] as const)
    for (const spliced of [
      one.slice(0, 26) + two.slice(26),
      one.slice(0, 34) + two.slice(34),
      one.slice(0, 26) + two.slice(26, 34) + one.slice(34),
    ])
      assert.equal(await opens(spliced), false, 'spliced')
  assert.ok((await opens(mine)) && (await opens(theirs)))
})

test('a revoked key opens nothing a second later, here and in another process that believed it', async () => {
  const { id, token } = await make()
  assert.ok((await opens(token)) && (await opensElsewhere(token)))
  ok(await call('revoke', { id }))
  const last = await lastLetIn_ms(token)
  assert.ok(last < 1_000, `it was let in ${last} ms after it was revoked`)
  const again = ok(await call('revoke', { id }))
  assert.equal((again as unknown as { revokedAt: string }).revokedAt !== null, true, 'revoking twice is revoking')
  refused(await call('rotate', { id }), 'key_is_over')
})

test('a key that is deleted or changed in the database itself is not believed for longer either', async () => {
  const [gone, changed] = [await make(), await make({ role: 'owner' })]
  assert.ok((await opensElsewhere(gone.token)) && (await opens(gone.token)) && (await opensElsewhere(changed.token)))
  const { catalogue } = here.served.live.canaries[0]!.north
  await catalogue('delete from identity.key where id = $1', [gone.id])
  await catalogue(`update identity.key set role = 'no such role' where id = $1`, [changed.id])
  assert.ok((await lastLetIn_ms(gone.token)) < 1_000)
  assert.equal(await opens(changed.token), false, 'a role that the edition does not have has no rights')
})

test('a replaced key opens until its grace is over, its successor at once and for longer (ASVS 11.2.2)', async () => {
  const first = await make()
  const second = ok(await call('rotate', { id: first.id, graceHours: 1 }))
  assert.ok((await opens(first.token)) && (await opens(second.token)) && first.token !== second.token)
  const { catalogue } = here.served.live.canaries[0]!.north
  await catalogue(`update identity.key set expires_at = now() + interval '300 ms' where id = $1`, [first.id])
  assert.ok((await lastLetIn_ms(first.token)) < 1_300)
  assert.ok(await opens(second.token))
  assert.equal(second.expiresAt, null, 'the end of its predecessor is not its own')
  const third = ok(await call('rotate', { id: second.id, graceHours: 0 }))
  assert.ok((await lastLetIn_ms(second.token)) < 1_000, 'without grace')
  assert.ok(await opens(third.token))
})

test('sixty-four at once replace a key once; grace never makes it live longer than it would have', async () => {
  for (const graceHours of [0, 24]) {
    const { id } = await make()
    const answers = await Promise.all(Array.from({ length: 64 }, () => call('rotate', { id, graceHours })))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, 'key_is_over')
  }
  const expiresAt = new Date(Date.now() + 60_000).toISOString()
  const short = await make({ expiresAt })
  const heir = ok(await call('rotate', { id: short.id, graceHours: 168 }))
  const [row] = await here.served.live.canaries[0]!.north.catalogue(
    'select expires_at as at from identity.key where id = $1',
    [short.id],
  )
  assert.equal((row!['at'] as Date).toISOString(), expiresAt)
  assert.equal(Date.parse(heir.expiresAt!), Date.parse(expiresAt), 'nor does its successor')
  for (const hours of [-1, 169, 1.5, '1'])
    assert.equal((await call('rotate', { id: heir.id, graceHours: hours })).status, 400)
})

test('a key ends when it was said to end, also in processes that remember it', async () => {
  const { token } = await make({ expiresAt: new Date(Date.now() + 700).toISOString() })
  assert.ok((await opens(token)) && (await opensElsewhere(token)))
  const last = await lastLetIn_ms(token)
  assert.ok(last < 750, `${last} ms`)
  for (const at of [new Date(0), new Date(Date.now() - 1)])
    refused(await call('create', { name: 'x', role: 'cashier', expiresAt: at.toISOString() }), 'already_past')
})

test('nobody makes or replaces a key that may do more than they: escalation', async () => {
  for (const role of [
    'owner',
    'admin',
    'manager',
    'nobody',
    '',
    '__proto__',
    'constructor',
    'toString',
    'OWNER',
    'owner ',
    '*',
    'identity.*',
  ])
    refused(await call('create', { name: 'Up', role }, 'clerk'), 'role_beyond_own')
  ok(await call('create', { name: 'Level', role: 'clerk' }, 'clerk'))
  for (const role of ['owner', 'cashier'])
    refused(await call('rotate', { id: (await make({ role })).id }, 'clerk'), 'role_beyond_own')
  assert.equal((await call('create', { name: 'Down', role: 'cashier' }, 'cashier')).status, 403)
  for (const name of ['create', 'rotate', 'revoke', 'list'])
    assert.equal((await call(name, {}, 'manager')).status, 403, name)
})

test('what is listed and stored of a key is no key (ASVS 14.2.6)', async () => {
  const { id, token } = await make({ name: 'Listed' })
  const { text } = await call('list', { limit: 200 })
  assert.ok(text.includes(id) && !text.includes(token) && !text.includes(token.slice(34)))
  const { catalogue } = here.served.live.canaries[0]!.north
  for (const table of ['identity.key', 'audit.entry', 'events.outbox'])
    assert.ok(!JSON.stringify(await catalogue(`select * from ${table}`)).includes(token.slice(34)), table)
})

test('a narrowed key does what scopes and role have in common, and its successor no more (ASVS 8.2.1)', async () => {
  const scopes = ['shop.rate.*', 'shop.customer.list', 'identity.workspace.get', 'audit.entry.list']
  const first = await make({ role: 'manager', scopes })
  const second = ok(await call('rotate', { id: first.id, graceHours: 1 }))
  const base = { url: new URL(`http://127.0.0.1:${here.served.listening.port}`) }
  const status = async (token: string, name: string) =>
    (await ask(base, `/v1/${name}`, { headers: { authorization: `Bearer ${token}` } })).status
  for (const { token } of [first, second]) {
    for (const name of ['shop.rate.list', 'shop.customer.list', 'identity.workspace.get'])
      assert.equal(await status(token, name), 200, name)
    assert.equal(await status(token, 'shop.invoice.list'), 403, 'its role may, its scopes may not')
    assert.equal(await status(token, 'audit.entry.list'), 403, 'its scopes may, its role may not')
  }
  const listed = (await call('list', { limit: 200 })).body.data as { id: string; scopes: string[]; role: string }[]
  for (const { id } of [first, second]) {
    const found = listed.find((key) => key.id === id)!
    assert.deepEqual([found.role, found.scopes], ['manager', scopes])
  }
  assert.equal(listed.find(({ id }) => id !== first.id && id !== second.id)!.scopes, null)
})

test('scopes reach no further than the maker, who may narrow a higher role to what they have', async () => {
  const key = { name: 'Narrow', role: 'owner' }
  for (const scopes of [['identity.*'], ['identity.key.*'], ['identity.workspace.get', 'shop.rate.list']])
    refused(await call('create', { ...key, scopes }, 'clerk'), 'role_beyond_own')
  for (const scopes of [['*'], ['shop'], ['identity.workspace.get', 'shop.nothing.*']])
    refused(await call('create', { ...key, scopes }), 'grant_unknown')
  for (const scopes of [[], 'shop.*', [''], null, [1]])
    assert.notEqual((await call('create', { ...key, scopes })).status, 200)
  const { id } = ok(await call('create', { ...key, scopes: ['identity.workspace.get'] }, 'clerk'))
  ok(await call('rotate', { id }, 'clerk'))
  refused(
    await call('rotate', { id: (await make({ role: 'owner', scopes: ['shop.*'] })).id }, 'clerk'),
    'role_beyond_own',
  )
})
