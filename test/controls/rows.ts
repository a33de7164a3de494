import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { TestContext } from 'node:test'
import { sampleFor } from './drill.ts'
import type { Drill } from './drill.ts'

/** Breaks every second guarantee, beginning with the first or with the second: two files share the work. */
export function testEverySecond(first: 0 | 1, { names, sabotage }: Drill): void {
  suite('broken as its sabotage does it, a control is red, others are not, and it heals', () => {
    for (const name of names.filter((_, index) => index % 2 === first))
      test(name, async (t) => {
        const { saw, ...broken } = await sabotage(name, sampleFor(name, names))
        assert.deepEqual(broken, { turnsRed: true, falseAlarms: [], heals: true })
        t.diagnostic(saw)
      })
  })
}

export async function insistThatAllHold({ alarms, names, took }: Drill, t: TestContext): Promise<void> {
  assert.deepEqual(await alarms(names), [])
  const slowest = [...took].toSorted(([, one], [, other]) => other - one).slice(0, 6)
  t.diagnostic(`slowest: ${slowest.map(([name, ms]) => `${name} ${Math.round(ms)} ms`).join(', ')}`)
}
