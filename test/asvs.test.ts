import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ASVS, BESIDES } from './standards/asvs.ts'
import { readTree } from './tidy/tree.ts'

/** The ledger of requirements against the titles of all tests: a title that names one is what makes it tested. */
const ROOTS = /^(?:kernel|modules|editions|web|cli|test|bench)\/.+\.test\.ts$/
const IDS = /\bASVS ((?:\d+\.\d+\.\d+(?:, )?)+)/g

/** A title is a text of one line that ends with what it proves: `'a code works once (ASVS 6.5.1, row 15)'`. */
const TITLE = /(['`])((?:(?!\1).)*\([^()]*\bASVS [^()]*\))\1/g

const named = new Map<string, string[]>()
for (const [path, text] of readTree())
  if (ROOTS.test(path) && path !== 'test/asvs.test.ts')
    for (const [, , title = ''] of text.matchAll(TITLE)) for (const id of idsIn(title)) note(id, `${path} › ${title}`)

function note(id: string, where: string) {
  named.set(id, [...(named.get(id) ?? []), where])
}

function idsIn(text: string): string[] {
  return [...text.matchAll(IDS)].flatMap(([, list = '']) => list.split(', ').filter(Boolean))
}

const tested = Object.keys(ASVS).filter((id) => ASVS[id] === 'tested')
const notHere = Object.entries(ASVS).flatMap(([id, state]) => (state === 'tested' ? [] : [{ id, ...state }]))

test('every requirement that is said to be tested is named by a test', () => {
  assert.deepEqual(
    [...tested, ...BESIDES].filter((id) => !named.has(id)),
    [],
  )
})

test('no test names a requirement that the ledger does not know, or that is not met here', () => {
  const strange = [...named].filter(([id]) => ASVS[id] !== 'tested' && !BESIDES.includes(id))
  assert.deepEqual(strange, [])
})

test('what is not met here has its reason, and every id its form and its place', () => {
  for (const { id, notHere: reason } of notHere) assert.match(reason, /^\p{Lu}[^.]{20,120}\.$/u, id)
  const ids = [...Object.keys(ASVS), ...BESIDES]
  assert.equal(new Set(ids).size, ids.length)
  for (const id of Object.keys(ASVS)) assert.match(id, /^(?:3|6|7|8|9|11|12|13|14)\.\d+\.\d+$/)
  assert.deepEqual(Object.keys(ASVS), Object.keys(ASVS).toSorted(byNumber))
})

test('the counts, for whoever asks', (t) => {
  const chapters = Map.groupBy(Object.keys(ASVS), (id) => Number(id.split('.')[0]))
  for (const [chapter, ids] of chapters)
    t.diagnostic(`V${chapter}: ${ids.filter((id) => ASVS[id] === 'tested').length} of ${ids.length} tested`)
  const titles = new Set([...named.values()].flat())
  t.diagnostic(`${tested.length} tested by ${titles.size} tests, ${notHere.length} not here`)
  assert.equal(tested.length + notHere.length, Object.keys(ASVS).length)
  assert.ok(tested.length > 140)
})

test('a title is read as it is written, and nothing else is taken for one', () => {
  const titles = (text: string) => [...text.matchAll(TITLE)].flatMap(([, , title = '']) => idsIn(title))
  assert.deepEqual(titles("test('it works (ASVS 6.5.1, 6.5.2, row 15)', () => {})"), ['6.5.1', '6.5.2'])
  assert.deepEqual(titles("test('it works (row 20, ASVS 8.2.3)', () => {})"), ['8.2.3'])
  assert.deepEqual(titles('for (…) test(`${kind}: it works (claim suite-3.5.1, ASVS 6.2.8)`, …)'), ['6.2.8'])
  assert.deepEqual(titles('/** It works (ASVS 6.5.1). */ const a = 1 // (ASVS 6.5.2)'), [])
})

/** 3.10.1 comes after 3.9.1. */
function byNumber(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}
