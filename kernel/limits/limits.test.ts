import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Trouble } from '../base/trouble.ts'
import { rateHeaders } from './headers.ts'
import { createLimits, type Limits, MAX_BUCKETS_PER_GENERATION, QUOTAS } from './limits.ts'

const START_ms = 1_800_000_000_000
const classes = ['read', 'write', 'sensitive', 'public'] as const

const spendMany = (limits: Limits, count: number, who = 'north', now_ms = START_ms) =>
  Array.from({ length: count }, () => limits.spend('sensitive', who, now_ms)).filter(({ allowed }) => allowed).length

test('a budget ends where it is announced, in every class', () => {
  for (const rate of classes) {
    const limits = createLimits()
    const { quota } = QUOTAS[rate]
    for (let left = quota - 1; left >= 0; left -= 1) {
      const spent = limits.spend(rate, 'north', START_ms)
      assert.deepEqual([spent.allowed, spent.remaining], [true, left])
    }
    const refused = limits.spend(rate, 'north', START_ms)
    assert.deepEqual([refused.allowed, refused.remaining, refused.rate], [false, 0, rate])
    assert.equal(refused.policy, `"${rate}";q=${quota};w=60`)
  }
})

test('one caller’s storm, and one class’s, is nobody else’s', () => {
  const limits = createLimits()
  assert.equal(spendMany(limits, 1_000), 20)
  assert.ok(limits.spend('sensitive', 'south', START_ms).allowed)
  assert.equal(limits.spend('read', 'north', START_ms).remaining, QUOTAS.read.quota - 1)
  for (const who of ['', 'North', 'north ', '__proto__', 'constructor'])
    assert.equal(spendMany(limits, 30, who), 20, who)
})

test('it fills again evenly, to the brim and no further', () => {
  const limits = createLimits()
  spendMany(limits, 20)
  assert.equal(spendMany(limits, 5, 'north', START_ms + 2_999), 0)
  assert.equal(spendMany(limits, 5, 'north', START_ms + 3_000), 1)
  assert.equal(spendMany(limits, 5, 'north', START_ms + 9_000), 2)
  assert.equal(spendMany(limits, 50, 'north', START_ms + 9_000_000), 20)
})

test('what is refused costs nothing, so hammering does not lock out', () => {
  const limits = createLimits()
  spendMany(limits, 20)
  for (let at = 0; at < 3_000; at += 1) limits.spend('sensitive', 'north', START_ms + at)
  assert.ok(limits.spend('sensitive', 'north', START_ms + 3_000).allowed)
})

test('what is given back can be spent again, and a full budget grows no further', () => {
  const limits = createLimits()
  spendMany(limits, 20)
  limits.spend('sensitive', 'north', START_ms, -1)
  assert.equal(spendMany(limits, 5), 1)
  const { remaining, reset_s } = limits.spend('sensitive', 'south', START_ms, -1)
  assert.deepEqual([remaining, reset_s], [20, 3])
  assert.equal(spendMany(limits, 30, 'south'), 20)
})

test('whoever comes back when told is served, and not a second earlier than needed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 80 }), (pauses) => {
      const limits = createLimits()
      let now_ms = START_ms
      for (const pause of pauses) {
        now_ms += pause
        const { allowed, reset_s, remaining } = limits.spend('sensitive', 'north', now_ms)
        assert.ok(Number.isInteger(reset_s) && reset_s >= 1 && reset_s <= 3)
        if (allowed) continue
        assert.equal(remaining, 0)
        now_ms += reset_s * 1_000
        assert.ok(limits.spend('sensitive', 'north', now_ms).allowed)
      }
    }),
  )
})

test('over any stretch of time nobody gets more than one budget and what filled up', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 400 }), (pauses) => {
      const limits = createLimits()
      let [now_ms, served] = [START_ms, 0]
      for (const pause of pauses) served += limits.spend('sensitive', 'north', (now_ms += pause)).allowed ? 1 : 0
      assert.ok(served <= 20 + ((now_ms - START_ms) * 20) / 60_000)
    }),
  )
})

test('a clock that is set back neither locks out nor throws', () => {
  const limits = createLimits()
  spendMany(limits, 10)
  assert.equal(spendMany(limits, 30, 'north', START_ms - 3_600_000), 10)
  assert.equal(spendMany(limits, 30, 'north', START_ms - 3_600_000 + 60_000), 20)
})

test('forgetting the idle changes nothing: through many windows a drained budget stays drained', () => {
  const limits = createLimits()
  let served = 0
  for (let at_s = 0; at_s < 600; at_s += 1)
    for (let turn = 0; turn < 5; turn += 1) {
      limits.spend('sensitive', `passer-by ${at_s}`, START_ms + at_s * 1_000)
      served += limits.spend('sensitive', 'storm', START_ms + at_s * 1_000).allowed ? 1 : 0
    }
  assert.ok(served <= 20 + 200, String(served))
})

test('a flood of strangers is bounded in memory and does not reset who keeps asking', () => {
  const limits = createLimits()
  spendMany(limits, 20, 'storm')
  const before = process.memoryUsage().heapUsed
  let served = 0
  for (let stranger = 0; stranger < 6 * MAX_BUCKETS_PER_GENERATION; stranger += 1) {
    limits.spend('sensitive', `stranger ${stranger}`, START_ms)
    if (stranger % 1_000 === 0) served += limits.spend('sensitive', 'storm', START_ms).allowed ? 1 : 0
  }
  assert.equal(served, 0)
  const grown_MB = (process.memoryUsage().heapUsed - before) / 1e6
  assert.ok(grown_MB < 80, `${grown_MB} MB`)
})

test('a scale multiplies every budget; what is no scale stops the start', () => {
  assert.equal(spendMany(createLimits({ scale: 3 }), 100), 60)
  assert.equal(spendMany(createLimits({ scale: 0.001 }), 100), 1)
  for (const scale of [0, -1, Number.NaN, Infinity]) assert.throws(() => createLimits({ scale }), Trouble)
})

test('the headers say the policy, what is left and when there is more', () => {
  const limits = createLimits()
  assert.deepEqual(rateHeaders(limits.spend('read', 'north', START_ms)), {
    'ratelimit-policy': '"read";q=600;w=60',
    ratelimit: '"read";r=599;t=1',
  })
  spendMany(limits, 20)
  assert.deepEqual(rateHeaders(limits.spend('sensitive', 'north', START_ms + 500)), {
    'ratelimit-policy': '"sensitive";q=20;w=60',
    ratelimit: '"sensitive";r=0;t=3',
    'retry-after': '3',
  })
})
