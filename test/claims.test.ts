import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { editionCalled, editionNames } from '../cli/editions.ts'

/**
 * What each page must be able to say, by its permanent ids and in its order. A claim cannot vanish by being left out.
 */
for (const name of editionNames)
  test(`every claim of ${name} stands on its page, once and in order, in two languages`, async () => {
    const { page } = await editionCalled(name)
    const sentences = page.sections.flatMap((section) => section.sentences)
    const listed = readFileSync(new URL(`claims/${name}.txt`, import.meta.url), 'utf8')
      .trim()
      .split('\n')
    assert.deepEqual(
      sentences.map(({ id }) => id),
      listed,
    )
    for (const { id, text } of sentences) {
      assert.match(text.en, /^[^\u0600-\u06ff]{20,}$/, `${id} in English`)
      assert.match(text.ar, /[\u0600-\u06ff]{3}/, `${id} in Arabic`)
    }
  })

test('each sentence is bound to exactly one kind of truth', async () => {
  for (const name of editionNames)
    for (const { id, controls, attestation, absent } of (await editionCalled(name)).page.sections.flatMap(
      (one) => one.sentences,
    ))
      assert.equal(Boolean(absent), controls.length === 0 && !attestation, id)
})
