import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Control, Finding, Live } from '../contract/control.ts'
import type { Evidence, Store } from './evidence.ts'
import { schedule } from './schedule.ts'
import { memoryStore } from './store.ts'

const live = {} as Live
const held = () => Promise.resolve({ holds: true, saw: '' })
const probing = (probe: () => Promise<Finding>, every: Control['every'] = '1 minute'): Control => ({
  claim: 'Something holds.',
  enforcedBy: ['kernel/trust/schedule.ts'],
  every,
  probe,
  sabotage: () => Promise.resolve(() => undefined),
})

type Told = [string, unknown]
function given(controls: Record<string, Control>, more: { timeout_ms?: number; store?: Store } = {}) {
  const told: Told[] = []
  const saved: Evidence[] = []
  const memory = memoryStore()
  const save = async (evidence: Evidence) => {
    saved.push(evidence)
    await memory.save(evidence)
  }
  const tell = (name: string, problem: unknown) => void told.push([name, problem])
  const fields = {
    controls: new Map(Object.entries(controls)),
    live,
    store: { ...memory, save },
    tell,
    random: () => 0,
  }
  return { told, saved, schedule: { ...fields, ...more } }
}

/** Lets the promises of a turn settle while the timers are ours to move. */
async function settle() {
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
}

test('each control runs soon after the start and again at half its interval, before its evidence expires', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: Date.parse('2026-11-20T12:00:00Z') })
  try {
    const world = given({ 'house.wall': probing(held), 'house.roof': probing(held, '5 minutes') })
    await using _running = schedule({ ...world.schedule, random: () => 0.5 })
    const runs = (name: string) => world.saved.filter(({ control }) => control === name)
    mock.timers.tick(2_499)
    await settle()
    assert.equal(world.saved.length, 0, 'spread over the first seconds')
    mock.timers.tick(1)
    await settle()
    assert.equal(world.saved.length, 2)
    for (let second = 0; second < 150; second += 1) {
      mock.timers.tick(1_000)
      await settle()
    }
    assert.equal(runs('house.wall').length, 6, 'every thirty seconds')
    assert.equal(runs('house.roof').length, 2)
    for (const [index, run] of runs('house.wall').entries()) {
      const next = runs('house.wall')[index + 1]
      if (next !== undefined) assert.ok(next.at < run.validUntil, 'renewed before it lapsed')
    }
  } finally {
    mock.timers.reset()
  }
})

test('a probe that could not see is told of, kept without verdict, and tried again within a minute', async () => {
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 0 })
  try {
    let runs = 0
    const blind = probing(() => ((runs += 1), Promise.reject(new Error('no road'))), '1 day')
    const world = given({ 'house.wall': blind })
    await using _running = schedule(world.schedule)
    mock.timers.tick(0)
    await settle()
    assert.deepEqual(world.told, [['house.wall', { error: 'Error: no road' }]])
    assert.equal(world.saved[0]?.holds, null)
    assert.equal((await world.schedule.store.latest()).size, 0)
    mock.timers.tick(60_000)
    await settle()
    assert.equal(runs, 2)
  } finally {
    mock.timers.reset()
  }
})

test('two probes run at once and never more', async () => {
  let running = 0
  let most = 0
  const slow = async () => {
    running += 1
    most = Math.max(most, running)
    await sleep(5)
    running -= 1
    return { holds: true, saw: '' }
  }
  const names = Array.from({ length: 6 }, (_, index) => `house.wall${index}`)
  const world = given(Object.fromEntries(names.map((name) => [name, probing(slow)])))
  await using running_ = schedule(world.schedule)
  await Promise.all(names.map((name) => running_.freshly(name)))
  assert.equal(most, 2)
  assert.equal(world.saved.length, 6)
})

test('asking twice for the same control joins the run under way', async () => {
  let runs = 0
  const slow = async () => ((runs += 1), await sleep(10), { holds: true, saw: '' })
  await using running = schedule(given({ 'house.wall': probing(slow) }).schedule)
  const [first, second] = await Promise.all([running.freshly('house.wall'), running.freshly('house.wall')])
  assert.equal(first, second)
  assert.equal(runs, 1)
  await running.freshly('house.wall')
  assert.equal(runs, 2)
})

test('a probe that hangs is given up, holds nobody up, and is not started beside itself', async () => {
  let started = 0
  const release = Promise.withResolvers<Finding>()
  const hanging = probing(() => ((started += 1), started === 1 ? release.promise : held()))
  const world = given({ 'house.trap': hanging, 'house.wall': probing(held) }, { timeout_ms: 15 })
  await using running = schedule(world.schedule)
  assert.equal((await running.freshly('house.trap')).holds, null)
  assert.equal((await running.freshly('house.wall')).holds, true)
  const again = await running.freshly('house.trap')
  assert.match(JSON.stringify(again.detail), /has not returned from an earlier run/)
  assert.equal(started, 1)
  release.resolve({ holds: true, saw: 'at last' })
  await sleep(1)
  assert.equal((await running.freshly('house.trap')).holds, true)
  assert.equal(started, 2)
})

test('evidence that cannot be kept is told of, and the rounds go on', async () => {
  const memory = memoryStore()
  const broken = { ...memory, save: () => Promise.reject(new Error('disk full')) }
  const world = given({ 'house.wall': probing(held) }, { store: broken })
  await using running = schedule(world.schedule)
  assert.equal((await running.freshly('house.wall')).holds, true)
  assert.match(String(world.told[0]?.[1]), /disk full/)
  assert.equal((await running.freshly('house.wall')).holds, true)
})

test('once stopped nothing starts and nothing is kept', async () => {
  let started = 0
  const release = Promise.withResolvers<Finding>()
  const trap = () => probing(() => ((started += 1), release.promise))
  const world = given({
    'house.trap': trap(),
    'house.second': trap(),
    'house.late': trap(),
    'house.wall': probing(held),
  })
  const running = schedule({ ...world.schedule, random: () => 1 })
  const hanging = running.freshly('house.trap')
  const second = running.freshly('house.second')
  const queued = assert.rejects(running.freshly('house.late'), /has stopped/)
  await settle()
  const stop = running[Symbol.asyncDispose]()
  await assert.rejects(running.freshly('house.wall'), /has stopped/)
  release.resolve({ holds: true, saw: '' })
  await stop
  await hanging
  await second
  await queued
  assert.equal(started, 2)
  assert.deepEqual(world.saved, [])
  assert.deepEqual(world.told, [])
})

test('a name that no control has is refused', async () => {
  await using running = schedule(given({}).schedule)
  await assert.rejects(running.freshly('house.cellar'), /no control called house.cellar/)
})

test('a stop does not wait for a probe that never returns', async () => {
  const world = given({ 'house.trap': probing(() => new Promise<Finding>(() => undefined)) }, { timeout_ms: 9_000 })
  const running = schedule(world.schedule)
  const hanging = running.freshly('house.trap')
  await settle()
  const began = performance.now()
  await running[Symbol.asyncDispose]()
  assert.ok(performance.now() - began < 4_000)
  assert.equal((await hanging).holds, null)
  assert.deepEqual(world.saved, [])
})
