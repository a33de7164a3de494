import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { base32, codeAt, enrolmentUri, matchingStep, newSecret, stepOf } from './totp.ts'

const STEP_MS = 30_000
const secret = Buffer.from('12345678901234567890')
const NOW_MS = Date.UTC(2026, 10, 20, 9)
const now = stepOf(NOW_MS)
const match = (typed: string, at_ms = NOW_MS, lastStep = 0) => matchingStep(secret, typed, at_ms, lastStep)

/** RFC 6238 appendix B, the rows of SHA-1: the last six of its eight digits. */
const VECTORS: [seconds: number, code: string][] = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
]

test('the codes are those of RFC 6238 appendix B', () => {
  for (const [seconds, code] of VECTORS) {
    assert.equal(codeAt(secret, stepOf(seconds * 1_000)), code.slice(2))
    assert.equal(match(code.slice(2), seconds * 1_000), Math.floor(seconds / 30))
  }
})

const oath = (args: string[]) => spawnSync('oathtool', args, { encoding: 'utf8' })
const noOath = oath(['--version']).error ? 'oathtool is not installed: apt-get install oathtool' : false

test('oathtool gives the same codes for 60 random secrets and times', { skip: noOath }, () => {
  for (let round = 0; round < 60; round++) {
    const own = newSecret()
    const seconds = randomInt(4_000_000_000)
    const { stdout, stderr } = oath(['--totp', '--base32', '--now', `@${seconds}`, '--window', '2', base32(own)])
    const step = stepOf(seconds * 1_000)
    const codes = [step, step + 1, step + 2].map((each) => codeAt(own, each))
    assert.deepEqual(stdout.trim().split('\n'), codes, stderr)
  }
})

test('a code counts in its step and the next, and neither before nor after (ASVS 6.5.5, 6.5.8)', () => {
  const code = codeAt(secret, now)
  const start_ms = now * STEP_MS
  assert.equal(match(code, start_ms - 1), undefined, 'a millisecond early')
  for (const at_ms of [start_ms, start_ms + STEP_MS - 1, start_ms + STEP_MS, start_ms + 2 * STEP_MS - 1])
    assert.equal(match(code, at_ms), now)
  assert.equal(match(code, start_ms + 2 * STEP_MS), undefined, 'a minute after it began')
})

test('a code works once: not again, not in the next step, and no earlier one after it (ASVS 6.5.1, row 15)', () => {
  const [earlier, current] = [codeAt(secret, now - 1), codeAt(secret, now)]
  assert.equal(match(current), now)
  assert.equal(match(current, NOW_MS, now), undefined, 'the same again')
  assert.equal(match(current, NOW_MS + STEP_MS, now), undefined, 'the same in the next step')
  assert.equal(match(earlier, NOW_MS, now), undefined, 'the one before')
  assert.equal(match(earlier, NOW_MS, now - 2), now - 1)
  assert.equal(match(current, NOW_MS, now - 1), now, 'the late one does not use up the next')
})

test('two steps that share a code are both used up by it (row 15)', () => {
  const code = codeAt(secret, TWIN)
  assert.equal(codeAt(secret, TWIN - 1), code)
  assert.equal(match(code, TWIN * STEP_MS), TWIN)
  assert.equal(match(code, TWIN * STEP_MS, TWIN), undefined)
})

/** Found by trying: one step in a million has the code of the step before. */
const TWIN = 59_061_241

test('whatever is tried in whatever order, each step is accepted at most once and never backwards (row 15)', () => {
  const tries = fc.array(fc.record({ step: fc.integer({ min: 0, max: 5 }), wait: fc.integer({ min: 0, max: 2 }) }), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), tries, (own, all) => {
      const accepted: number[] = []
      let at = now
      for (const { step, wait } of all) {
        at += wait
        const typed = codeAt(own, at - step + 1)
        const took = matchingStep(own, typed, at * STEP_MS, accepted.at(-1) ?? 0)
        if (took === undefined) continue
        assert.equal(codeAt(own, took), typed)
        assert.ok(took === at || took === at - 1)
        accepted.push(took)
      }
      assert.deepEqual(
        accepted,
        [...new Set(accepted)].sort((a, b) => a - b),
      )
    }),
  )
})

