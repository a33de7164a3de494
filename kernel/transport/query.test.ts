import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Refusal } from '../contract/refusal.ts'
import { parseQuery } from './query.ts'
import { checkText } from './text.ts'

function refusedAs(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error))
    assert.deepEqual([error.status, error.code], [400, 'malformed-query'])
    return error.errors.map(({ code, pointer }) => `${code}@${pointer}`).join()
  }
  throw new assert.AssertionError({ message: 'accepted' })
}

test('a query string is read as every form writes it', () => {
  assert.deepEqual(parseQuery(''), {})
  assert.deepEqual(parseQuery('limit=50&cursor=a%2Bb&search=gold+ring&empty=&bare'), {
    limit: '50',
    cursor: 'a+b',
    search: 'gold ring',
    empty: '',
    bare: '',
  })
  assert.deepEqual(parseQuery('a=b=c'), { a: 'b=c' })
})

test('what URLSearchParams writes comes back as it was', () => {
  const word = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter((given) => !given.includes('\u0000'))
  const wanted = fc.dictionary(word, word, { noNullPrototype: true, maxKeys: 10 })
  fc.assert(
    fc.property(wanted, (given) => {
      fc.pre(!Object.keys(given).some((name) => ['__proto__', 'constructor', 'prototype'].includes(name)))
      assert.deepStrictEqual(parseQuery(new URLSearchParams(given).toString()), given)
    }),
  )
})

test('a name that comes twice is refused, however it is spelled', () => {
  assert.equal(
    refusedAs(() => parseQuery('id=1&id=2')),
    'duplicate-key@/id',
  )
  assert.equal(
    refusedAs(() => parseQuery('id=1&%69d=1')),
    'duplicate-key@/id',
  )
})

test('text that cannot be stored or read two ways is refused', () => {
  assert.equal(
    refusedAs(() => parseQuery('a=%00')),
    'nul@/a',
  )
  assert.equal(
    refusedAs(() => parseQuery('%00=a')),
    'nul@',
  )
  assert.equal(
    refusedAs(() => parseQuery('a=%ED%A0%80')),
    'bad-escape@/a',
  )
  assert.equal(
    refusedAs(() => parseQuery('a=%C0%80')),
    'bad-escape@/a',
  )
  assert.equal(
    refusedAs(() => parseQuery('a=%zz')),
    'bad-escape@/a',
  )
  assert.equal(
    refusedAs(() => parseQuery('a=%')),
    'bad-escape@/a',
  )
  assert.equal(
    refusedAs(() => parseQuery('a=\u00e9')),
    'bad-escape@/a',
  )
  assert.equal(
    refusedAs(() => checkText('a\u0000', '/x')),
    'nul@/x',
  )
  assert.equal(
    refusedAs(() => checkText('\ud800')),
    'lone-surrogate@',
  )
  assert.equal(checkText('\u{1f600}'), '\u{1f600}')
})

test('names that reach into the language, and none at all, are refused', () => {
  for (const name of ['__proto__', 'constructor', 'prototype', '%5f_proto__', ''])
    assert.match(
      refusedAs(() => parseQuery(`a=1&${name}=1`)),
      /^forbidden-key@/,
      name,
    )
  assert.equal(Object.getPrototypeOf(parseQuery('toString=1')), Object.prototype)
})

test('limits hold', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `k${index}=1`).join('&')
  assert.equal(Object.keys(parseQuery(many(100))).length, 100)
  assert.equal(
    refusedAs(() => parseQuery(many(101))),
    'too-many-keys@',
  )
  assert.equal(
    refusedAs(() => parseQuery(`${'k'.repeat(257)}=1`)),
    'key-too-long@',
  )
})
