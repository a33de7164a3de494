import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { leafOf, personalHash, type Facts, type Payload } from './leaf.ts'

const facts: Facts = {
  workspace: '0199a000-0000-7000-8000-000000000000',
  id: '0199b000-0000-7000-8000-000000000001',
  at: '2026-11-20T13:55:39.123456Z',
  action: 'shop.invoice.issue',
  outcome: 'done',
  actorKind: 'person',
  actorId: '0199c000-0000-7000-8000-000000000002',
  target: null,
  requestId: '0199e000-0000-7000-8000-000000000003',
}
const payload: Payload = {
  actorName: 'Nadia',
  address: '192.0.2.7',
  userAgent: null,
  input: { b: 1, a: 'é' },
  changes: null,
}
const entry = { ...facts, payload }
const salt = Buffer.alloc(32, 7)
const sha256 = (...parts: (Buffer | string)[]) =>
  createHash('sha256')
    .update(Buffer.concat(parts.map((part) => Buffer.from(part as string))))
    .digest()

test('a leaf is these bytes and no others, and its hash is that of RFC 6962', () => {
  const personal = sha256(
    salt,
    '{"actorName":"Nadia","address":"192.0.2.7","changes":null,"input":{"a":"é","b":1},"userAgent":null}',
  )
  const { bytes, hash, personal: found } = leafOf(entry, 1, null, salt)
  assert.deepEqual(found, personal)
  assert.equal(
    bytes.toString(),
    '{"action":"shop.invoice.issue","actorId":"0199c000-0000-7000-8000-000000000002","actorKind":"person",' +
      '"at":"2026-11-20T13:55:39.123456Z","id":"0199b000-0000-7000-8000-000000000001","outcome":"done",' +
      `"personal":"${personal.toString('base64')}","previous":null,` +
      '"requestId":"0199e000-0000-7000-8000-000000000003",' +
      '"seq":1,"target":null,"version":1,"workspace":"0199a000-0000-7000-8000-000000000000"}',
  )
  assert.deepEqual(hash, sha256(Buffer.from([0]), bytes))
})

test('the next leaf names the one before it', () => {
  const first = leafOf(entry, 1, null, salt)
  const second = leafOf(entry, 2, first.hash, salt)
  assert.ok(second.bytes.includes(`"previous":"${first.hash.toString('base64')}"`))
})

test('whatever of an entry, its place or its salt is another, the leaf is another (row 33)', () => {
  const other = Buffer.alloc(32, 8)
  const leaves = [
    ...Object.keys(facts)
      .filter((field) => field !== 'at')
      .map((field) => leafOf({ ...entry, [field]: 'other' }, 2, other, salt)),
    leafOf({ ...entry, at: '2026-11-20T13:55:39.123457Z' }, 2, other, salt),
    ...Object.keys(payload).map((field) =>
      leafOf({ ...entry, payload: { ...payload, [field]: 'other' } }, 2, other, salt),
    ),
    leafOf(entry, 2, other, salt),
    leafOf(entry, 3, other, salt),
    leafOf(entry, 2, salt, salt),
    leafOf(entry, 2, other, other),
  ]
  assert.equal(new Set(leaves.map(({ hash }) => hash.toString('hex'))).size, leaves.length)
})

test('nothing of the payload is in the leaf, and nothing else that a row carries', () => {
  const row = { ...entry, payload: { ...payload, actorName: 'Nadia Haddad', cost: 1 }, xid: '77', address: '192.0.2.7' }
  const { bytes } = leafOf(row, 1, null, salt)
  for (const word of ['Nadia', '192.0.2.7', 'xid', 'payload', 'cost']) assert.ok(!bytes.includes(word), word)
})

test('without the salt even a payload that is guessed cannot be recognised', () => {
  const hashes = [1, 2, 3].map((byte) => personalHash(payload, Buffer.alloc(32, byte)).toString('hex'))
  assert.equal(new Set(hashes).size, 3)
})

test('what would leave a log that cannot be verified is refused', () => {
  const refused = (make: () => unknown, why: RegExp) => assert.throws(make, { name: 'TypeError', message: why })
  for (const seq of [0, -1, 1.5, NaN, 2 ** 53]) refused(() => leafOf(entry, seq, salt, salt), /place/)
  refused(() => leafOf(entry, 1, salt, salt), /first/)
  refused(() => leafOf(entry, 2, null, salt), /first/)
  refused(() => leafOf(entry, 2, Buffer.alloc(31), salt), /hash has 32/)
  refused(() => leafOf(entry, 1, null, Buffer.alloc(16)), /salt has 32/)
  for (const at of ['2026-11-20T13:55:39.123Z', '2026-11-20 13:55:39.123456+00', '2026-11-20T13:55:39.123456+01:00'])
    refused(() => leafOf({ ...entry, at }, 1, null, salt), /microsecond/)
  refused(() => leafOf({ ...entry, payload: { ...payload, input: { price: 1.5 } } }, 1, null, salt), /canonical/)
  refused(() => leafOf({ ...entry, payload: { ...payload, input: undefined } }, 1, null, salt), /canonical/)
})
