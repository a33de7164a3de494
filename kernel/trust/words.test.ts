import assert from 'node:assert/strict'
import { test } from 'node:test'
import ar from './locales/ar.json' with { type: 'json' }
import en from './locales/en.json' with { type: 'json' }
import { textOf } from '../base/markup.ts'
import { phrase, plain } from './words.ts'

const base = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, '')
const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted().join()

test('both languages have the same words', () => {
  const keys = (words: object) => [...new Set(Object.keys(words).map(base))].toSorted()
  assert.deepEqual(keys(ar), keys(en))
})

test('what is counted has all the forms that its language counts in', () => {
  const forms = { en: ['one', 'other'], ar: ['zero', 'one', 'two', 'few', 'many', 'other'] }
  const counted = Object.keys(en)
    .filter((key) => key.endsWith('_other'))
    .map(base)
  assert.ok(counted.length > 1)
  for (const key of counted)
    for (const [words, expected] of [
      [en, forms.en],
      [ar, forms.ar],
    ] as const)
      assert.deepEqual(
        Object.keys(words)
          .filter((each) => base(each) === key)
          .toSorted(),
        expected.map((form) => `${key}_${form}`).toSorted(),
      )
})

test('a translation has the places of the original', () => {
  for (const [key, text] of Object.entries(en)) {
    const translated = (ar as Record<string, string>)[key]
    if (translated !== undefined && key === base(key)) assert.equal(places(translated), places(text), key)
  }
})

test('what is set into a sentence is escaped on the page and kept as it is in a terminal', () => {
  assert.equal(textOf(phrase('en', 'address', { address: '<b>' })), 'Its address: <bdi>&lt;b&gt;</bdi>')
  assert.equal(plain('en', 'address', { address: '<b>' }), 'Its address: <b>')
})
