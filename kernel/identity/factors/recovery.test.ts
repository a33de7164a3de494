import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { digestOf, newCodes } from './recovery.ts'

const LETTERS = '0123456789ACDEFGHJKMNPQRTVWXY'

test('codes come by tens, grouped, and never twice (ASVS 6.5.3)', () => {
  const sheets = Array.from({ length: 500 }, newCodes)
  for (const sheet of sheets) assert.equal(sheet.length, 10)
  const codes = sheets.flat()
  assert.equal(new Set(codes).size, 5_000)
  for (const code of codes) assert.match(code, /^(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}$/)
})

test('a code holds more than 112 bits, so that a fast digest may be stored (ASVS 6.5.2, 6.5.4)', () => {
  const letters = newCodes()[0]!.replaceAll('-', '').length
  const drawn = new Set(Array.from({ length: 200 }, newCodes).flat().join(''))
  drawn.delete('-')
  assert.equal([...drawn].sort().join(''), LETTERS)
  assert.ok(letters * Math.log2(drawn.size) >= 112)
})

test('every letter is as likely (ASVS 6.5.3)', () => {
  const drawn = Array.from({ length: 1_000 }, newCodes).flat().join('').replaceAll('-', '')
  const mean = drawn.length / LETTERS.length
  const counts = LETTERS.split('').map((letter) => drawn.split(letter).length - 1)
  const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0)
  // With 28 degrees of freedom a fair draw exceeds this less than once in 10^10 runs; a byte modulo 29 gives some 450.
  assert.ok(chiSquare < 110, `${chiSquare}`)
})

test('a code is recognised however it is typed', () => {
  for (const code of newCodes()) {
    const digest = digestOf(code)
    assert.match(digest ?? '', /^[0-9a-f]{64}$/)
    const arabic = code.replace(/\d/g, (digit) => String.fromCodePoint(0x06_60 + Number(digit)))
    const spaced = code.replaceAll('-', ' ')
    const bare = code.replaceAll('-', '')
    for (const typed of [code.toLowerCase(), spaced, bare, ` ${code}\r\n`, code.replaceAll('-', '\u2013'), arabic])
      assert.equal(digestOf(typed), digest, typed)
  }
})

test('a letter that was left out reads as the one it looks like', () => {
  const looks: [string, string][] = [
    ['O', '0'],
    ['I', '1'],
    ['L', '1'],
    ['Z', '2'],
    ['S', '5'],
    ['B', '8'],
    ['U', 'V'],
  ]
  for (const [typed, meant] of looks) {
    assert.ok(!LETTERS.includes(typed), typed)
    for (const each of [typed, typed.toLowerCase()])
      assert.equal(digestOf(`7777-7777-7777-7777-7777-777${each}`), digestOf(`7777-7777-7777-7777-7777-777${meant}`))
  }
})

test('one letter changed, left out or doubled is another code or none (ASVS 6.5.1)', () => {
  const [code] = newCodes() as [string]
  const digests = new Set([digestOf(code)])
  const bare = code.replaceAll('-', '')
  for (let at = 0; at < bare.length; at++) {
    const other = LETTERS[(LETTERS.indexOf(bare[at]!) + 1) % LETTERS.length]!
    digests.add(digestOf(bare.slice(0, at) + other + bare.slice(at + 1)))
    assert.equal(digestOf(bare.slice(0, at) + bare.slice(at + 1)), undefined)
    assert.equal(digestOf(bare.slice(0, at) + bare[at]! + bare.slice(at)), undefined)
  }
  assert.equal(digests.size, 25)
  assert.ok(!digests.has(undefined))
})

test('what is no code has no digest', () => {
  for (const typed of ['', '-', '123456', 'Ж'.repeat(24), '7'.repeat(23), '7'.repeat(25), '7'.repeat(5_000)])
    assert.equal(digestOf(typed), undefined, typed)
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 22 }), (typed) => void digestOf(typed)))
})
