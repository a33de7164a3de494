import assert from 'node:assert/strict'
import { test } from 'node:test'
import { layers } from './tidy/layers.ts'
import { names } from './tidy/names.ts'
import { reach } from './tidy/reach.ts'
import { sizes } from './tidy/sizes.ts'
import { texts } from './tidy/texts.ts'
import { readTree } from './tidy/tree.ts'
import { words } from './tidy/words.ts'

const tree = readTree()

for (const rule of [...sizes, ...names, ...layers, ...reach, ...words, ...texts]) {
  test(rule.demands, () => assert.deepEqual(rule.check(tree), []))

  test(`the rule can fail: ${rule.demands}`, () => {
    assert.notEqual(rule.bad.length, 0)
    for (const bad of rule.bad) assert.notDeepEqual(rule.check(new Map(Object.entries(bad))), [], JSON.stringify(bad))
  })
}

test('the tree that is checked is the whole tree', () => {
  for (const part of ['kernel/contract/control.ts', 'modules/', 'editions/', 'cli/main.ts', 'README.md', '.ci/run'])
    assert.ok(
      [...tree.keys()].some((path) => path.startsWith(part)),
      part,
    )
})
