import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Control, Finding, Live } from '../contract/control.ts'
import { runAll, runControl } from './runner.ts'

const live = { policy: 'nothing else is asked of it here' } as unknown as Live
const probing = (probe: (live: Live) => unknown, every: Control['every'] = '1 minute'): Control => ({
  claim: 'Something holds.',
  enforcedBy: ['kernel/trust/runner.ts'],
  every,
  probe: probe as (live: Live) => Promise<Finding>,
  sabotage: () => Promise.resolve(() => undefined),
})

test('a probe that held is evidence for one interval from its beginning', async () => {
  const before = Date.now()
  const control = probing(async () => {
    await sleep(20)
    return { holds: true, saw: 'it held', detail: { rows: 0 } }
  }, '5 minutes')
  const evidence = await runControl('house.wall', control, live)
  assert.equal(evidence.control, 'house.wall')
  assert.equal(evidence.holds, true)
  assert.equal(evidence.saw, 'it held')
  assert.deepEqual(evidence.detail, { rows: 0 })
  assert.ok(evidence.at.getTime() >= before && evidence.at.getTime() <= Date.now() - 15, 'dated by its beginning')
  assert.equal(evidence.validUntil.getTime() - evidence.at.getTime(), 5 * 60_000)
  assert.ok(evidence.took_ms >= 15)
})

test('a probe is given the deployment it is to attack', async () => {
  const given: Live[] = []
  await runControl(
    'house.wall',
    probing((each) => (given.push(each), { holds: true, saw: '' })),
    live,
  )
  assert.deepEqual(given, [live])
})

test('a probe that saw the opposite is evidence against', async () => {
  const evidence = await runControl(
    'house.wall',
    probing(() => ({ holds: false, saw: 'a hole' })),
    live,
  )
  assert.equal(evidence.holds, false)
  assert.equal(evidence.saw, 'a hole')
})

test('a probe that throws has seen nothing; why is for operators and not for the public', async () => {
  const thrown = new Error('connect ECONNREFUSED 10.0.0.7')
  for (const probe of [
    () => Promise.reject(thrown),
    () => {
      throw thrown
    },
  ]) {
    const evidence = await runControl('house.wall', probing(probe), live)
    assert.equal(evidence.holds, null)
    assert.equal(evidence.saw, '')
    assert.deepEqual(evidence.detail, { error: 'Error: connect ECONNREFUSED 10.0.0.7' })
  }
})

test('a probe that hangs has seen nothing, even when it answers later', async () => {
  const late = probing(async () => {
    await sleep(60)
    return { holds: true, saw: 'too late' }
  })
  const began = performance.now()
  const evidence = await runControl('house.wall', late, live, { timeout_ms: 15 })
  assert.ok(performance.now() - began < 55)
  assert.equal(evidence.holds, null)
  assert.match(JSON.stringify(evidence.detail), /did not answer within 15 ms/)
  await sleep(60)
  assert.equal(evidence.holds, null)
})

test('a probe that answers nonsense has seen nothing', async () => {
  for (const answer of [undefined, null, true, 'held', {}, { holds: 'yes', saw: '' }, { holds: true }, { saw: 'x' }]) {
    const evidence = await runControl(
      'house.wall',
      probing(() => answer),
      live,
    )
    assert.equal(evidence.holds, null, JSON.stringify(answer))
  }
})

test('all controls are run, two at a time, and each is told of once', async () => {
  let running = 0
  let most = 0
  const slow = () =>
    probing(async () => {
      running += 1
      most = Math.max(most, running)
      await sleep(5)
      running -= 1
      return { holds: true, saw: '' }
    })
  const controls = new Map(Array.from({ length: 7 }, (_, index) => [`house.wall${index}`, slow()]))
  controls.set(
    'house.trap',
    probing(() => Promise.reject(new Error('no'))),
  )
  const told: number[] = []
  const all = await runAll(controls, live, (_, done, of) => void told.push(done, of))
  assert.equal(most, 2)
  assert.deepEqual(
    told.filter((_, index) => index % 2 === 0),
    [1, 2, 3, 4, 5, 6, 7, 8],
  )
  assert.deepEqual(
    all.map(({ control }) => control),
    [...controls.keys()],
  )
  assert.deepEqual(
    all.map(({ holds }) => holds),
    [true, true, true, true, true, true, true, null],
  )
})
