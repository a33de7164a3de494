import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Refusal } from '../contract/refusal.ts'
import { MAX_DEPTH, MAX_KEYS_PER_OBJECT, MAX_VALUES, parseJson } from './json.ts'

/** What a refused body is told; a body that is accepted, or any other error, fails the test. */
function refusedAs(body: string | Buffer): string {
  try {
    parseJson(body)
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error))
    assert.deepEqual([error.status, error.code], [400, 'malformed-json'])
    const [first] = error.errors
    assert.ok(first && error.errors.length === 1)
    assert.ok(first.pointer.isWellFormed())
    return `${first.code}@${first.pointer}`
  }
  throw new assert.AssertionError({ message: `accepted ${String(body).slice(0, 80)}` })
}

const backslash = '\\'
const escaped = (hex: string) => `${backslash}u${hex}`

test('a body that is accepted means what JSON.parse says it means', () => {
  const good = ['{}', '[]', '0', '-0', '""', ' [ 1 , 2 ] ', '{"a":{"b":[true,false,null]}}', '\t\r\n{ "a" : 1 }\n']
  for (const text of [
    ...good,
    `"${escaped('d83d')}${escaped('de00')}"`,
    `"\\"\\\\\\/\\b\\f\\n\\r\\t${escaped('00e9')}"`,
  ]) {
    assert.deepStrictEqual(parseJson(text), JSON.parse(text), text)
    assert.deepStrictEqual(parseJson(Buffer.from(text)), JSON.parse(text), text)
  }
})

const key = fc.string({ unit: 'binary', maxLength: 20 }).filter((name) => isStorable(name) && !FORBIDDEN.has(name))
const text = fc.string({ unit: 'binary' }).filter(isStorable)
const number = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }),
  fc.double({ noNaN: true, min: -1e-300, max: 1e-300 }),
)
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])
const { value: part } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 8 }, text, number, fc.boolean(), fc.constant(null), tie('array'), tie('object')),
  array: fc.array(tie('value'), { maxLength: 6 }),
  object: fc.dictionary(key, tie('value'), { maxKeys: 6, noNullPrototype: true }),
}))

const value = fc.array(part, { minLength: 1, maxLength: 20 })

function isStorable(given: string) {
  return given.isWellFormed() && !given.includes('\u0000')
}

test('whatever JSON.stringify writes, with any spacing, is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(value, fc.constantFrom('', ' ', '\t', '  '), (given, space) => {
      const written = JSON.stringify(given, null, space)
      assert.deepStrictEqual(parseJson(written), JSON.parse(written))
      assert.deepStrictEqual(parseJson(Buffer.from(written)), JSON.parse(written))
    }),
    { numRuns: 500 },
  )
})

test('nothing is accepted that JSON.parse refuses, and nothing is read differently', () => {
  const damage = fc.tuple(
    value,
    fc.nat(),
    fc.constantFrom('', ',', '"', '{', '}', '[', '0', '-', '.', 'e', ' ', '\n', '\\', ':'),
  )
  fc.assert(
    fc.property(damage, ([given, where, mark]) => {
      const whole = JSON.stringify(given)
      const at = where % (whole.length + 1)
      const text = whole.slice(0, at) + mark + whole.slice(mark === '' ? at + 1 : at)
      const ours = read(() => parseJson(text))
      if (ours !== NOTHING) assert.deepStrictEqual(ours, JSON.parse(text), text)
    }),
    { numRuns: 3_000 },
  )
})

const NOTHING = Symbol('nothing')

function read(parse: () => unknown): unknown {
  try {
    return parse()
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error))
    return NOTHING
  }
}

test('any bytes at all end in a value or in a refusal', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void read(() => parseJson(Buffer.from(bytes)))))
  const tokens = fc.array(
    fc.constantFrom('{', '}', '[', ']', '"', ':', ',', 'a', '1', '\\u', 'true', '\ud800', '\u0000'),
  )
  fc.assert(
    fc.property(tokens, (some) => void read(() => parseJson(some.join('')))),
    { numRuns: 1_000 },
  )
})

test('text that is no Unicode is refused, raw or escaped, in values and in keys', () => {
  assert.equal(refusedAs(Buffer.from([0x22, 0xff, 0x22])), 'not-utf8@')
  assert.equal(refusedAs(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])), 'not-utf8@')
  assert.equal(refusedAs(Buffer.from([0x22, 0xc0, 0x80, 0x22])), 'not-utf8@')
  assert.equal(refusedAs(Buffer.from('\ufeff{}')), 'byte-order-mark@')
  assert.equal(refusedAs('\ufeff{}'), 'byte-order-mark@')
  assert.equal(refusedAs('{"a":["\ud800"]}'), 'lone-surrogate@/a/0')
  assert.equal(refusedAs(`{"a":"${escaped('d800')}"}`), 'lone-surrogate@/a')
  assert.equal(refusedAs(`{"a":"${escaped('de00')}${escaped('d83d')}"}`), 'lone-surrogate@/a')
  assert.equal(refusedAs(`{"a":{"${escaped('dfff')}":1}}`), 'lone-surrogate@/a')
})

