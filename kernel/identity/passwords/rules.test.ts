import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dictionary } from '@zxcvbn-ts/language-common'
import fc from 'fast-check'
import { Refusal } from '../../contract/refusal.ts'
import { insistOnPassword } from './rules.ts'

const context = [
  'Vouchsafe',
  'Jeweller',
  'Al Noor Gold & Silver',
  'Zaynab Rahmān',
  'z.rahman@alnoor.example',
  'ذهب النور',
]

/** The code of the rule that says no. */
function refusalOf(password: string, hasSecondFactor = false, words: readonly string[] = context): string | undefined {
  try {
    insistOnPassword(password, { hasSecondFactor, context: words, pointer: '/new' })
    return undefined
  } catch (error) {
    assert.ok(error instanceof Refusal)
    assert.deepEqual([error.status, error.errors], [400, [{ pointer: '/new', code: error.code }]])
    return error.code
  }
}

test('15 characters, or 8 with a second factor; at most 128; each code point counts one (ASVS 6.2.1, 6.2.9)', () => {
  const text = 'tqzmwkvhxjrbnglpfdsc'
  for (const [length, hasSecondFactor, code] of [
    [0, false, 'password_too_short'],
    [14, false, 'password_too_short'],
    [15, false, undefined],
    [7, true, 'password_too_short'],
    [8, true, undefined],
  ] as const)
    assert.equal(refusalOf(text.slice(0, length), hasSecondFactor), code, `${length}`)
  const keys = Array.from('🔑🐪🌴🧿🪔🫖🕌🐎⛵🌊🏜🪙💍🧵🪡')
  assert.equal(refusalOf(keys.slice(0, 14).join('')), 'password_too_short', 'units of a character do not count')
  assert.equal(refusalOf(keys.slice(0, 15).join('')), undefined)
  assert.equal(refusalOf('e\u0301'.repeat(8) + 'tqzmwk'), 'password_too_short', 'nor do the parts of one')
  const sentence = 'a long sentence about nothing that anyone would guess from outside, '.repeat(3)
  assert.equal(refusalOf(sentence.slice(0, 128)), undefined)
  assert.equal(refusalOf(sentence.slice(0, 129)), 'password_too_long')
})

test('no kind of character is asked for (ASVS 6.2.5)', () => {
  const sentences = [
    'river lamp seven yonder',
    'نخلة طويلة قرب البيت القديم',
    '漢字仮名交文章例題長大河山川海',
    '839201748261930',
    '$%^&*!@#~+=-_{}',
    'abc$%^&*!@#~+=-',
  ]
  for (const sentence of sentences) assert.equal(refusalOf(sentence), undefined, sentence)
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz')
  const long = fc.array(fc.constantFrom(...letters), { minLength: 30, maxLength: 60 }).map((all) => all.join(''))
  fc.assert(fc.property(long, (text) => new Set(text).size < 10 || refusalOf(text, false, []) === undefined))
})

test('the most common that are long enough are refused, however they are written (ASVS 6.2.4, 6.2.12)', () => {
  const listed = dictionary['passwords-common']
  const long = listed.filter((entry) => entry.length >= 8)
  assert.ok(listed.length >= 49_000 && long.length >= 17_000)
  for (const entry of long) assert.equal(refusalOf(entry, true, []), 'password_common', entry)
  for (const entry of long.slice(0, 3_000))
    for (const text of [entry.toUpperCase(), `${entry}${entry}`, `${entry}!`, `${entry}-${entry}`])
      assert.equal(refusalOf(text, true, []), 'password_common', text)
})

test('what people make of a common one to reach fifteen is common as well (ASVS 6.2.12)', () => {
  const made = [
    'passwordpassword',
    'Password Password 2026!',
    'password12345678',
    'Pässword-Pässword',
    'sunshinefootball',
    '2026sunshinefootball99',
    'aaaaaaaaaaaaaaa',
    'abcabcabcabcabc',
    'hello hello hello',
    '123456789012345',
    'qwertyuiopasdfgh',
    'abcdefghijklmnop',
    'ZYXWVUTSRQPONMLK',
    'ＰＡＳＳＷＯＲＤpassword',
    'ابتثابتثابتثابتث',
    '١١١١١١١١١١١١١١١',
  ]
  for (const text of made) assert.equal(refusalOf(text, false, []), 'password_common', text)
})

test('the words of this place and of this person do not make a password (ASVS 6.1.2, 6.2.11)', () => {
  const made = [
    'vouchsafejeweller',
    'Jeweller.Vouchsafe.1',
    'Vouchsafe-2026-2026',
    'AlNoorGoldSilver',
    'al-noor gold & silver 2026',
    'ZAYNABRAHMAN1990',
    'Zaynab Rahmān 1990!',
    'zrahman@alnoor.example',
    'quartz example vouchsafe',
    'vouchsafe93718264',
    'zaynab-sunshine-2026',
    'vouchsafepassword1',
    'ذهب النور ذهب النور',
    'ذَهَب-النُّور-2026',
  ]
  for (const text of made) assert.equal(refusalOf(text), 'password_guessable', text)
  for (const text of made.slice(0, 2))
    assert.equal(refusalOf(text, false, []), undefined, 'elsewhere they are no words')
})

test('such a word beside others is no reason to refuse, nor is a very short one', () => {
  const fine = ['Vouchsafe opens at dawn tomorrow', 'zaynab feeds seven camels', 'river lamp al seven yonder']
  for (const text of fine) assert.equal(refusalOf(text), undefined, text)
  assert.equal(refusalOf('river lamp seven yonder', false, ['', ' ', 'a', 'r.i.v.e.r', '@']), undefined)
})

test('the answer names the rule and nothing of the password or the list', () => {
  for (const [text, words] of [
    ['sunshinefootball', []],
    ['Vouchsafe-2026-2026', context],
  ] as const)
    assert.throws(
      () => insistOnPassword(text, { hasSecondFactor: false, context: words }),
      (error) => {
        assert.ok(error instanceof Refusal)
        const all = JSON.stringify([error, error.message, error.inside]).toLowerCase()
        return !['sunshine', 'football', 'vouchsafe', '2026'].some((word) => all.includes(word))
      },
    )
})
