import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jeweller } from '../../editions/jeweller/edition.ts'
import type { Sql } from '../contract/control.ts'
import { openStage } from '../testing.ts'
import type { Stage } from '../testing.ts'
import { createLimits, QUOTAS } from './limits.ts'
import type { Limits } from './limits.ts'
import { postgresStore } from './postgres-store.ts'
import { shareLimits } from './sharing.ts'
import type { Store } from './store.ts'

/** Several processes as far as budgets go: each has its own, and all have one database. */
let stage: Stage
let store: Store
let isAway = false
before(async () => {
  stage = await openStage(jeweller)
  const { directory, names } = stage.parts.deployment
  const sql: Sql = async (text, values = []) => {
    if (isAway) throw new Error('the database is away')
    const as = { text: `select set_config('role', $1, true)`, values: [names.directory] }
    return (await directory.run([as, { text, values }]))[1]!.rows
  }
  store = postgresStore(sql)
})
after(() => stage[Symbol.asyncDispose]())

const { quota } = QUOTAS.sensitive
const PIECE = Math.ceil(quota / 8)

const started_ms = performance.now()
/** What has filled up again since this file began. */
const refilled = () => Math.ceil(((performance.now() - started_ms) * quota) / 60_000)

function spend(limits: Limits, who: string, count: number): number {
  const turns = Array.from({ length: count }, () => limits.spend('sensitive', who, Date.now()))
  return turns.filter(({ allowed }) => allowed).length
}

async function process() {
  const limits = createLimits()
  return { limits, sharing: await shareLimits(limits, store) }
}

test('processes together allow little more than one budget (ASVS 6.3.1)', async () => {
  const all = await Promise.all(Array.from({ length: 4 }, process))
  let served = spend(all[0]!.limits, 'storm', 100)
  for (let round = 0; round < 20; round += 1)
    for (const { limits, sharing } of all) {
      await sharing.exchange()
      served += spend(limits, 'storm', PIECE)
    }
  assert.ok(served >= quota)
  assert.ok(served <= quota + all.length * PIECE + refilled(), `${served}`)
  for (const { sharing } of all) await sharing[Symbol.asyncDispose]()
})

test('what was allowed too much, at one moment in every process, is made up for', async () => {
  const all = await Promise.all(Array.from({ length: 5 }, process))
  for (const { limits } of all) assert.equal(spend(limits, 'burst', 100), quota)
  for (const { sharing } of all) await sharing.exchange()
  const { limits, sharing } = all.at(-1)!
  const { allowed, remaining, reset_s } = limits.spend('sensitive', 'burst', Date.now())
  assert.deepEqual([allowed, remaining], [false, 0])
  assert.ok(reset_s <= 2 * 60, `${reset_s}`)
  assert.ok(limits.spend('sensitive', 'burst', Date.now() + reset_s * 1_000).allowed, 'when told to come back')
  assert.equal(spend(limits, 'neighbour', quota), quota)
  for (const one of [sharing, ...all.map((each) => each.sharing)]) await one[Symbol.asyncDispose]()
})

test('a restart knows before it serves what was spent, and nothing is invented', async () => {
  const first = await process()
  spend(first.limits, 'leaver', 100)
  spend(first.limits, 'passer-by', 1)
  await first.sharing[Symbol.asyncDispose]()
  const second = await process()
  assert.ok(spend(second.limits, 'leaver', 100) <= refilled())
  assert.equal(spend(second.limits, 'stranger', 100), quota)
  await second.sharing[Symbol.asyncDispose]()
})

test('without the database each budget goes on by itself, which is said once, and is shared again later', async () => {
  const told: string[] = []
  const limits = createLimits()
  const sharing = await shareLimits(limits, store, (event) => told.push(event))
  isAway = true
  for (let round = 0; round < 5; round += 1) {
    assert.equal(spend(limits, `alone ${round}`, 100), quota)
    await sharing.exchange()
  }
  assert.deepEqual(told, ['budgets are not shared'])
  isAway = false
  spend(limits, 'together', 100)
  await sharing[Symbol.asyncDispose]()
  assert.deepEqual(told, ['budgets are not shared'])
  assert.ok((await store.debts()).some(({ key }) => key === 'sensitive together'))
})

test('only what matters is told, and no more at a time than has its place', async () => {
  const limits = createLimits()
  for (let passer = 0; passer < 5_000; passer += 1) limits.spend('read', `passer-by ${passer}`, Date.now())
  assert.deepEqual(limits.spent(), [])
  for (let storm = 0; storm < 3_000; storm += 1) spend(limits, `storm ${storm}`, PIECE)
  assert.equal(limits.spent().length, 1_000)
  assert.deepEqual(limits.spent(), [])
  assert.equal(spend(limits, 'storm 2999', 1), 1)
  const [late] = limits.spent()
  assert.deepEqual(late, { key: 'sensitive storm 2999', owed_s: ((PIECE + 1) * 60) / quota, window_s: 60 })
})

test('a key that is no budget of ours is left alone', () => {
  const limits = createLimits()
  for (const key of ['', 'read', 'nothing storm', '__proto__ x', 'constructor x']) limits.learn(key, 60, Date.now())
  assert.equal(spend(limits, 'storm', 100), quota)
})
