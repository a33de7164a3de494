import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { createLimits } from '../limits/limits.ts'
import { startEmbedded } from '../postgres/embedded.ts'
import type { Server } from '../postgres/embedded.ts'
import { ownCertificate } from '../transport/certificate.ts'
import { openVault } from '../vault/vault.ts'
import { ask, requestOf } from './live/ask.ts'
import { openParts } from './open.ts'
import type { Parts } from './parts.ts'
import { serve } from './serve.ts'
import type { Served } from './serve.ts'
import { openWorkspace } from './workspaces.ts'

/** The database is taken away from under a running deployment, and given back: denied meanwhile, never allowed. */
const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-away-'))
const database = join(folder, 'postgres')
let server: Server
let parts: Parts
let served: Served
let token: string
let dedicated: string
before(async () => {
  server = await startEmbedded(database, { durable: false })
  const limits = createLimits({ scale: 10_000 })
  const vault = openVault({ folder })
  parts = await openParts({ edition: jeweller, admin: server.admin, deployment: 'away', limits, vault })
  const certificate = await ownCertificate(folder, ['localhost'])
  served = await serve(parts, { host: '127.0.0.1', port: 0, tlsPort: 0, certificate, probing: false })
  token = (await openWorkspace(parts, 'Away', 'pool')).token
  dedicated = (await openWorkspace(parts, 'Far away', 'database')).token
})
after(async () => {
  await served[Symbol.asyncDispose]()
  await parts.deployment[Symbol.asyncDispose]()
  await server.stop()
  rmSync(folder, { recursive: true, force: true })
})

const call = async (name: string, input: object, key = token) => {
  const isQuery = parts.catalogue.get(name)!.operation.kind === 'query'
  const { path, asking } = requestOf(name, isQuery, input, key)
  return await ask({ url: new URL(`http://127.0.0.1:${served.listening.port}`) }, path, asking)
}
const get = async (path: string) =>
  (await ask({ url: new URL(`http://127.0.0.1:${served.listening.port}`) }, path)).status

const everything = () => [
  call('identity.workspace.get', {}),
  call('shop.customer.list', { limit: 1 }),
  call('shop.customer.create', { name: 'While away' }),
  call('identity.key.create', { name: 'While away', role: 'owner' }),
  call('identity.workspace.get', {}, dedicated),
  call('shop.customer.create', { name: 'While away' }, dedicated),
  call('identity.workspace.get', {}, `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`),
]

test('while the database is down everything is denied with 503, from the first request on: no fail-open', async () => {
  const before = await Promise.all(everything())
  assert.deepEqual(
    before.map(({ status }) => status),
    [200, 200, 200, 200, 200, 200, 401],
  )
  await server.stop()
  const started = performance.now()
  while (performance.now() - started < 2_500) {
    for (const told of await Promise.all(everything())) {
      assert.equal(told.status, 503, told.text)
      const { code, instance } = told.json()
      assert.deepEqual([code, instance], ['unavailable', `urn:uuid:${told.headers.get('x-request-id')}`])
      assert.equal(told.headers.get('retry-after'), '1')
    }
    await sleep(100)
  }
  assert.deepEqual([await get('/livez'), await get('/readyz'), await get('/openapi.json')], [200, 503, 200])
  assert.ok([200, 503].includes(await get('/security')))
})

test('when it is back everything works again without a restart, and nothing that was denied has happened', async () => {
  server = await startEmbedded(database, { durable: false })
  const started = performance.now()
  while ((await get('/readyz')) !== 200) {
    assert.ok(performance.now() - started < 10_000)
    await sleep(50)
  }
  const told = await Promise.all(everything())
  assert.deepEqual(
    told.map(({ status }) => status),
    [200, 200, 200, 200, 200, 200, 401],
  )
  for (const key of [token, dedicated]) {
    const { data } = (await call('shop.customer.list', { search: 'While away' }, key)).json() as { data: unknown[] }
    assert.equal(data.length, 2, 'one from before, one from after')
  }
})
