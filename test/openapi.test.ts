import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { editionCalled, editionNames } from '../cli/editions.ts'
import { WAYS } from '../kernel/identity/ways.ts'
import { STAFF_WAYS } from '../kernel/staff/ways.ts'
import { catalogueOf, modulesOf } from '../kernel/serve/catalogue.ts'
import { readWords } from '../kernel/serve/http/locale.ts'
import type { Words } from '../kernel/serve/http/locale.ts'
import { openapi } from '../kernel/serve/http/openapi.ts'

const folders = (modules: readonly { directory: URL }[]) => [
  new URL('../kernel/serve/', import.meta.url),
  ...modules.map(({ directory }) => directory),
]

for (const name of editionNames) {
  test(`the API of ${name} is described without a complaint, with examples and every refusal`, async () => {
    const edition = await editionCalled(name)
    const modules = modulesOf(edition)
    const catalogue = catalogueOf(modules)
    const words = { en: readWords('en', folders(modules)) as Words, ar: readWords('ar', folders(modules)) as Words }
    const source = JSON.stringify(openapi(edition, catalogue, words))
    const config = await createConfig({ extends: ['recommended'], rules: { 'operation-4xx-response': 'error' } })
    const found = await lintFromString({ source, absoluteRef: 'openapi.json', config })
    assert.deepEqual(
      found.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`).slice(0, 5),
      [],
    )

    for (const { refuses } of [...[...catalogue.values()].map(({ operation }) => operation), ...WAYS, ...STAFF_WAYS])
      for (const code of refuses)
        for (const locale of ['en', 'ar'] as const)
          assert.ok(words[locale][code]?.title, `${code} has no words in ${locale}`)
  })
}
