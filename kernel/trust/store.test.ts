import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { asAdmin } from '../tenancy/cluster.ts'
import { testServer } from '../testing.ts'
import type { Sql } from '../contract/control.ts'
import type { Evidence, Store } from './evidence.ts'
import { databaseStore, memoryStore } from './store.ts'

const NOON = new Date('2026-11-20T12:00:00Z')
const MINUTE_ms = 60_000
const at = (minutes: number) => new Date(NOON.getTime() + minutes * MINUTE_ms)

const saw = (minutes: number, holds: boolean | null = true, more: Partial<Evidence> = {}): Evidence => ({
  control: 'house.wall',
  at: at(minutes),
  validUntil: at(minutes + 5),
  holds,
  saw: holds === null ? '' : 'seen',
  detail: { rows: 3 },
  took_ms: 1.6,
  ...more,
})

/** A database with nothing in it but the evidence, as the boot would make it. */
const cluster = { database: `trust_${randomBytes(4).toString('hex')}`, server: testServer() }
let sql: Sql

before(async () => {
  const { admin } = await cluster.server
  await asAdmin(admin, admin.database, (client) => client.query(`create database ${cluster.database}`))
  sql = (statement, values) =>
    asAdmin(admin, cluster.database, async (client) => {
      return (await client.query(statement, values === undefined ? [] : [...values])).rows as Record<string, unknown>[]
    })
  await sql('create schema trust')
  const migration = readFileSync(new URL('migrations/0001_evidence.sql', import.meta.url), 'utf8')
  await asAdmin(admin, cluster.database, (client) => client.query(`set search_path = trust; ${migration}`))
})

after(async () => {
  const { admin, stop } = await cluster.server
  await asAdmin(admin, admin.database, (client) => client.query(`drop database ${cluster.database} with (force)`))
  await stop()
})

const stores: Readonly<Record<string, () => Promise<Store>>> = {
  'in the database': async () => {
    await sql('delete from trust.evidence')
    return databaseStore(sql)
  },
  'in memory': () => Promise.resolve(memoryStore()),
}

for (const [where, open] of Object.entries(stores)) {
  const kept = async (...all: Evidence[]) => {
    const store = await open()
    for (const each of all) await store.save(each)
    return (await store.latest()).get('house.wall')
  }
  const since = async (...all: Evidence[]) => (await kept(...all))?.since.getTime()

  test(`${where}, the newest verdict of each control is found as it was`, async () => {
    const store = await open()
    await store.save(saw(0))
    await store.save(saw(2, false, { saw: 'a hole' }))
    await store.save(saw(1, true, { control: 'house.door' }))
    const latest = await store.latest()
    assert.deepEqual([...latest.keys()].toSorted(), ['house.door', 'house.wall'])
    const wall = latest.get('house.wall')!
    assert.deepEqual(
      [wall.control, wall.holds, wall.saw, wall.at, wall.validUntil],
      ['house.wall', false, 'a hole', at(2), at(7)],
    )
    assert.deepEqual(wall.detail, { rows: 3 })
    assert.equal(Math.round(wall.took_ms), 2)
  })

  test(`${where}, a verdict says since when it has been the same`, async () => {
    assert.equal(await since(saw(0)), at(0).getTime())
    assert.equal(await since(saw(0), saw(2), saw(4)), at(0).getTime())
    assert.equal(await since(saw(0), saw(2, false)), at(2).getTime())
    assert.equal(await since(saw(0), saw(2, false), saw(4, false)), at(2).getTime())
    assert.equal(await since(saw(0), saw(2, false), saw(4)), at(4).getTime())
  })

  test(`${where}, a verdict that had lapsed is not continued`, async () => {
    assert.equal(await since(saw(0), saw(5)), at(0).getTime(), 'renewed at the last moment')
    assert.equal(await since(saw(0), saw(6)), at(6).getTime())
  })

  test(`${where}, a run that could not see neither hides a verdict nor breaks the row`, async () => {
    const wall = await kept(saw(0), saw(2, null), saw(4))
    assert.equal(wall?.holds, true)
    assert.equal(wall?.since.getTime(), at(0).getTime())
    assert.equal((await kept(saw(0, false), saw(1, null)))?.holds, false)
    assert.equal(await kept(saw(0, null)), undefined)
  })

  test(`${where}, after the clock was set back the verdict that came last counts, not the one dated last`, async () => {
    const wall = await kept(saw(60), saw(0, false))
    assert.equal(wall?.holds, false)
    assert.equal((await kept(saw(60), saw(0)))?.since.getTime(), at(0).getTime())
  })
}

test('evidence cannot be changed or emptied at one stroke, and none is valid before it was seen', async () => {
  const store = await stores['in the database']!()
  await store.save(saw(0, false))
  await assert.rejects(sql('update trust.evidence set holds = true'), /never changed/)
  await assert.rejects(sql('truncate trust.evidence'), /never changed/)
  await assert.rejects(store.save(saw(0, true, { validUntil: at(0) })), /check constraint/)
  assert.equal((await store.latest()).get('house.wall')?.holds, false)
})

test('pruning keeps a day whole, then one run an hour and every change, and nothing beyond 90 days', async () => {
  const store = await stores['in the database']!()
  const DAY = 24 * 60
  const old = [saw(-91 * DAY), saw(-91 * DAY + 1, false)]
  const hour = [-3 * DAY, -3 * DAY + 2, -3 * DAY + 4].map((minutes) => saw(minutes))
  const changed = [saw(-3 * DAY + 6, false), saw(-3 * DAY + 8, false), saw(-3 * DAY + 10)]
  const blind = [saw(-2 * DAY, null), saw(-2 * DAY + 1, null), saw(-2 * DAY + 61, null)]
  const recent = [saw(-10), saw(-8), saw(-6)]
  for (const each of [...old, ...hour, ...changed, ...blind, ...recent]) await store.save(each)
  await store.prune(NOON)
  const rows = await sql('select extract(epoch from at) * 1000 as ms, holds from trust.evidence order by id')
  const left = rows.map(({ ms, holds }) => [(Number(ms) - NOON.getTime()) / MINUTE_ms, holds])
  assert.deepEqual(left, [
    [-3 * DAY, true],
    [-3 * DAY + 6, false],
    [-3 * DAY + 10, true],
    [-2 * DAY, null],
    [-2 * DAY + 61, null],
    [-10, true],
    [-8, true],
    [-6, true],
  ])
})

test('pruning leaves the newest verdict, however old, so that what was red does not fall silent', async () => {
  const store = await stores['in the database']!()
  for (const each of [saw(-200 * 24 * 60), saw(-199 * 24 * 60, false)]) await store.save(each)
  await store.prune(NOON)
  assert.equal((await store.latest()).get('house.wall')?.holds, false)
  assert.equal((await sql('select count(*)::int as n from trust.evidence'))[0]?.['n'], 1)
})
