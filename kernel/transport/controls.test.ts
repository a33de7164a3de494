import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer as createPlainServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Asking, Breakable, LiveOperation, Misconfiguration, Policy, Told } from '../contract/control.ts'
import { ownAuthority, vouchFor } from './authority.ts'
import { ownCertificate } from './certificate.ts'
import { headers, tls } from './controls.ts'
import { hardeningHeaders } from './headers.ts'
import { tlsBelow, tlsOptions } from './tls.ts'

const folder = mkdtempSync(join(tmpdir(), 'door-'))
after(() => rmSync(folder, { recursive: true }))
const hosts = ['localhost', '127.0.0.1']

/** A door of four addresses, made of the real headers and the real TLS options. */
async function openDoor(floor: Policy['tls'], without?: string) {
  const settings = { headers: true }
  const answer = (overTls: boolean) => (request: IncomingMessage, response: ServerResponse) => {
    const [status, kind] = ANSWERS[request.url ?? ''] ?? ([404, 'api'] as const)
    const all = settings.headers ? hardeningHeaders(kind, overTls) : {}
    response.writeHead(status, Object.fromEntries(Object.entries(all).filter(([name]) => name !== without))).end()
  }
  const [plain, secure] = [createPlainServer(answer(false)), createServer(answer(true))]
  const certificate = await ownCertificate(folder, hosts)
  const setTls = (options: object) => secure.setSecureContext({ ...certificate, ...options })
  setTls(tlsOptions(floor))
  secure.on('tlsClientError', () => undefined)
  const [port, tlsPort] = [await listen(plain), await listen(secure)]
  const live = {
    policy: { tls: floor } as Policy,
    operations: [{ name: 'shop.invoice.create', kind: 'action' } as LiveOperation],
    tls: { host: '127.0.0.1', port: tlsPort },
    http: async (path: string, init?: Asking) => tell(await fetch(`http://127.0.0.1:${port}${path}`, init)),
    misconfigure(setting: Misconfiguration) {
      if (setting === 'no headers') settings.headers = false
      else setTls(tlsBelow(floor))
      return () => {
        settings.headers = true
        setTls(tlsOptions(floor))
      }
    },
  } as unknown as Breakable
  return { live, setTls, [Symbol.dispose]: () => void [plain.close(), secure.close()] }
}

const ANSWERS: Record<string, [number, 'api' | 'page']> = {
  '/security': [200, 'page'],
  '/livez': [200, 'api'],
  '/v1/shop.invoice.create': [401, 'api'],
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const tell = async (response: Response): Promise<Told> =>
  ({ status: response.status, headers: response.headers, text: await response.text() }) as Told

for (const floor of ['1.2', '1.3'] as const) {
  test(`TLS ${floor}: both hold, each sabotage is seen by its own control alone, and heals (ASVS 12.1.1)`, async () => {
    using door = await openDoor(floor)
    const look = async () => [(await headers.probe(door.live)).holds, (await tls.probe(door.live)).holds]
    assert.deepEqual(await look(), [true, true])
    const healHeaders = await headers.sabotage(door.live)
    assert.deepEqual(await look(), [false, true])
    await healHeaders()
    const healTls = await tls.sabotage(door.live)
    assert.deepEqual(await look(), [true, false])
    await healTls()
    assert.deepEqual(await look(), [true, true])
  })
}

test('each header that is missing is seen', async () => {
  for (const name of Object.keys(hardeningHeaders('api', true))) {
    using door = await openDoor('1.3', name)
    const finding = await headers.probe(door.live)
    assert.equal(finding.holds, false, name)
  }
})

test('an answer of another kind than expected proves nothing', async () => {
  using door = await openDoor('1.3')
  const everywhere: Breakable['http'] = (_path) => door.live.http('/livez')
  const { holds, saw } = await headers.probe({ ...door.live, http: everywhere })
  assert.deepEqual([holds, saw], [false, 'an answer was of another kind than expected'])
})

test('outdated ciphers, a certificate out of date and a closed door are seen (ASVS 12.1.2)', async () => {
  using door = await openDoor('1.2')
  const see = async () => (await tls.probe(door.live)).saw
  door.setTls({ minVersion: 'TLSv1.2', ciphers: 'DEFAULT:@SECLEVEL=0' })
  assert.equal(await see(), 'an outdated handshake was answered')
  const life = { from: new Date(Date.now() - 9e8), to: new Date(Date.now() - 1e8) }
  const ended = await vouchFor(await ownAuthority(folder, hosts), hosts, life)
  door.setTls({ ...tlsOptions('1.2'), ...ended })
  assert.equal(await see(), 'the certificate is not in date')
  const closed = { ...door.live, tls: { host: '127.0.0.1', port: 1 } }
  assert.equal((await tls.probe(closed)).saw, 'the door did not answer a current handshake')
})

test('where TLS ends outside, nothing is claimed about it', async () => {
  using door = await openDoor('1.3')
  const outside = { ...door.live, tls: undefined }
  assert.equal((await tls.probe(outside)).holds, false)
  assert.equal((await headers.probe(outside)).holds, true)
})

test('what may be read by anyone names no version and no address', async () => {
  using door = await openDoor('1.2')
  for (const control of [headers, tls]) {
    const { saw } = await control.probe(door.live)
    assert.doesNotMatch(saw, /\d|TLSv|localhost/)
  }
})
