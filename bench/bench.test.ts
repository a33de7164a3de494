import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measureDecision } from './decision.ts'
import { judged, median } from './finding.ts'
import type { Finding } from './finding.ts'
import { measureOperations } from './operations.ts'
import { tableOf } from './table.ts'
import { openWorld } from './world.ts'

/** That the bench measures at all; what it measures is for people to read, and no test. */
test('one short round gives a ratio for every operation, and only right answers count', async () => {
  await using world = await openWorld({ workspaces: 3, rows: 60 })
  const pace = { rounds: 1, turn_ms: 150, warm_ms: 50 }
  const found = await measureOperations(world, pace, () => undefined)
  assert.deepEqual(
    found.map(({ what }) => what),
    ['list of 50', 'point read', 'create, with its audit entry', 'refuse a foreign id'],
  )
  for (const { measured, limit, ratio, cpu } of found)
    for (const value of [measured, limit, ratio, cpu]) assert.ok(value! > 0 && Number.isFinite(value), String(value))

  const [mine, other] = world.workspaces
  const mixedUp = { ...world, workspaces: [{ ...mine!, id: other!.id }, other!] }
  await assert.rejects(
    measureOperations(mixedUp, pace, () => undefined),
    /nothing was measured: the lists differ/,
  )
})

test('a decision is measured, and takes nothing from the heap', () => {
  const [time, heap] = measureDecision()
  assert.ok(time!.measured > 0)
  assert.equal(heap!.measured, 0)
})

test('a goal is held against the ratio where there is one', () => {
  const one: Finding = { what: 'x', measured: 10, unit: 'ms', goal: { most: 9 } }
  assert.equal(judged(one).met, false)
  assert.equal(judged({ ...one, goal: { least: 0.8 }, ratio: 0.79 }).met, false)
  assert.equal(judged({ ...one, goal: { least: 0.8 }, ratio: 0.8 }).met, true)
  assert.match(tableOf([judged(one)]), /x +10\.0 ms +≤ 9 ms +not met/)
  assert.equal(median([3, 1, 2]), 2)
  assert.equal(median([4, 1, 2, 3]), 2.5)
})
