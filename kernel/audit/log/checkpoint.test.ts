import assert from 'node:assert/strict'
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkpointText, openCheckpoint, readCheckpoint, type Trust } from './checkpoint.ts'
import { cosignatureVerifier, cosignedAt_s, cosigner } from './cosignature.ts'
import { keyName, KIND, verifierKey } from './key.ts'
import { noteSigner, noteVerifier, openNote, signatureLine, signNote, Untrusted } from './note.ts'
import { EMPTY_ROOT, leafHash } from './tree.ts'

const origin = 'audit.example.com/log'
const NOW_S = 1_795_000_000
const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey
const [key, formerKey, oneKey, twoKey] = [newKey(), newKey(), newKey(), newKey()]
const logKey = (of: KeyObject) => noteVerifier(verifierKey(origin, of, KIND.note))
const witness = (name: string, of: KeyObject) => cosignatureVerifier(verifierKey(name, of, KIND.cosignature))
const trust = {
  origin,
  log: [logKey(key), logKey(formerKey)],
  witnesses: [witness('one.example', oneKey), witness('two.example', twoKey)],
} satisfies Trust

const root = leafHash(Buffer.from('root'))
const text = checkpointText({ origin, size: 20_852_163, root })
const note = signNote(text, [noteSigner(origin, key)])
const seenBy = (name: string, of: KeyObject, at_s = NOW_S) => signatureLine(text, cosigner(name, of, at_s))
const open = (any: string | Uint8Array, whom: Trust = trust) => openCheckpoint(Buffer.from(any), whom)
const refused = (any: string | Uint8Array, code: Untrusted['code'], whom: Trust = trust) =>
  assert.throws(
    () => open(any, whom),
    (error) => error instanceof Untrusted && error.code === code,
    String(any),
  )

test('the example of the standard is read, and written the same', () => {
  const body = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
  const checkpoint = readCheckpoint(body)
  assert.deepEqual([checkpoint.origin, checkpoint.size], ['example.com/behind-the-sofa', 20_852_163])
  assert.equal(checkpointText(checkpoint), body)
})

test('every checkpoint is read as it was written', () => {
  const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.maxSafeNat(), hash, (size, bytes) => {
      const checkpoint = { origin, size, root: size === 0 ? EMPTY_ROOT : bytes }
      assert.deepEqual(readCheckpoint(checkpointText(checkpoint)), checkpoint)
    }),
  )
})

test('what is no checkpoint is refused: other numbers, other base64, more lines, fewer, or a root of nothing', () => {
  const coded = root.toString('base64')
  const lines = (...all: string[]) => all.map((line) => `${line}\n`).join('')
  const sizes = [
    '',
    '-1',
    '01',
    '+1',
    '1.0',
    '1e3',
    '0x10',
    ' 1',
    '1 ',
    '1_000',
    '٣',
    'NaN',
    '9007199254740992',
    '1'.repeat(400),
  ]
  const roots = [
    '',
    coded.slice(1),
    `${coded}=`,
    coded.replace('=', ''),
    `${coded} `,
    root.toString('hex'),
    root.toString('base64url'),
  ]
  const bodies = [
    ...sizes.map((size) => lines(origin, size, coded)),
    ...roots.map((each) => lines(origin, '1', each)),
    ...['', ' ', 'a b', 'a+b', 'a\tb'].map((name) => lines(name, '1', coded)),
    ...[Buffer.alloc(31), Buffer.alloc(33)].map((each) => lines(origin, '1', each.toString('base64'))),
    lines(origin, '0', coded),
    lines(origin, '1', coded, 'an extension'),
    lines(origin, '1', coded, ''),
    lines(origin, '1'),
    lines(origin, '1', coded).trimEnd(),
    `\n${lines(origin, '1', coded)}`,
    `${lines(origin, '1', coded)}an end without a line`,
    '',
  ]
  for (const body of bodies) {
    assert.throws(() => readCheckpoint(body), Untrusted, JSON.stringify(body))
    if (body.endsWith('\n')) assert.throws(() => open(signNote(body, [noteSigner(origin, key)])), Error)
  }
  for (const odd of [{ size: -1 }, { size: 0.5 }, { size: 0 }, { origin: 'a b' }, { root: Buffer.alloc(31) }])
    assert.throws(() => checkpointText({ origin, size: 7, root, ...odd }), Untrusted, JSON.stringify(odd))
  assert.equal(readCheckpoint(checkpointText({ origin, size: 0, root: EMPTY_ROOT })).size, 0)
})