test('NUL is refused in every spelling and place', () => {
  assert.equal(refusedAs(`{"a":"x${escaped('0000')}"}`), 'nul@/a')
  assert.equal(refusedAs(`{"${escaped('0000')}":1}`), 'nul@')
  assert.equal(refusedAs('["\u0000"]'), 'nul@/0')
  assert.deepEqual(parseJson(`"${backslash}${backslash}u0000"`), `${backslash}u0000`)
})

test('a key that comes twice is refused, however it is spelled', () => {
  assert.equal(refusedAs('{"a":1,"a":1}'), 'duplicate-key@/a')
  assert.equal(refusedAs(`{"x":[{"a":1,"b":2,"${escaped('0061')}":3}]}`), 'duplicate-key@/x/0/a')
  assert.deepEqual(parseJson('{"a":{"a":1},"b":{"a":1}}'), { a: { a: 1 }, b: { a: 1 } })
})

test('keys that reach into the language are refused at any depth, and no prototype is touched', () => {
  for (const name of FORBIDDEN) assert.equal(refusedAs(`[{"deep":{"${name}":{}}}]`), `forbidden-key@/0/deep/${name}`)
  assert.equal(refusedAs(`{"${escaped('005f')}_proto__":{"polluted":1}}`), 'forbidden-key@/__proto__')
  const object = parseJson('{"toString":1,"hasOwnProperty":2}') as Record<string, unknown>
  assert.equal(Object.getPrototypeOf(object), Object.prototype)
  assert.deepEqual(Object.keys(object), ['toString', 'hasOwnProperty'])
  assert.equal('polluted' in {}, false)
})

test('a number that would become another number is refused', () => {
  for (const literal of [
    '9007199254740991',
    '-9007199254740991',
    '1.10',
    '0.1',
    '1e3',
    '1E+15',
    '5e-324',
    '100.0e-2',
    '-0.0',
  ])
    assert.ok(Object.is(parseJson(literal), JSON.parse(literal)), literal)
  for (const literal of ['9007199254740992', '-9007199254740993', '1e16', '1e400', '-1e400', '9'.repeat(60)])
    assert.equal(refusedAs(`{"n":${literal}}`), 'number-out-of-range@/n', literal)
  for (const literal of ['1e-400', '0.1000000000000000055511151231257827', '4503599627370497.3', `0.${'0'.repeat(70)}`])
    assert.equal(refusedAs(`[0,${literal}]`), 'inexact-number@/1', literal)
})

test('what is almost JSON is refused', () => {
  const almost = [
    '',
    ' ',
    '{',
    '}',
    '[1,]',
    '{"a":1,}',
    '[,1]',
    '{,}',
    '[1 2]',
    '{"a" 1}',
    '{a:1}',
    "{'a':1}",
    '01',
    '+1',
    '.5',
    '1.',
  ]
  const more = [
    '1e',
    '-',
    'NaN',
    'Infinity',
    'nul',
    'TRUE',
    '"',
    '"\\x"',
    '"\\u12"',
    '"\\u12g4"',
    '"\n"',
    '{}{}',
    '[] x',
    '/**/1',
  ]
  for (const given of [...almost, ...more, '\u00a01', '{"a":1 "b":2}', 'undefined', '[1}', '{"a":1]']) {
    assert.match(refusedAs(given), /^syntax@/, given)
    assert.throws(() => JSON.parse(given))
  }
})

test('limits hold, and one below them nothing is refused', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  assert.doesNotThrow(() => parseJson(nested(MAX_DEPTH)))
  assert.match(refusedAs(nested(MAX_DEPTH + 1)), /^too-deep@/)
  assert.match(refusedAs('['.repeat(100_000)), /^too-deep@/)
  assert.match(refusedAs('{"a":'.repeat(100_000)), /^too-deep@(\/a){32}$/)
  assert.doesNotThrow(() => parseJson(`[${'0,'.repeat(MAX_VALUES - 2)}0]`))
  assert.match(refusedAs(`[${'0,'.repeat(MAX_VALUES - 1)}0]`), /^too-many-values@/)
  const keyed = (count: number) => `{${Array.from({ length: count }, (_, index) => `"k${index}":0`).join()}}`
  assert.doesNotThrow(() => parseJson(keyed(MAX_KEYS_PER_OBJECT)))
  assert.match(refusedAs(keyed(MAX_KEYS_PER_OBJECT + 1)), /^too-many-keys@/)
  assert.match(refusedAs(`{"${'k'.repeat(257)}":0}`), /^key-too-long@$/)
})

test('a pointer is escaped as the standard says', () => {
  assert.equal(refusedAs('{"a/b~c":[0,x]}'), 'syntax@/a~1b~0c/1')
})

test('a body of one MiB is read in less time than a person notices', () => {
  const rows = Array.from({ length: 9_000 }, (_, index) => ({
    id: index,
    name: `customer ${index}`,
    amount: index * 1.1,
    note: 'é\n',
  }))
  const body = Buffer.from(JSON.stringify({ rows }))
  assert.ok(body.length > 500_000)
  const started = performance.now()
  parseJson(body)
  assert.ok(performance.now() - started < 1_000)
})
