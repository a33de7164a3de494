import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { editionCalled, editionNames } from '../../cli/editions.ts'
import { jeweller } from '../../editions/jeweller/edition.ts'
import type { Asking, Sql, Told } from '../contract/control.ts'
import { ask } from '../serve/live/ask.ts'
import { catalogueOf, modulesOf } from '../serve/catalogue.ts'
import { readWords } from '../serve/http/locale.ts'
import type { Words } from '../serve/http/locale.ts'
import { openapi } from '../serve/http/openapi.ts'
import { serve } from '../serve/serve.ts'
import type { Served } from '../serve/serve.ts'
import { openWorkspace } from '../serve/workspaces.ts'
import { asAdmin } from '../tenancy/cluster.ts'
import { openStage } from '../testing.ts'
import type { Stage } from '../testing.ts'
import { ownCertificate } from '../transport/certificate.ts'
import { DECOYS } from './decoys.ts'
import { createLimits } from './limits.ts'
import { MOST_PER_MINUTE } from './room.ts'
import { openDecoys } from './sightings.ts'

/** Decoys over real HTTP, with a proxy that is believed, so that a test may come from any network. */
let stage: Stage
let served: Served
let token: string
before(async () => {
  stage = await openStage(jeweller, { limits: createLimits() })
  served = await open()
  token = (await openWorkspace(stage.parts, 'Visited', 'pool')).token
})
after(async () => {
  await served[Symbol.asyncDispose]()
  await stage[Symbol.asyncDispose]()
})

const open = async () =>
  serve(stage.parts, {
    host: '127.0.0.1',
    port: 0,
    tlsPort: 0,
    certificate: await ownCertificate(stage.folder, ['localhost']),
    probing: false,
    trustedProxies: ['127.0.0.0/8'],
  })

const http = (path: string, asking?: Asking) =>
  ask({ url: new URL(`http://127.0.0.1:${served.listening.port}`) }, path, asking)

const from = (address: string, more: Record<string, string> = {}) => ({
  headers: { 'x-forwarded-for': address, 'user-agent': `visitor ${address}`, ...more },
})

const admin = (statement: string, values: unknown[] = []) =>
  asAdmin(stage.admin, stage.parts.deployment.names.deployment, async (client) => {
    const { rows } = await client.query<Record<string, unknown>>(statement, values)
    return rows
  })

/** As the role that keeps the book. */
const sql: Sql = async (text, values = []) => {
  const { directory, names } = stage.parts.deployment
  const as = { text: `select set_config('role', $1, true)`, values: [names.directory] }
  return (await directory.run([as, { text, values }]))[1]!.rows
}

async function seen(network: string, count: number): Promise<Record<string, unknown>[]> {
  const look = () =>
    admin('select path, user_agent, score, at from limits.sighting where network = $1 order by id', [network])
  for (let turn = 0; turn < 100 && (await look()).length < count; turn += 1) await sleep(20)
  await sleep(50)
  return await look()
}

