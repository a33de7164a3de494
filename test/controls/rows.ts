import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { openDrill, sampleFor } from './drill.ts'
import type { Drill } from './drill.ts'

/** Breaks every second guarantee, beginning with the first or with the second: two files share the work. */
export async function testEverySecond(first: 0 | 1): Promise<Drill> {
  const drill = await openDrill()
  after(() => drill[Symbol.asyncDispose]())
  const { names, took } = drill

  test('at rest every control holds, but one where the server is old', async () => {
    assert.deepEqual(await drill.alarms(names), [])
  })

  suite('broken as its sabotage does it, a control is red, others are not, and it heals', () => {
    for (const name of names.filter((_, index) => index % 2 === first))
      test(name, async (t) => {
        const { saw, ...broken } = await drill.sabotage(name, sampleFor(name, names))
        assert.deepEqual(broken, { turnsRed: true, falseAlarms: [], heals: true })
        t.diagnostic(saw)
      })
  })

  test('all hold again after everything was broken', async (t) => {
    assert.deepEqual(await drill.alarms(names), [])
    const slowest = [...took].toSorted(([, one], [, other]) => other - one).slice(0, 6)
    t.diagnostic(`slowest: ${slowest.map(([name, ms]) => `${name} ${Math.round(ms)} ms`).join(', ')}`)
  })
  return drill
}