test('a code is read as people type it', () => {
  const code = codeAt(secret, now)
  const digits = (zero: number) =>
    code
      .split('')
      .map((digit) => String.fromCodePoint(zero + Number(digit)))
      .join('')
  const halves = `${code.slice(0, 3)} ${code.slice(3)}`
  for (const typed of [code, halves, ` ${code}\n`, halves.replace(' ', '\u00A0'), halves.replace(' ', '-')])
    assert.equal(match(typed), now, typed)
  for (const zero of ['\u0660', '\u06F0', '\uFF10']) assert.equal(match(digits(zero.codePointAt(0)!)), now, zero)
  assert.equal(match(`\u202B\u200F${digits(0x06_60)}\u202C`), now, 'copied out of a line that runs from the right')
})

test('what is no code is no code', () => {
  const code = codeAt(secret, now)
  for (const typed of ['', ' ', code.slice(1), `${code}0`, `${code}${code}`, '-12345', '1e5000', '0x1234', 'abcdef'])
    assert.equal(match(typed), undefined, typed)
  assert.equal(match(code + ' '.repeat(100)), undefined)
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (typed) => void match(typed)))
})

test('a secret is 20 bytes out of the system, never the same (ASVS 6.5.3)', () => {
  const secrets = new Set(Array.from({ length: 1_000 }, () => base32(newSecret())))
  assert.equal(secrets.size, 1_000)
  for (const each of secrets) assert.match(each, /^[A-Z2-7]{32}$/)
})

/** As an app reads it: undone by hand, so that it does not share a mistake with what wrote it. */
function appReads(uri: string) {
  const { protocol, host, pathname, searchParams } = new URL(uri)
  const [issuer, account, ...more] = decodeURIComponent(pathname.slice(1)).split(':')
  assert.deepEqual([protocol, host, more], ['otpauth:', 'totp', []])
  assert.equal(searchParams.get('issuer'), issuer)
  return { issuer, account, ...Object.fromEntries(searchParams) }
}

test('the address of an enrolment says who and how, whatever the names are made of', () => {
  const plain = appReads(enrolmentUri({ secret, issuer: 'Ashgrove & Sons', account: 'sam+2fa@ashgrove.example' }))
  assert.deepEqual(plain, {
    issuer: 'Ashgrove & Sons',
    account: 'sam+2fa@ashgrove.example',
    secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  })
  const letters = fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom(...AWKWARD))
  const names = fc.string({ unit: letters, minLength: 1, maxLength: 90 })
  fc.assert(
    fc.property(names, names, (issuer, account) => {
      const uri = enrolmentUri({ secret, issuer, account })
      assert.match(uri, /^otpauth:\/\/totp\/[\w%:.!~*'()-]+\?secret=[A-Z2-7]{32}&issuer=[\w%.!~*'()-]+&[\w=&]+$/)
      assert.ok(appReads(uri).issuer && uri.length < 1_500)
    }),
  )
})

/** What ends a part of an address, and halves of letters that are none alone. */
const AWKWARD = [':', '%3A', '?', '&', '#', '/', ' ', 'ض', '👍', '\uD83D', '\uDC4D']

test('base32 is that of RFC 4648 § 10, and loses no bit', () => {
  const vectors = { f: 'MY', fo: 'MZXQ', foo: 'MZXW6', foob: 'MZXW6YQ', fooba: 'MZXW6YTB', foobar: 'MZXW6YTBOI' }
  for (const [text, coded] of Object.entries(vectors)) assert.equal(base32(Buffer.from(text)), coded)
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bytes = randomBytes(20)
  const number = Array.from(base32(bytes)).reduce((sum, letter) => sum * 32n + BigInt(letters.indexOf(letter)), 0n)
  assert.equal(number.toString(16).padStart(40, '0'), bytes.toString('hex'))
})