const facts = ({ status, headers, text }: Told) => {
  const id = headers.get('x-request-id')!
  const own = [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date')
  return { status, own, text: text.replaceAll(id, '…') }
}

const TYPED = { 'content-type': 'application/x-www-form-urlencoded' }
const WAYS: Asking[] = [
  { method: 'GET' },
  { method: 'HEAD' },
  { method: 'POST' },
  { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' },
  { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' },
  { method: 'POST', headers: TYPED, body: 'log=admin&pwd=admin' },
  { method: 'PUT', headers: TYPED, body: 'a=b' },
  { method: 'DELETE' },
  { method: 'OPTIONS' },
  { method: 'GET', headers: { host: '192.0.2.1' } },
  { method: 'GET', headers: { 'accept-language': 'ar' } },
]

test('a decoy and an address that is nothing get the same answer, byte for byte, however one asks', async () => {
  for (const decoy of DECOYS)
    for (const way of WAYS) {
      const headers = { ...from('203.0.113.1').headers, ...way.headers }
      const decoyed = await http(`${decoy}?a=b`, { ...way, headers })
      const nothing = await http(`${decoy}-?a=b`, { ...way, headers })
      assert.ok(decoyed.status >= 400)
      assert.deepEqual(facts(decoyed), facts(nothing), `${way.method} ${decoy}`)
    }
  assert.equal((await http('/.env', from('203.0.113.1'))).status, 404)
})

test('every decoy is written down once with who asked, and nothing else is', async () => {
  const address = '203.0.113.2'
  const asked: string[] = []
  for (const [at, decoy] of DECOYS.entries()) {
    const way = WAYS[at % WAYS.length]!
    await http(`${decoy}?secret=${at}`, { ...way, headers: { ...from(address).headers, ...way.headers } })
    await http(`${decoy}/-`, from(address))
    asked.push(decoy)
  }
  await http('/security', from(address))
  const rows = await seen(address, asked.length)
  assert.deepEqual(
    rows.map(({ path, user_agent, score }) => [path, user_agent, Math.round(Number(score))]),
    asked.map((path, at) => [path, `visitor ${address}`, at + 1]),
  )
  for (const { at } of rows) assert.ok(Math.abs((at as Date).getTime() - Date.now()) < 60_000)
})

test('who hangs up before the answer is written down too', async () => {
  const socket = connect(served.listening.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write('GET /.env HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.3\r\n\r\n', () => socket.destroy())
  assert.equal((await seen('203.0.113.3', 1)).length, 1)
})

test('a network is an address, or the whole /64 that one customer holds', async () => {
  await http('/.env', from('2001:db8:1:2:3::4'))
  await http('/.env', from('2001:db8:1:2:ffff::1'))
  assert.equal((await seen('2001:db8:1:2::/64', 2)).length, 2)
})

test('a user agent is cut short and takes no control of a terminal', async () => {
  await http('/.env', from('203.0.113.4', { 'user-agent': `a\tb\u0085c${'x'.repeat(5_000)}` }))
  const [row] = await seen('203.0.113.4', 1)
  assert.match(String(row!['user_agent']), /^a b cx{195}$/)
  await http('/.env', { headers: { 'x-forwarded-for': '203.0.113.5' } })
  assert.equal((await seen('203.0.113.5', 1))[0]!['user_agent'], '')
})

test('the role that keeps the book adds and removes, and changes nothing', async () => {
  const { directory } = stage.parts.deployment.names
  await assert.rejects(sql(`update limits.sighting set score = 0`), { code: '42501' })
  await assert.rejects(sql('truncate limits.sighting'), { code: '42501' })
  const grants = await admin(
    `select distinct privilege_type::text as right from information_schema.role_table_grants
     where table_schema = 'limits' and grantee = $1 order by 1`,
    [directory],
  )
  assert.deepEqual(
    grants.map(({ right }) => right),
    ['DELETE', 'INSERT', 'SELECT'],
  )
})

test('a book that cannot be written to delays nobody, and is written when it can be', async () => {
  const address = '203.0.113.6'
  await asAdmin(stage.admin, stage.parts.deployment.names.deployment, async (client) => {
    await client.query('begin; lock table limits.sighting in access exclusive mode')
    for (let turn = 0; turn < 20; turn += 1) {
      const began = performance.now()
      assert.equal((await http('/.git/config', from(address))).status, 404)
      assert.ok(performance.now() - began < 1_000)
    }
    await client.query('rollback')
  })
  assert.equal((await seen(address, 20)).length, 20)
})

/** How many pages are shown before the budget is empty. */
async function pagesFor(address: string, most = 40): Promise<number> {
  for (let shown = 0; shown < most; shown += 1)
    if ((await http('/security.css', from(address))).status === 429) return shown
  return most
}

test('a scanner’s network has a tenth of the pages left, others all, and a valid key is never touched', async () => {
  const [scanner, neighbour] = ['203.0.113.7', '203.0.113.8']
  for (const decoy of DECOYS.slice(0, 6)) await http(decoy, from(scanner))
  await http('/.env', from(neighbour))
  assert.equal(await pagesFor(scanner), 12)
  assert.equal(await pagesFor(neighbour), 40)
  const wrong = { ...from(scanner, { authorization: `Bearer ${'x'.repeat(40)}` }) }
  assert.equal((await http('/v1/identity.workspace.get', wrong)).status, 429)
  const right = from(scanner, { authorization: `Bearer ${token}` })
  for (let turn = 0; turn < 50; turn += 1) assert.equal((await http('/v1/identity.workspace.get', right)).status, 200)
})

test('a restart forgets neither what was seen nor who is suspected', async () => {
  const scanner = '203.0.113.9'
  for (const decoy of DECOYS.slice(0, 8)) await http(decoy, from(scanner))
  await served[Symbol.asyncDispose]()
  served = await open()
  assert.equal((await seen(scanner, 8)).length, 8)
  Object.assign(stage.parts, { limits: createLimits() })
  assert.equal(await pagesFor(scanner), 12)
  assert.equal(await pagesFor('203.0.113.10'), 40)
  await http('/.env', from(scanner))
  const scores = (await seen(scanner, 9)).map(({ score }) => Number(score))
  assert.ok(scores[8]! > 8.9 && scores[8]! <= 9, String(scores))
})

test('what one process sees of a scanner, the others hear', async () => {
  await using one = await openDecoys(sql, () => undefined)
  await using other = await openDecoys(sql, () => undefined)
  const scanner = '203.0.113.40'
  for (let turn = 0; turn < 8; turn += 1) one.see({ network: scanner, url: '/.env', userAgent: 'x' })
  while (other.price(scanner, Date.now()) === 1) await sleep(50)
  assert.equal(other.price(scanner, Date.now()), one.price(scanner, Date.now()))
  assert.equal(other.price('203.0.113.41', Date.now()), 1)
})

test('this machine is written down and never suspected', async () => {
  for (let turn = 0; turn < 12; turn += 1) await http('/.env', { headers: { 'user-agent': 'near' } })
  const rows = await seen('127.0.0.1', 12)
  assert.equal(rows.filter(({ user_agent }) => user_agent === 'near').length, 12)
  assert.ok(rows.every(({ score }) => score === 0))
  assert.equal(served.door.decoys.price('127.0.0.1', Date.now()), 1)
})

test('an end waits until what was seen is written', async () => {
  let written = 0
  const counting: Sql = async (text, values) => {
    const rows = await sql(text, values)
    if (text.includes('insert')) written += 1
    return rows
  }
  const decoys = await openDecoys(counting, () => undefined)
  const began = performance.now()
  decoys.see({ network: '203.0.113.11', url: '/.env', userAgent: 'last' })
  await decoys[Symbol.asyncDispose]()
  assert.equal(written, 1)
  assert.ok(performance.now() - began < 200)
})

test('a storm is bounded, and told of by its number', async () => {
  const told: [string, unknown][] = []
  await using decoys = await openDecoys(sql, (event, fields) => told.push([event, fields]))
  const now_ms = Date.now() - 120_000
  const see = (network: string, at_ms = now_ms) => decoys.see({ network, url: '/.env', userAgent: undefined }, at_ms)
  for (let turn = 0; turn < 2_000; turn += 1) see('203.0.113.20')
  for (let stranger = 0; stranger < 2_000; stranger += 1) see(`10.9.${stranger >> 8}.${stranger & 255}`)
  assert.equal((await seen('203.0.113.20', MOST_PER_MINUTE.network)).length, MOST_PER_MINUTE.network)
  const [others] = await admin(`select count(*)::int as n from limits.sighting where network like '10.9.%'`)
  assert.equal(others!['n'], MOST_PER_MINUTE.all - MOST_PER_MINUTE.network)
  assert.equal(told.length, MOST_PER_MINUTE.all)
  see('203.0.113.20', now_ms + 60_000)
  assert.deepEqual(told[MOST_PER_MINUTE.all], ['decoys, too many to keep', { count: 4_000 - MOST_PER_MINUTE.all }])
})

test('what is older than ninety days is removed, and so is the oldest of too many', async () => {
  const add = (network: string, count: number, age: string) =>
    admin(
      `insert into limits.sighting (at, network, path, user_agent, score)
       select now() - $3::interval, $1, '/.env', '', 1 from generate_series(1, $2::int)`,
      [network, count, age],
    )
  const count = async (network: string) =>
    (await admin('select count(*)::int as n from limits.sighting where network = $1', [network]))[0]!['n']
  await add('old', 3, '91 days')
  await add('recent', 3, '89 days')
  await using _once = await openDecoys(sql)
  assert.deepEqual([await count('old'), await count('recent')], [0, 3])
  await add('many', 300_000, '2 hours')
  await using _again = await openDecoys(sql)
  assert.deepEqual([await count('recent'), await count('many')], [0, 300_000])
})

test('no page, no description of any edition and no word to crawlers names a decoy', async () => {
  const pages = ['/', '/security', '/security.json', '/openapi.json', '/robots.txt', '/problems/not-found']
  for (const page of pages)
    for (const lang of ['en', 'ar']) {
      const { status, text } = await http(`${page}?lang=${lang}`, from('203.0.113.30'))
      assert.equal(status, 200, page)
      for (const decoy of DECOYS) assert.ok(!text.includes(decoy), `${page} names ${decoy}`)
    }
  for (const name of editionNames) {
    const edition = await editionCalled(name)
    const modules = modulesOf(edition)
    const folders = [new URL('../serve/', import.meta.url), ...modules.map(({ directory }) => directory)]
    const words = { en: readWords('en', folders) as Words, ar: readWords('ar', folders) as Words }
    const text = JSON.stringify([edition.page, openapi(edition, catalogueOf(modules), words)])
    for (const decoy of DECOYS) assert.ok(!text.includes(decoy), `${name} names ${decoy}`)
  }
})

test('crawlers are pointed to what was written for strangers, and keep away from the rest', async () => {
  const { headers, text } = await http('/robots.txt', from('203.0.113.31'))
  assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8')
  assert.equal(text, 'User-agent: *\nAllow: /security\nDisallow: /\n')
})
