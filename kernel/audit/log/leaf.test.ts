import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { canonical } from './canonical.ts'
import { halfHash, leafOf, sealable, type Facts, type What, type Who } from './leaf.ts'

const facts: Facts = {
  workspace: '0199a000-0000-7000-8000-000000000000',
  id: '0199b000-0000-7000-8000-000000000001',
  transaction: '4294967297',
  at: '2026-11-20T13:55:39.123456Z',
  action: 'shop.invoice.issue',
  outcome: 'done',
  actorKind: 'person',
  actorId: '0199c000-0000-7000-8000-000000000002',
  target: null,
  requestId: '0199e000-0000-7000-8000-000000000003',
}
const who: Who = { actorName: 'Nadia', address: '192.0.2.7', userAgent: null }
const what: What = { input: { b: 1, a: 'é' }, changes: null }
const entry = { ...facts, who, what }
const salts = { who: Buffer.alloc(32, 7), what: Buffer.alloc(32, 9) }
const sha256 = (...parts: (Buffer | string)[]) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Buffer.from(part as string))))
    .digest()

test('a leaf is these bytes and no others, and its hash is that of RFC 6962', () => {
  const halves = {
    who: sha256(salts.who, '{"actorName":"Nadia","address":"192.0.2.7","userAgent":null}'),
    what: sha256(salts.what, '{"changes":null,"input":{"a":"é","b":1}}'),
  }
  const { bytes, hash, ...found } = leafOf(entry, 1, null, salts)
  assert.deepEqual(found, halves)
  assert.equal(
    bytes.toString(),
    '{"action":"shop.invoice.issue","actorId":"0199c000-0000-7000-8000-000000000002","actorKind":"person",' +
      '"at":"2026-11-20T13:55:39.123456Z","id":"0199b000-0000-7000-8000-000000000001","outcome":"done",' +
      '"previous":null,"requestId":"0199e000-0000-7000-8000-000000000003","seq":1,"target":null,' +
      `"transaction":"4294967297","version":1,"what":"${halves.what.toString('base64')}",` +
      `"who":"${halves.who.toString('base64')}","workspace":"0199a000-0000-7000-8000-000000000000"}`,
  )
  assert.deepEqual(hash, sha256(Buffer.from([0]), bytes))
})

test('the next leaf names the one before it', () => {
  const first = leafOf(entry, 1, null, salts)
  const second = leafOf(entry, 2, first.hash, salts)
  assert.ok(second.bytes.includes(`"previous":"${first.hash.toString('base64')}"`))
})

test('whatever of an entry, its place or its salts is another, the leaf is another (row 33)', () => {
  const other = Buffer.alloc(32, 8)
  const changed = [
    ...Object.keys(facts)
      .filter((field) => field !== 'at')
      .map((field) => ({ ...entry, [field]: 'other' })),
    { ...entry, at: '2026-11-20T13:55:39.123457Z' },
    ...Object.keys(who).map((field) => ({ ...entry, who: { ...who, [field]: 'other' } })),
    ...Object.keys(what).map((field) => ({ ...entry, what: { ...what, [field]: 'other' } })),
  ]
  const leaves = [
    ...changed.map((one) => leafOf(one, 2, other, salts)),
    leafOf(entry, 2, other, salts),
    leafOf(entry, 3, other, salts),
    leafOf(entry, 2, salts.who, salts),
    leafOf(entry, 2, other, { ...salts, who: other }),
    leafOf(entry, 2, other, { ...salts, what: other }),
    leafOf(entry, 2, other, { who: salts.what, what: salts.who }),
  ]
  assert.equal(new Set(leaves.map(({ hash }) => hash.toString('hex'))).size, leaves.length)
})

test('nothing of either half is in the leaf, and nothing else that a row carries', () => {
  const names = { ...who, actorName: 'Nadia Haddad', cost: 1 }
  const row = { ...entry, who: names, what: { ...what, cost: 1 }, xid: '77', address: '192.0.2.7' }
  const { bytes, ...halves } = leafOf(row, 1, null, salts)
  for (const word of ['Nadia', '192.0.2.7', 'xid', 'input', 'cost']) assert.ok(!bytes.includes(word), word)
  assert.deepEqual(halves.who, halfHash({ ...who, actorName: 'Nadia Haddad' }, salts.who))
  assert.deepEqual(halves.what, halfHash(what, salts.what))
})

test('without the salt even a half that is guessed cannot be recognised', () => {
  const hashes = [1, 2, 3].map((byte) => halfHash(who, Buffer.alloc(32, byte)).toString('hex'))
  assert.equal(new Set(hashes).size, 3)
})

test('what would leave a log that cannot be verified is refused', () => {
  const refused = (make: () => unknown, why: RegExp) => assert.throws(make, { name: 'TypeError', message: why })
  const hash = Buffer.alloc(32)
  for (const seq of [0, -1, 1.5, NaN, 2 ** 53]) refused(() => leafOf(entry, seq, hash, salts), /place/)
  refused(() => leafOf(entry, 1, hash, salts), /first/)
  refused(() => leafOf(entry, 2, null, salts), /first/)
  refused(() => leafOf(entry, 2, Buffer.alloc(31), salts), /hash has 32/)
  for (const half of ['who', 'what'])
    refused(() => leafOf(entry, 1, null, { ...salts, [half]: Buffer.alloc(16) }), /salt has 32/)
  for (const at of ['2026-11-20T13:55:39.123Z', '2026-11-20 13:55:39.123456+00', '2026-11-20T13:55:39.123456+01:00'])
    refused(() => leafOf({ ...entry, at }, 1, null, salts), /microsecond/)
  refused(() => leafOf({ ...entry, what: { ...what, input: { price: 1.5 } } }, 1, null, salts), /canonical/)
  refused(() => leafOf({ ...entry, what: { ...what, input: undefined } }, 1, null, salts), /canonical/)
})

test('what Postgres wrote as JSON is sealed as its value, or as its text where that would be another', () => {
  const values = ['null', 'true', '"text"', '-7', '[]', '{"a": [1, {"é": null}]}', '{"__proto__": {"a": 1}}']
  for (const json of values) assert.equal(JSON.stringify(sealable(json)), JSON.stringify(JSON.parse(json)))
  assert.equal(sealable(null), null)
  const numbers = ['1.5', '1.0', '0.99999999999999999999', '4503599627370497.5', '9007199254740993', '1e5', '-0']
  const huge = [`1${'0'.repeat(400)}`, `0.${'3'.repeat(400)}`, `-${'9'.repeat(100_000)}`]
  for (const number of [...numbers, ...huge])
    for (const json of [number, `[1, ${number}]`, `{"a": {"b": ${number}}}`]) assert.equal(sealable(json), json)
  for (const text of ['"1.5"', '{"1.5": "1e5"}', '["-0"]']) assert.notEqual(sealable(text), text)
})

test('a value of any depth can be sealed, and written into an export', () => {
  const deep = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`
  const kinds = Array.from({ length: 210 }, (_, levels) => sealable(deep(levels + 1)))
  for (const input of [...kinds, sealable(deep(6_000)), sealable(deep(200_000))]) {
    canonical({ what: { value: { input, changes: input }, salt: '' } })
    leafOf({ ...entry, what: { input, changes: input } }, 1, null, salts)
  }
  assert.deepEqual([typeof kinds[190], typeof kinds[209]], ['object', 'string'])
})