test('a checkpoint counts when its log signed it, with this key or one it had before', () => {
  assert.deepEqual(open(note), { origin, size: 20_852_163, root, seen: [] })
  assert.equal(open(signNote(text, [noteSigner(origin, formerKey)])).size, 20_852_163)
  refused(signNote(text, [noteSigner(origin, newKey())]), 'unsigned')
  refused(signNote(text, [noteSigner('example.com/other', key)]), 'unsigned')
  refused(signNote(text.replace(origin, 'example.com/other'), [noteSigner(origin, key)]), 'forged')
})

test('witnesses alone are not the log', () => {
  refused(`${text}\n${seenBy('one.example', oneKey)}${seenBy('two.example', twoKey)}`, 'unsigned')
})

test('who has seen a checkpoint, and when, comes with it; who is not known does not', () => {
  const all =
    note + seenBy('two.example', twoKey) + seenBy('three.example', newKey()) + seenBy('one.example', oneKey, 7)
  assert.deepEqual(open(all).seen, [
    { witness: 'one.example', at_s: 7 },
    { witness: 'two.example', at_s: NOW_S },
  ])
  assert.deepEqual(open(all, { origin, log: trust.log }).seen, [])
})

test('a witness signs what c2sp.org/tlog-cosignature says: two lines of its own, then the text', () => {
  const { by } = openNote(Buffer.from(note + seenBy('one.example', oneKey)), trust.witnesses)
  const [signature] = [...by.values()]
  const message = Buffer.from(`cosignature/v1\ntime ${NOW_S}\n${text}`)
  assert.deepEqual(signature!.subarray(8), sign(null, message, oneKey))
  assert.equal(signature!.readBigUInt64BE(), BigInt(NOW_S))
  assert.equal(cosignedAt_s(signature!), NOW_S)
})

test('a cosignature with any byte changed, cut, or grown is refused (row 33)', () => {
  const verifier = trust.witnesses[0]!
  const bytes = cosigner('one.example', oneKey, NOW_S).sign(Buffer.from(text))
  assert.ok(verifier.verify(Buffer.from(text), bytes))
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1 << (at % 8)
    assert.ok(!verifier.verify(Buffer.from(text), changed), String(at))
    assert.ok(!verifier.verify(Buffer.from(text), bytes.subarray(0, at)), String(at))
  }
  assert.ok(!verifier.verify(Buffer.from(text), Buffer.concat([bytes, Buffer.of(0)])))
  assert.ok(!verifier.verify(Buffer.from(`${text}\n`), bytes))
  const unwitnessed = signatureLine(text, {
    ...keyName('one.example', oneKey, KIND.cosignature),
    sign: () => bytes.subarray(0, 7),
  })
  refused(note + unwitnessed, 'forged')
})

test('a witness cannot speak of a time that is none', () => {
  for (const at_s of [-1, 0.5, NaN, Infinity]) assert.throws(() => seenBy('one.example', oneKey, at_s), RangeError)
  const far = Buffer.alloc(8)
  far.writeBigUInt64BE(2n ** 53n)
  const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${2n ** 53n}\n${text}`), oneKey)
  assert.ok(!trust.witnesses[0]!.verify(Buffer.from(text), Buffer.concat([far, signature])))
})

test('whatever byte of a checkpoint is changed, it is refused or says the same with a witness less (row 33)', () => {
  const alone = Buffer.from(note)
  const both = Buffer.from(note + seenBy('one.example', oneKey))
  for (let at = 0; at < both.length; at++) {
    const [single, double] = [Buffer.from(alone), Buffer.from(both)]
    double[at]! ^= 1 << (at % 7)
    if (at < single.length) {
      single[at]! ^= 1 << (at % 7)
      assert.throws(() => open(single), Untrusted, `byte ${at}`)
    }
    try {
      assert.deepEqual(open(double), { origin, size: 20_852_163, root, seen: [] }, `byte ${at}`)
    } catch (error) {
      assert.ok(error instanceof Untrusted, `byte ${at}: ${String(error)}`)
    }
  }
})
