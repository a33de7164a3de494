import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import type { Policy } from '../../contract/control.ts'
import { openStage } from '../../testing.ts'
import type { Stage } from '../../testing.ts'
import { ownCertificate } from '../../transport/certificate.ts'
import { plain } from '../../transport/controls/plain.ts'
import { serve } from '../serve.ts'
import type { Served, Serving } from '../serve.ts'

/** The plain port of a deployment that is open to everybody: by this spelling loopback is somebody else's address. */
const PUBLIC = '::ffff:127.0.0.1'
const webroot = mkdtempSync(join(tmpdir(), 'webroot-'))
const TOKEN = 'a'.repeat(43)
const PROOF = `${TOKEN}.${'T'.repeat(43)}`
let stage: Stage
before(async () => {
  mkdirSync(join(webroot, '.well-known', 'acme-challenge'), { recursive: true })
  writeFileSync(join(webroot, '.well-known', 'acme-challenge', TOKEN), PROOF)
  stage = await openStage(jeweller)
})
after(async () => {
  await stage[Symbol.asyncDispose]()
  rmSync(webroot, { recursive: true })
})

async function open(plainHttp: Policy['plainHttp'], more: Partial<Serving> = {}): Promise<Served> {
  const { parts } = stage
  const edition = { ...parts.edition, policy: { ...parts.edition.policy, plainHttp } }
  const certificate = await ownCertificate(stage.folder, ['localhost'])
  const quiet = { host: PUBLIC, port: 0, tlsPort: 0, certificate, probing: false }
  return await serve({ ...parts, edition }, { ...quiet, allowedHosts: ['app.example.com'], ...more })
}

const doorOf = ({ listening }: Served) => listening.plainDoors[0]!

/** All that comes back for these bytes until the other side hangs up. */
function say(served: Served, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = ''
    const socket = connect(doorOf(served))
    socket.setEncoding('latin1').on('data', (text: string) => (heard += text))
    // Whoever is hung up on while still talking hears it as an error.
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? undefined : reject(error)))
    socket.on('close', () => resolve(heard))
    socket.write(bytes)
  })
}

const request = (line: string, ...headers: string[]) => `${[`${line} HTTP/1.1`, ...headers, '', ''].join('\r\n')}`
const HOST = 'Host: localhost'
const QUESTIONS = [
  request('GET /security', HOST),
  request('GET /', HOST),
  request('GET /v1/identity.workspace.get', HOST),
  request('POST /v1/shop.customer.create', HOST, 'Content-Type: application/json', 'Content-Length: 2') + '{}',
  request('GET /livez'),
  request('GET /livez', HOST, 'Expect: x'),
  request('POST /v1/shop.customer.create', HOST, 'Expect: 100-continue', 'Content-Length: 2'),
  request('GET /livez', HOST, 'Connection: Upgrade', 'Upgrade: websocket'),
  request('CONNECT localhost:443', HOST),
  request('OPTIONS *', HOST),
  request('GET http://localhost/security', HOST),
  'GET /livez HTTP/1.0\r\n\r\n',
  'GARBAGE\r\n\r\n',
  `GET /livez HTTP/1.1\r\n${HOST}\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
  '\x16\x03\x01\x00\x05',
]

test('where plain HTTP is refused, nobody listens at all (ASVS 12.2.1)', async () => {
  await using served = await open('refuse', { port: 1 })
  assert.equal(served.listening.strangers.server.listening, false)
  await assert.rejects(say(served, 'x'), { code: 'ECONNREFUSED' })
  assert.equal((await plain.probe(served.live)).holds, true)
})

test('refused, and yet an authority gets its proof: that, and not a byte more, whatever is asked', async () => {
  await using served = await open('refuse', { acmeWebroot: webroot })
  for (const asked of QUESTIONS) assert.equal(await say(served, asked), '', asked.slice(0, 100))
  const challenge = `/.well-known/acme-challenge/${TOKEN}`
  const told = await say(served, request(`GET ${challenge}`, 'Host: app.example.com'))
  assert.match(told, /^HTTP\/1\.1 200 OK\r\n/)
  assert.equal(told.split('\r\n\r\n')[1], PROOF)
  for (const asked of [`POST ${challenge}`, `GET ${challenge}x`, `GET ${challenge}?a`, `GET /x/..${challenge}`])
    assert.equal(await say(served, request(asked, 'Host: app.example.com')), '', asked)
  assert.equal((await plain.probe(served.live)).holds, true)
})

test('a page is redirected to the same address over TLS, and nothing is said (ASVS 3.7.2, 12.2.1)', async () => {
  await using served = await open('redirect')
  const port = served.listening.tlsPort
  for (const [path, host, to] of [
    ['/security?lang=ar', 'localhost', `https://localhost:${port}/security?lang=ar`],
    ['/', 'LOCALHOST:8080', `https://localhost:${port}/`],
    ['//evil.example/x', 'localhost', `https://localhost:${port}//evil.example/x`],
    ['/security', 'app.example.com.', `https://app.example.com:${port}/security`],
    ['/security', '127.0.0.1', `https://127.0.0.1:${port}/security`],
  ]) {
    const told = await say(served, request(`GET ${path}`, `Host: ${host}`))
    assert.match(told, /^HTTP\/1\.1 308 Permanent Redirect\r\n/, path)
    assert.match(told, new RegExp(`\r\nlocation: ${to!.replace(/[?.]/g, '\\$&')}\r\n`))
    assert.match(told, /\r\nx-content-type-options: nosniff\r\n/)
    assert.doesNotMatch(told, /strict-transport-security/i)
    assert.equal(told.split('\r\n\r\n')[1], '', path)
  }
  assert.equal((await plain.probe(served.live)).holds, true)
})

