import assert from 'node:assert/strict'
import { after, suite, test } from 'node:test'
import type { Control, Heal } from '../kernel/contract/control.ts'
import { createLimits } from '../kernel/limits/limits.ts'
import { breakable } from '../kernel/serve/live/breakable.ts'
import { world } from '../kernel/testing.ts'
import type { Evidence } from '../kernel/trust/evidence.ts'
import { runControl } from '../kernel/trust/runner.ts'
import { jeweller } from '../editions/jeweller/edition.ts'
import { otherFaults } from './controls/faults.ts'

/**
 * A probe that cannot fail is decoration. Each guarantee is broken in a throw-away deployment: its own control must
 * turn red, every other must go on holding, and once it is healed all hold again. Budgets are those of a real one.
 */
const budget = createLimits()
const here = await world(jeweller, 'pool', budget)
after(() => here[Symbol.asyncDispose]())
const { controls } = here.served
const live = breakable(here.served)
const took = new Map<string, number>()

/** A server that lacks security fixes fails its control before anybody breaks anything, and rightly so. */
const failing = (await isPatched()) ? [] : ['postgres.version']

test('at rest every control holds, but one where the server is old', async () => {
  assert.deepEqual(red(await probeAll()), failing)
})

suite('broken as its sabotage does it, a control is red, no other is, and it heals', () => {
  for (const [name, control] of controls)
    test(name, async (t) => {
      const whole = await probe(name, control)
      const all = await whileBroken(() => control.sabotage(live), probeAll)
      assert.deepEqual(red(all), [...new Set([...failing, name])].toSorted())
      const broken = all.get(name)!
      if (failing.includes(name)) assert.notDeepEqual(broken.detail, whole.detail, 'broken and whole look the same')
      refill()
      const healed = await probe(name, control)
      assert.equal(healed.holds, whole.holds, JSON.stringify(healed.detail))
      t.diagnostic(broken.saw)
    })
})

suite('a control notices each thing that it promises, not only what its sabotage breaks', () => {
  for (const { control: name, what, breaks } of otherFaults(here.served, live))
    test(`${name}: ${what}`, async () => {
      refill()
      const control = controls.get(name)!
      const broken = await whileBroken(breaks, () => probe(name, control))
      assert.equal(broken.holds, false)
      refill()
      const healed = await probe(name, control)
      assert.equal(healed.holds, true, JSON.stringify(healed.detail))
    })
})

test('all hold again after everything was broken', async (t) => {
  assert.deepEqual(red(await probeAll()), failing)
  const slowest = [...took].toSorted(([, one], [, other]) => other - one).slice(0, 6)
  t.diagnostic(`slowest: ${slowest.map(([name, ms]) => `${name} ${Math.round(ms)} ms`).join(', ')}`)
})

async function whileBroken<Seen>(breaks: () => Promise<Heal> | Heal, look: () => Promise<Seen>): Promise<Seen> {
  const heal = await breaks()
  try {
    return await look()
  } finally {
    await heal()
  }
}

/** All at the same time, as after a start. */
async function probeAll(): Promise<Map<string, Evidence>> {
  refill()
  const seen = await Promise.all([...controls].map(([name, control]) => probe(name, control)))
  return new Map(seen.map((evidence) => [evidence.control, evidence]))
}

async function probe(name: string, control: Control): Promise<Evidence> {
  const evidence = await runControl(name, control, live)
  took.set(name, Math.max(took.get(name) ?? 0, evidence.took_ms))
  assert.notEqual(evidence.holds, null, `${name} could not look: ${JSON.stringify(evidence.detail)}`)
  return evidence
}

/** Between two looks lies more than the minute that it takes a budget to be full again. */
function refill() {
  budget.spend = createLimits().spend
}

const red = (seen: ReadonlyMap<string, Evidence>) =>
  [...seen.values()]
    .filter(({ holds }) => !holds)
    .map(({ control }) => control)
    .toSorted()

/** Read otherwise than the probe reads it: from the words in which the server introduces itself. */
async function isPatched(): Promise<boolean> {
  const [row] = await live.directory('select version() as words')
  const [, major, minor] = /^PostgreSQL (\d+)\.(\d+)/.exec(String(row!['words'])) ?? []
  const fixedIn: Record<string, number> = { 15: 20, 16: 16, 17: 12, 18: 7 }
  return Number(minor) >= (fixedIn[major ?? ''] ?? Number.POSITIVE_INFINITY)
}
