import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { lacksRedis, startRedis } from '../../test/redis.ts'
import type { Redis } from '../../test/redis.ts'
import { spendElsewhere } from '../../test/spender.ts'
import type { Sql } from '../contract/control.ts'
import { openStage } from '../testing.ts'
import type { Stage } from '../testing.ts'
import { createAttempts } from './attempts.ts'
import { postgresStore } from './postgres-store.ts'
import { redisStore } from './redis-store.ts'
import type { Charge, Rule, Store } from './store.ts'

/** Both stores, held to the same promises; what they add up is compared with sums of our own. */
let stage: Stage
let redis: Redis | undefined
before(async () => {
  stage = await openStage(jeweller)
  if (!lacksRedis) redis = await startRedis()
})
after(async () => {
  await redis?.[Symbol.asyncDispose]()
  await stage[Symbol.asyncDispose]()
})

const sql: Sql = async (text, values = []) => {
  const { directory, names } = stage.parts.deployment
  const as = { text: `select set_config('role', $1, true)`, values: [names.directory] }
  return (await directory.run([as, { text, values }]))[1]!.rows
}
const START_ms = Date.UTC(2026, 0, 1)
const RULE: Rule = { burst: 5, each_s: 60, doublings: 3, most: 12, forget_s: 3_600 }
const who = () => ({ account: randomUUID(), network: randomUUID() })
const one = (rule: Partial<Rule> = {}, key: string = randomUUID()): Charge[] => [{ ...RULE, ...rule, key, of: 'all' }]

type Opened = Store & AsyncDisposable
type Promised = (store: Store, open: () => Promise<Opened>, name: 'postgres' | 'redis') => Promise<void>

function inBoth(title: string, keeps: Promised) {
  const here = async (open: () => Promise<Opened>, name: 'postgres' | 'redis') => {
    await using store = await open()
    await keeps(store, open, name)
  }
  test(`postgres: ${title}`, () =>
    here(async () => ({ ...postgresStore(sql), [Symbol.asyncDispose]: async () => undefined }), 'postgres'))
  test(`redis: ${title}`, { skip: lacksRedis }, () => here(() => redisStore(redis!.url, 'shared'), 'redis'))
}

inBoth('64 at once over two stores are allowed exactly as many as there are (ASVS 6.3.1)', async (store, open) => {
  await using other = await open()
  for (let round = 0; round < 5; round += 1) {
    const [charges, asker] = [[...one(), ...one({ burst: 7 })], who()]
    const turns = Array.from({ length: 64 }, (_, turn) => (turn % 2 ? store : other).spend(charges, asker))
    const waits = await Promise.all(turns)
    assert.equal(waits.filter((wait) => wait === 0).length, RULE.burst)
  }
})

inBoth(
  'two processes share one budget, and a third that starts later finds it spent (ASVS 6.3.1)',
  async (store, _, name) => {
    const { admin, parts } = stage
    const { names } = parts.deployment
    const asker = { network: `203.0.113.${name.length}`, account: `shared@${name}.example` }
    const login = { ...admin, database: names.deployment }
    const where = name === 'redis' ? { redis: redis!.url } : { login, role: names.directory }
    const given = { ...where, who: asker, count: 32 }
    const started_ms = performance.now()
    const [here, there] = await Promise.all([spendElsewhere(given), spendElsewhere(given)])
    const later = await spendElsewhere(given)
    const refilled = Math.ceil((performance.now() - started_ms) / 60_000)
    assert.ok(here + there >= 10 && here + there + later < 10 + refilled, `${here} ${there} ${later}`)
    const attempts = createAttempts(store, (text) => text.slice(0, 40))
    const { allowed, reset_s } = await attempts.spend('sign-in', asker)
    assert.ok(allowed ? refilled > 1 : reset_s > 0)
  },
)

inBoth('for every rule and every pace the answer is what our own sums say', async (store) => {
  const rules = fc.record({
    burst: fc.integer({ min: 1, max: 6 }),
    each_s: fc.integer({ min: 1, max: 100 }),
    doublings: fc.integer({ min: 0, max: 4 }),
    most: fc.integer({ min: 3, max: 20 }),
    forget_s: fc.integer({ min: 0, max: 2_000 }),
  })
  const pauses = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: -500, max: 500 })), { maxLength: 30 })
  await fc.assert(
    fc.asyncProperty(rules, pauses, async (rule, pauses_s) => {
      const [charges, asker, sums] = [one(rule), who(), sumsOf(rule)]
      let now_s = START_ms / 1_000
      for (const pause_s of pauses_s) {
        now_s += pause_s
        const wait = await store.spend(charges, asker, now_s * 1_000)
        assert.ok(Math.abs(wait - sums(now_s)) < 0.001, `${wait}`)
      }
    }),
    { numRuns: 40 },
  )
})