test('a program hears of its mistake, and nobody is sent to a foreign name (ASVS 4.1.2)', async () => {
  await using served = await open('redirect', { acmeWebroot: webroot })
  for (const asked of [
    request('GET /v1/identity.workspace.get', HOST),
    request('GET /v1', HOST),
    request('GET /v1?x', HOST),
    request('POST /security', HOST, 'Content-Length: 0'),
    request('HEAD /security', HOST),
    request('GET /security', HOST, 'Authorization: Bearer x'),
    request('GET /security', HOST, 'Cookie: a=b'),
    request('GET /security', 'Host: evil.example'),
    request('GET /security', 'Host: localhost@evil.example'),
    request('GET /security', HOST, 'Host: evil.example'),
    request('GET /security'),
    request('GET http://evil.example/', HOST),
    request('GET /security#x', HOST),
    request('GET /.well-known/acme-challenge/nothing', 'Host: evil.example'),
  ]) {
    const told = await say(served, asked)
    assert.match(told, /^HTTP\/1\.1 403 Forbidden\r\n/, asked)
    assert.doesNotMatch(told, /\r\nlocation:/i, asked)
    assert.equal(told.split('\r\n\r\n')[1], '', asked)
  }
  for (const asked of ['GARBAGE\r\n\r\n', '\x16\x03\x01\x00\x05']) assert.equal(await say(served, asked), '')
  const proof = await say(served, request(`GET /.well-known/acme-challenge/${TOKEN}`, 'Host: x.example'))
  assert.equal(proof.split('\r\n\r\n')[1], PROOF, 'here too')
})

test('where people know us by another port, they are sent there', async () => {
  await using served = await open('redirect', { publicUrl: 'https://app.example.com' })
  const told = await say(served, request('GET /security', 'Host: app.example.com'))
  assert.match(told, /\r\nlocation: https:\/\/app\.example\.com\/security\r\n/)
})

test('probes reach a public door by the certificate it presents, whatever name that is for', async () => {
  const named = await ownCertificate(join(stage.folder, 'named'), ['app.example.com'])
  await using served = await open('redirect', { certificate: named })
  assert.equal((await served.live.http('/livez')).status, 200)
  served.listening.present(await ownCertificate(join(stage.folder, 'next'), ['app.example.com']))
  assert.equal((await served.live.http('/livez')).status, 200, 'after it was replaced, too')
  served.listening.certificate = named
  await assert.rejects(served.live.http('/livez'), 'another certificate than ours is somebody else')
})

test('a machine that serves itself alone is served in the clear, and strangers are met at another door', async () => {
  for (const rule of ['refuse', 'redirect'] as const) {
    await using served = await open(rule, { host: '127.0.0.1' })
    assert.equal((await fetch(`http://127.0.0.1:${served.listening.port}/livez`)).status, 200)
    assert.notEqual(doorOf(served).port, served.listening.port)
    assert.equal((await plain.probe(served.live)).holds, true, rule)
  }
})
