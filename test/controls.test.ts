import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sampleFor } from './controls/drill.ts'
import { testEverySecond } from './controls/rows.ts'

const { names } = await testEverySecond(0)

test('every probe is looked at while others are broken, and as often as every other', () => {
  const looks = new Map<string, number>()
  for (const name of names)
    for (const other of sampleFor(name, names)) {
      assert.notEqual(other, name)
      looks.set(other, (looks.get(other) ?? 0) + 1)
    }
  const counts = new Set(names.map((name) => looks.get(name)))
  assert.equal(counts.size, 1, JSON.stringify([...looks]))
  assert.ok([...counts][0]! >= 5)
})