inBoth('whoever comes back when told is let in, and a second earlier is not', async (store) => {
  const [charges, asker] = [one(), who()]
  let now_ms = START_ms
  for (let turn = 0; turn < RULE.most; turn += 1) {
    const wait = await store.spend(charges, asker, now_ms)
    if (wait === 0) continue
    assert.ok((await store.spend(charges, asker, now_ms + wait * 1_000 - 1_000)) > 0)
    now_ms += wait * 1_000
    assert.equal(await store.spend(charges, asker, now_ms), 0)
  }
})

inBoth('a clock that is set back neither opens a budget nor keeps anybody waiting for longer', async (store) => {
  const [charges, asker] = [one(), who()]
  for (let turn = 0; turn < RULE.burst; turn += 1) await store.spend(charges, asker, START_ms)
  const back_ms = START_ms - 86_400_000
  assert.equal(await store.spend(charges, asker, back_ms), RULE.each_s)
  assert.ok((await store.spend(charges, asker, START_ms + 30_000)) > 0)
  const longest = await store.spend(charges, asker, START_ms - 30 * 86_400_000)
  assert.equal(longest, RULE.each_s)
})

inBoth('all charges or none: what is refused costs nothing, on neither side', async (store) => {
  const [full, fresh, asker] = [one({ burst: 1 }), one(), who()]
  assert.equal(await store.spend(full, asker), 0)
  for (let turn = 0; turn < 20; turn += 1) assert.ok((await store.spend([...full, ...fresh], asker)) > 0)
  for (let turn = 0; turn < RULE.burst; turn += 1) assert.equal(await store.spend(fresh, asker), 0)
  assert.ok((await store.spend(fresh, asker)) > 0)
})

inBoth(
  'a place that the account came from has a budget of its own; the fourth place makes the first forgotten',
  async (store) => {
    const account = randomUUID()
    const key = randomUUID()
    const charges: Charge[] = [
      { ...RULE, key, of: 'strangers' },
      { ...RULE, key: `${key} place`, of: 'place' },
    ]
    const at = (network: string) => store.spend(charges, { account, network })
    await store.forgive(charges, { account, network: 'home' }, 3)
    while ((await at('elsewhere')) === 0);
    assert.equal(await at('home'), 0)
    assert.ok((await at('another')) > 0)
    for (const network of ['second', 'third', 'fourth']) await store.forgive(charges, { account, network }, 3)
    assert.equal(await at('fourth'), 0)
    while ((await at('elsewhere')) === 0);
    assert.ok((await at('home')) > 0)
  },
)

inBoth(
  'a success makes the budget that paid as new, and gives the network no more than its one back',
  async (store) => {
    const [account, network] = [randomUUID(), randomUUID()]
    const [all, own] = [one({ burst: 8 })[0]!, { ...RULE, key: randomUUID(), of: 'strangers' as const }]
    const spend = () => store.spend([all, own], { account, network })
    for (let turn = 0; turn < 4; turn += 1) assert.equal(await spend(), 0)
    await store.forgive([all, own], { account, network }, 0)
    for (let turn = 0; turn < 5; turn += 1) assert.equal(await spend(), 0, `${turn}`)
    assert.ok((await spend()) > 0)
    assert.ok((await store.spend([all], { account, network })) > 0, 'eight of the network are spent')
  },
)

inBoth('what several processes spent is added up, shrinks, and is told to one that starts', async (store, open) => {
  const [key, window_s] = [`read ${randomUUID()}`, 3_600]
  await using other = await open()
  await Promise.all([store.share([{ key, owed_s: 300, window_s }]), other.share([{ key, owed_s: 400, window_s }])])
  const [debt] = await store.share([{ key, owed_s: 0, window_s }])
  assert.ok(debt!.owed_s <= 700 && debt!.owed_s > 600, `${debt!.owed_s}`)
  await using later = await open()
  assert.ok((await later.debts()).some((known) => known.key === key && known.owed_s > 600))
  const [most] = await other.share([{ key, owed_s: 1e9, window_s }])
  assert.equal(most!.owed_s, 2 * window_s)
  const [least] = await other.share([{ key, owed_s: -1e9, window_s }])
  assert.equal(least!.owed_s, 0)
})

/** How long one has to wait, worked out once more; answers 0 where the charge was made. */
function sumsOf({ burst, each_s, doublings, most, forget_s }: Rule): (now_s: number) => number {
  let [tries, owed_s, at_s, forget_at_s] = [0, 0, 0, Number.NEGATIVE_INFINITY]
  return (now_s) => {
    const isKnown = now_s < forget_at_s
    const made = isKnown ? tries : 0
    const owing_s = isKnown ? Math.max(0, owed_s - Math.max(0, now_s - at_s)) : 0
    if (isKnown && made >= most) return forget_at_s - now_s
    const cost_s = each_s * 2 ** Math.min(doublings, Math.max(0, made - burst))
    const wait_s = owing_s - Math.max(0, burst * each_s - cost_s)
    if (wait_s > 0) return wait_s
    ;[tries, owed_s, at_s] = [made + 1, owing_s + cost_s, now_s]
    forget_at_s = now_s + owed_s + forget_s
    return 0
  }
}
