import assert from 'node:assert/strict'
import { hash, randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonical } from '../../log/canonical.ts'
import { halfHash, leafFrom, sealable } from '../../log/leaf.ts'
import { leafText, saltedHash, whatText, whoText } from './text.ts'

/** Faster, and letter for letter the same. */
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((one) => one.isWellFormed())
const perhaps = fc.option(text)
const json = fc.jsonValue({ stringUnit: 'grapheme' }).map((value) => JSON.stringify(value))

test('who it was is written as the log’s own part writes it', () => {
  const who = fc.record({ actorName: text, address: perhaps, userAgent: perhaps })
  fc.assert(fc.property(who, (one) => assert.equal(whoText(one), canonical(one))))
})

test('what was said is written as it is where it can be, and as a text where it cannot', () => {
  const same = (input: string | null, changes: string | null) => {
    const value = { input: sealable(input), changes: sealable(changes) }
    assert.equal(whatText(input, changes), canonical(value))
    const salt = randomBytes(32)
    assert.deepEqual(saltedHash(salt, whatText(input, changes)), halfHash(value, salt))
  }
  fc.assert(fc.property(fc.option(json), fc.option(json), same), { numRuns: 500 })
  const spaced = (value: unknown) => JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ')
  const numbers = ['0', '-0', '1', '-1', '1.0', '0.5', '-7.25', '1e3', '1E3', '123456789012345', '1234567890123456']
  const more = ['9007199254740991', '9007199254740992', '-9007199254740993', '12345678901234567890123', '1e400', '-0.0']
  for (const number of [...numbers, ...more])
    for (const around of [
      number,
      `[${number}]`,
      `[1, ${number}]`,
      `{"a": ${number}, "b": [{"c":${number}}]}`,
      `" ${number}"`,
    ])
      same(around, `{"of": "x", "n": ${around}}`)
  for (const depth of [50, 98, 99, 100, 101, 150, 190, 195, 196, 197, 198, 199, 200, 201, 5_000])
    same(`${'['.repeat(depth)}${']'.repeat(depth)}`, `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
  for (const odd of [
    '{"__proto__": 1, "10": 2, "9": 3, "": 4}',
    '"\\u2028\\u007f</script>"',
    spaced({ b: [1, { a: null }] }),
  ])
    same(odd, null)
  same(`"${'م'.repeat(100_000)}"`, null)
})

test('a leaf is written as the log’s own part writes it', () => {
  const facts = fc.record({
    workspace: fc.uuid(),
    id: fc.uuid(),
    transaction: fc.bigInt({ min: 3n, max: 2n ** 64n - 1n }).map(String),
    at: fc.constant('2026-11-20T13:55:39.123456Z'),
    action: text,
    outcome: text,
    actorKind: text,
    actorId: text,
    target: perhaps,
    requestId: text,
  })
  const [who, what, previous] = ['who', 'what', 'previous'].map((one) => hash('sha256', one, 'buffer'))
  const halves = { who: who!, what: what! }
  fc.assert(
    fc.property(facts, fc.maxSafeNat(), (one, seq) => {
      const more = { ...one, workspace: randomUUID(), found: 3 }
      assert.equal(leafText(more, seq, previous!, halves), canonical(leafFrom(more, seq, previous!, halves)))
      assert.equal(leafText(more, 1, null, halves), canonical(leafFrom(more, 1, null, halves)))
    }),
  )
})
