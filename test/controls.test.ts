import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openDrill, sampleFor } from './controls/drill.ts'
import { insistThatAllHold, testEverySecond } from './controls/rows.ts'

const drill = await openDrill()
after(() => drill[Symbol.asyncDispose]())

test('at rest every control holds, but one where the server is old', (t) => insistThatAllHold(drill, t))

testEverySecond(0, drill)

test('all hold again after everything was broken', (t) => insistThatAllHold(drill, t))

test('every probe is looked at while others are broken, and as often as every other', () => {
  const { names } = drill
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
