import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Refusal } from '../../contract/refusal.ts'
import { codePoints, readPassword } from './password.ts'

const says =
  (code: string, pointer = '/password') =>
  (error: unknown) => {
    assert.ok(error instanceof Refusal)
    assert.deepEqual([error.status, error.code, error.errors], [400, code, [{ pointer, code }]])
    return true
  }

test('two spellings of the same characters are one password; nothing else is changed (ASVS 6.2.8)', () => {
  const same = fc.string({ unit: 'binary', maxLength: 30 })
  fc.assert(
    fc.property(same, (text) => {
      const read = readPassword(text)
      assert.equal(readPassword(text.normalize('NFD')), read)
      assert.equal(readPassword(read), read)
    }),
  )
  const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 128 })
  fc.assert(fc.property(ascii, (text) => assert.equal(readPassword(text), text)))
  for (const text of ['', ' ', '\ttab and space ', 'NUL\u0000inside', 'ﬁ ① Å', 'ÀÉ', 'كلمة السرّ'])
    assert.equal(readPassword(text), text.normalize('NFC'))
})

test('128 code points of any script are accepted and 129 are not (ASVS 6.2.9)', () => {
  for (const one of ['a', 'é', 'e\u0301', 'م', '漢', '🔑', '𝒜', ' ', '\u0390', '\u1F82'.normalize('NFD')]) {
    assert.equal(codePoints(readPassword(one.repeat(128))), 128, one)
    assert.throws(() => readPassword(one.repeat(129)), says('password_too_long'), one)
  }
})

test('more accents than any password has are refused before anything is composed', (t) => {
  const composes = t.mock.method(String.prototype, 'normalize')
  const accents = '\u0316\u0301'.repeat(5_000)
  assert.throws(() => readPassword(`a${accents}`, '/new'), says('password_too_long', '/new'))
  assert.equal(composes.mock.callCount(), 0)
})

test('a half of a character is refused: it would become the same replacement as every other half', () => {
  for (const half of ['\ud83d', '\udd11', 'a\ud83d', '\udd11\ud83d', `${'a'.repeat(20)}\ud800`])
    assert.throws(() => readPassword(half), says('password_not_text'))
})
