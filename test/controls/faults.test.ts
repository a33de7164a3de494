import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import { openDrill, whileBroken } from './drill.ts'
import { otherFaults } from './faults.ts'

const drill = await openDrill()
after(() => drill[Symbol.asyncDispose]())

suite('a control notices each thing that it promises, not only what its sabotage breaks', () => {
  for (const { control, what, breaks } of otherFaults(drill.served, drill.live))
    test(`${control}: ${what}`, async () => {
      const broken = await whileBroken(breaks, () => drill.look(control))
      assert.equal(broken.holds, false)
      const healed = await drill.look(control)
      assert.equal(healed.holds, true, JSON.stringify(healed.detail))
    })
})
