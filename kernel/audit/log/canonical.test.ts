import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonical } from './canonical.ts'

const refused = (value: unknown) => assert.throws(() => canonical(value), { name: 'TypeError', message: /canonical/ })

test('keys stand in the order of their UTF-16 units, as in RFC 8785, 3.2.3', () => {
  const sample = JSON.parse(
    '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",' +
      '"\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
  ) as object
  const values = [...canonical(sample).matchAll(/:"([^"]+)"/g)].map((match) => match[1])
  assert.deepEqual(values, [
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ])
})

test('texts are escaped as little as possible, as in RFC 8785, 3.2.2', () => {
  const sample = JSON.parse('{"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/"}') as object
  const written = '7b22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d'
  assert.equal(Buffer.from(canonical(sample)).toString('hex'), written)
  const short = ['"\\b\\t\\n\\f\\r"', '"\\u0000\\u001f"', '"\u007f\u0080\u2028\u2029</script>"']
  for (const text of short) assert.equal(canonical(JSON.parse(text)), text)
})

test('numbers in keys are texts, and an own __proto__ is a key like any other', () => {
  const written = '{"":"","1":1,"10":{"F":5,"f":[]},"9":9,"__proto__":{"a":null},"a":{}}'
  const sample = JSON.parse('{"9":9,"a":{},"10":{"f":[],"F":5},"1":1,"__proto__":{"a":null},"":""}') as object
  assert.equal(canonical(sample), written)
})

test('what is written again is the same, whatever the order it came in', () => {
  const one = canonical({ b: [1, { d: true, c: null }], a: -7 })
  assert.equal(one, '{"a":-7,"b":[1,{"c":null,"d":true}]}')
  assert.equal(canonical(JSON.parse(one)), one)
  assert.equal(canonical(Object.assign(Object.create(null) as object, { b: 1, a: 2 })), '{"a":2,"b":1}')
})

test('whole numbers are taken as far as they are counted exactly, and no other', () => {
  const whole = [0, -0, 1, -1, 56.0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER].map(canonical)
  assert.deepEqual(whole, ['0', '0', '1', '-1', '56', '9007199254740991', '-9007199254740991'])
  for (const number of [0.5, 4.5, 1e30, 2 ** 53, -(2 ** 53), NaN, Infinity, -Infinity]) refused([number])
})

test('what JSON would drop, change or guess at is refused', () => {
  for (const value of [undefined, 1n, Symbol('a'), () => 1]) {
    refused(value)
    refused({ a: value })
    refused([value])
  }
  for (const value of [new Date(0), new Map(), Buffer.from('a'), /a/, new (class A {})()]) refused({ a: value })
  const sparse: unknown[] = []
  sparse[1] = 1
  refused(sparse)
  refused({ [Symbol('a')]: 1 })
  refused(Object.defineProperty({}, 'hidden', { value: 1, enumerable: false }))
})

test('half a character is refused in texts and keys', () => {
  refused('\ud83d')
  refused({ a: ['\ude00b'] })
  refused({ '\ud83d': 1 })
})

test('a value without an end is refused before the stack is', () => {
  const endless: unknown[] = []
  endless.push(endless)
  refused(endless)
  refused(JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`))
  const deep = `${'[{"a":'.repeat(100)}1${'}]'.repeat(100)}`
  assert.equal(canonical(JSON.parse(deep)), deep)
})
