import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'
import { namesOf } from './names.ts'
import { Realms } from './realms.ts'
import type { Realm } from './realms.ts'

/** Many databases behind one small number of connections, and strangers who ask for workspaces that are not there. */
let here: World
before(async () => {
  here = await world(jeweller, 'database')
})
after(() => here[Symbol.asyncDispose]())

/** The cap of `realms.ts`, said again so that a change of it is noticed. */
const MOST_OPEN = 36
const kind = 'database' as const
const imagined = (n: number): Realm => ({ id: `${n}`, kind, database: `imagined_${n}`, login: 'nobody', password: 'x' })
const fill = (realms: Realms) => {
  for (let n = 0; n < MOST_OPEN; n++) realms.open(imagined(n))
}
/** Longer than a pool that was handed out is left alone. */
const settled = () => sleep(80)

test('more databases than the cap: the one idle for longest is closed, and works when asked again', async () => {
  const { realms } = here.served.parts.deployment
  const { realm } = here.north.place
  const sessions = () => countSessions(realm.login)
  assert.equal((await here.as('owner').call('identity.workspace.get')).status, 200)
  assert.ok((await sessions()) > 0)
  await settled()
  fill(realms)
  await settled()
  assert.equal(realms.opened, MOST_OPEN)
  assert.equal(await sessions(), 0, 'its connections are closed')
  for (const call of ['identity.workspace.get', 'shop.customer.list', 'identity.workspace.get'])
    assert.equal((await here.as('owner').call(call)).status, 200, 'a key that is remembered finds its database open')
  const made = await here.as('owner').call('shop.customer.create', { name: 'After the flood' })
  assert.equal(made.status, 200)
})

test('a workspace is remembered once, however its id is written', async () => {
  const { place, names } = { ...here.north, ...here.served.parts.deployment }
  let asked = 0
  const realms = new Realms(names, { host: 'localhost', port: 1 }, async () => {
    asked += 1
    return place
  })
  const { workspace } = place
  for (const written of [
    workspace,
    workspace.toUpperCase(),
    `${workspace.slice(0, 9)}${workspace.slice(9).toUpperCase()}`,
  ])
    assert.equal((await realms.place(written))?.workspace, workspace)
  assert.equal(asked, 1)
})

test('a hundred requests while other databases come and go: none of them is lost', async () => {
  const { realms } = here.served.parts.deployment
  const told: number[] = []
  const passing = (async () => {
    for (let n = 0; n < 300; n++) {
      realms.open(imagined(1_000 + n))
      await sleep(3)
    }
  })()
  for (let round = 0; round < 20; round++) {
    const sides = ['north', 'south', 'south', 'north', 'south'] as const
    const asked = sides.map((side) => here.as('owner', side).call('identity.workspace.get'))
    told.push(...(await Promise.all(asked)).map(({ status }) => status))
    await sleep(round)
  }
  await passing
  assert.deepEqual(new Set(told), new Set([200]))
})

test('where every database is at work the newcomer is told to come again, and then gets in', async () => {
  const sockets: Socket[] = []
  const silent = createServer((socket) => sockets.push(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const server = { host: '127.0.0.1', port: (silent.address() as AddressInfo).port, ssl: false }
  const realms = new Realms(namesOf('nowhere'), server, async () => undefined)
  const waiting = Array.from({ length: MOST_OPEN }, (_, n) => realms.open(imagined(n)).lease().catch(String))
  await settled()
  assert.throws(() => realms.open(imagined(99)), { status: 503, code: 'unavailable', retryAfter_s: 1 })
  assert.ok(realms.open(imagined(7)), 'who is in stays in')
  for (const socket of sockets) socket.destroy()
  await Promise.all(waiting)
  await settled()
  assert.ok(realms.open(imagined(99)))
  assert.equal(realms.opened, MOST_OPEN)
  await realms[Symbol.asyncDispose]()
  await new Promise((resolve) => silent.close(resolve))
})

test('the login of one database connects to no other: twin, pool, directory, server (ASVS 13.2.2)', async () => {
  const { admin, names } = here.served.parts.deployment
  const { database, login: user, password } = here.north.place.realm
  const others = [here.south.place.realm.database, names.pool, names.deployment, names.template]
  const elsewhere = process.env['TEST_DATABASE_URL'] ? [] : ['postgres', 'template1']
  assert.equal(await enters({ ...admin, user, password, database }), '')
  for (const other of [...others, ...elsewhere])
    assert.match(await enters({ ...admin, user, password, database: other }), /^(?:42501|55000)$/, other)
  assert.equal(await enters({ ...admin, user: here.south.place.realm.login, password, database }), '28P01')
  const pool = await here.served.parts.deployment.realms.place(here.served.live.canaries[0]!.north.workspace)
  const { login, password: theirs } = pool!.realm
  for (const other of [database, names.template])
    assert.match(await enters({ ...admin, user: login, password: theirs, database: other }), /^(?:42501|55000)$/, other)
})

test('a flood of unknown workspaces is remembered within bounds, and asks the directory once for each', async () => {
  let lookups = 0
  const realms = new Realms(namesOf('nowhere'), { host: '', port: 0, ssl: false }, async () => {
    lookups++
    return undefined
  })
  const stranger = randomUUID()
  for (let i = 0; i < 50; i++) assert.equal(await realms.place(stranger), undefined)
  assert.equal(lookups, 1)
  for (let i = 0; i < 25_000; i++) await realms.place(randomUUID())
  const { unknown, places } = realms as unknown as { unknown: Map<string, number>; places: Map<string, unknown> }
  assert.ok(unknown.size <= 10_000, `${unknown.size} are remembered`)
  assert.equal(places.size, 0)
})

test('a workspace that was unknown a moment ago is found when it is there', async () => {
  const place = { workspace: randomUUID(), realm: imagined(1) }
  const known: (typeof place)[] = []
  const realms = new Realms(namesOf('nowhere'), { host: '', port: 0, ssl: false }, async () => known[0])
  assert.equal(await realms.place(place.workspace), undefined)
  known.push(place)
  await sleep(2_100)
  assert.equal(await realms.place(place.workspace), place)
})

async function enters(login: pg.ClientConfig): Promise<string> {
  const client = new pg.Client(login)
  try {
    await client.connect()
    await client.end()
    return ''
  } catch (error) {
    return (error as pg.DatabaseError).code ?? String(error)
  }
}

/** The keeper of the logs comes and goes as it likes. */
async function countSessions(login: string): Promise<number> {
  const [row] = await here.served.live.directory(
    `select count(*)::int as n from pg_stat_activity where usename = $1 and application_name = 'vouchsafe'`,
    [login],
  )
  return Number(row!['n'])
}
