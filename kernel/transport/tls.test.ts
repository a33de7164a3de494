import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect, createServer } from 'node:tls'
import type { ConnectionOptions, EphemeralKeyInfo } from 'node:tls'
import { ownCertificate } from './certificate.ts'
import { tlsOptions } from './tls.ts'

/** A door with our options, and visitors who ask for every version and suite that this build of the library has. */
const folder = mkdtempSync(join(tmpdir(), 'tls-'))
after(() => rmSync(folder, { recursive: true }))
const certificate = await ownCertificate(folder, ['localhost'])

async function doorWith(floor: '1.2' | '1.3') {
  const server = createServer({ ...tlsOptions(floor), ...certificate }, (socket) => socket.end('hello'))
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const meet = (wish: ConnectionOptions) => handshake({ port, ...wish })
  return { meet, [Symbol.dispose]: () => void server.close() }
}

type Met = { version: string | null; suite: string; group: string } | 'refused'

/** Our own guard is lowered, so that it is the door that refuses. */
async function handshake(wish: ConnectionOptions): Promise<Met> {
  const lowered = { ciphers: 'ALL:COMPLEMENTOFALL:@SECLEVEL=0', minVersion: 'TLSv1' } as const
  const socket = connect({ host: '127.0.0.1', servername: 'localhost', ca: certificate.cert, ...lowered, ...wish })
  try {
    await once(socket, 'secureConnect')
    const { name = '' } = (socket.getEphemeralKeyInfo() ?? {}) as Partial<EphemeralKeyInfo>
    return { version: socket.getProtocol(), suite: socket.getCipher().standardName, group: name }
  } catch {
    return 'refused'
  } finally {
    socket.destroy()
  }
}

test('the newest version is agreed on, none older than the floor is answered (ASVS 12.1.1)', async () => {
  for (const floor of ['1.2', '1.3'] as const) {
    using door = await doorWith(floor)
    const newest = await door.meet({})
    assert.equal(newest !== 'refused' && newest.version, 'TLSv1.3')
    for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const) {
      const old = await door.meet({ minVersion: version, maxVersion: version })
      assert.equal(old !== 'refused', floor === '1.2' && version === 'TLSv1.2', `${floor} ${version}`)
    }
  }
})

test('a suite has forward secrecy and authenticates what it encrypts, or is refused (ASVS 12.1.2)', async () => {
  using door = await doorWith('1.2')
  const accepted: string[] = []
  for (const suite of SUITES) {
    const met = await door.meet({ maxVersion: 'TLSv1.2', ciphers: `${suite}:@SECLEVEL=0` })
    if (met !== 'refused') accepted.push(met.suite)
  }
  assert.ok(accepted.length > 0)
  for (const suite of accepted) assert.match(suite, /^TLS_ECDHE_\w+_WITH_(?:AES_\d+_GCM|CHACHA20_POLY1305)_SHA\d+$/)
})

test('the door’s order counts and not the visitor’s (ASVS 12.1.2)', async () => {
  using door = await doorWith('1.2')
  const weakFirst = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384'
  const met = await door.meet({ maxVersion: 'TLSv1.2', ciphers: weakFirst })
  assert.equal(met !== 'refused' && met.suite, 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384')
})

test('keys are agreed on over curves of at least 128 bits of strength (ASVS 11.2.3, 11.6.1)', async () => {
  using door = await doorWith('1.3')
  for (const curve of ['X25519', 'P-256', 'P-384'])
    assert.notEqual(await door.meet({ ecdhCurve: curve }), 'refused', curve)
  for (const curve of ['P-224', 'secp192k1', 'brainpoolP256r1'])
    assert.equal(await door.meet({ ecdhCurve: curve, minVersion: 'TLSv1.2' }), 'refused', curve)
})

/** What a door could be talked into: without forward secrecy, anonymous, with luck, or with nothing at all. */
const SUITES = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES128-SHA',
  'ECDHE-ECDSA-AES256-SHA384',
  'ECDHE-ECDSA-AES128-CCM8',
  'AES256-GCM-SHA384',
  'AES128-SHA',
  'DHE-RSA-AES256-SHA',
  'AECDH-AES128-SHA',
  'ADH-AES256-GCM-SHA384',
  'ECDHE-ECDSA-NULL-SHA',
]
