import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { connect, createServer } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import { ownAuthority, textOf, vouchFor } from './authority.ts'
import type { Pair } from './authority.ts'
import { givenCertificate, ownCertificate } from './certificate.ts'
import { keepCertificate } from './renewal.ts'
import type { Source } from './renewal.ts'

const root = mkdtempSync(join(tmpdir(), 'renewal-'))
after(() => rmSync(root, { recursive: true }))
const DAY_ms = 86_400_000
const authority = await ownAuthority(root, ['localhost'])
const made = (days: number, from = Date.now() - 9 * DAY_ms) =>
  vouchFor(authority, ['localhost'], { from: new Date(from), to: new Date(Date.now() + days * DAY_ms) })
const [cert, key] = [join(root, 'cert.pem'), join(root, 'key.pem')]
const put = (pair: Pair) => (writeFileSync(cert, pair.cert), writeFileSync(key, pair.key))
const fingerprint = (pair: Pair) => new X509Certificate(pair.cert).fingerprint256

/** A TLS door that says what it hears, and whose certificate is kept; the log is a list. */
async function open(first: Pair, source: Source) {
  const server = createServer(first, (socket) => socket.on('error', () => undefined).pipe(socket))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const presents = {
    certificate: first,
    present(pair: Pair) {
      server.setSecureContext(pair)
      presents.certificate = pair
    },
  }
  const said: { event: string; fields: Record<string, unknown> | undefined }[] = []
  const renewal = keepCertificate(presents, source, (event, fields) => said.push({ event, fields }))
  const { port } = server.address() as AddressInfo
  const sockets: TLSSocket[] = []
  return {
    look: renewal.look,
    log: () => said.splice(0).map(({ event, fields }) => [event, fields?.['error']].filter(Boolean).join(': ')),
    /** A new connection, and the certificate that it was shown. */
    async visit() {
      const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: authority.cert })
      sockets.push(socket)
      await once(socket, 'secureConnect')
      return { socket, shown: socket.getPeerX509Certificate()!.fingerprint256 }
    },
    [Symbol.dispose]() {
      renewal[Symbol.dispose]()
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

async function echoed(socket: TLSSocket, word: string): Promise<string> {
  socket.write(word)
  const [heard] = (await once(socket, 'data')) as [Buffer]
  return heard.toString()
}

test('a renewed certificate is presented without a restart, and connections that stand are not touched', async () => {
  const [first, second] = [await made(90), await made(91)]
  put(first)
  using door = await open(givenCertificate({ cert, key }), () => givenCertificate({ cert, key }))
  const before = await door.visit()
  await door.look()
  assert.deepEqual(door.log(), [], 'nothing has changed')
  put(second)
  assert.equal((await door.visit()).shown, fingerprint(first), 'nobody has looked yet')
  await door.look()
  assert.equal((await door.visit()).shown, fingerprint(second))
  assert.equal(before.shown, fingerprint(first))
  assert.equal(await echoed(before.socket, 'still here'), 'still here')
  assert.deepEqual(door.log(), ['certificate replaced'])
})

test('it is the content that counts: neither a touched file nor one moved into place with an old date', async () => {
  const [first, second] = [await made(90), await made(90)]
  put(first)
  using door = await open(givenCertificate({ cert, key }), () => givenCertificate({ cert, key }))
  utimesSync(cert, new Date(), new Date())
  await door.look()
  assert.deepEqual(door.log(), [])
  for (const [path, text] of [
    [cert, second.cert],
    [key, second.key],
  ] as const) {
    writeFileSync(`${path}.new`, text)
    utimesSync(`${path}.new`, new Date(0), new Date(0))
    renameSync(`${path}.new`, path)
  }
  await door.look()
  assert.equal((await door.visit()).shown, fingerprint(second))
})

test('a pair that is half written, broken, ended or not begun changes nothing but the log, once each', async () => {
  const good = await made(90)
  put(good)
  using door = await open(givenCertificate({ cert, key }), () => givenCertificate({ cert, key }))
  const other = await made(90)
  const cases: [Pair, RegExp][] = [
    [{ ...good, cert: other.cert }, /^certificate not taken: Give the TLS_KEY that belongs to TLS_CERT/],
    [{ ...other, cert: other.cert.slice(0, 200) }, /^certificate not taken: Point TLS_CERT at a certificate/],
    [{ ...other, key: '' }, /^certificate not taken: Point TLS_KEY at a private key/],
    [await made(-1), /^certificate not taken: Renew the certificate in TLS_CERT: it ended on/],
    [await made(9, Date.now() + DAY_ms), /^certificate not taken: Give a TLS_CERT that is valid already/],
  ]
  for (const [pair, told] of cases) {
    put(pair)
    await door.look()
    await door.look()
    const log = door.log()
    assert.equal(log.length, 1, String(told))
    assert.match(log[0]!, told)
    assert.equal((await door.visit()).shown, fingerprint(good), String(told))
  }
  rmSync(cert)
  await door.look()
  assert.match(door.log().join(), /TLS_CERT at a file/)
  put(other)
  await door.look()
  assert.deepEqual(door.log(), ['certificate replaced'])
  assert.equal((await door.visit()).shown, fingerprint(other))
})

test('that the end is near, or past, is told once a day, and no longer when there is another', async () => {
  const soon = await made(13.5)
  put(soon)
  using door = await open(soon, () => givenCertificate({ cert, key }))
  await door.look()
  await door.look()
  assert.deepEqual(door.log(), ['certificate ends soon'])
  put(await made(90))
  await door.look()
  await door.look()
  assert.deepEqual(door.log(), ['certificate replaced'])
  put(soon)
  await door.look()
  assert.deepEqual(door.log(), ['certificate replaced', 'certificate ends soon'])
  const ended = await made(-1)
  using late = await open(ended, () => ended)
  await late.look()
  assert.deepEqual(late.log(), ['certificate has ended'])
})

test('our own is made anew a month before its end while the door stands open, and trusted as before', async () => {
  const folder = join(root, 'own')
  const first = await ownCertificate(folder, ['localhost'])
  const own = await ownAuthority(folder, ['localhost'])
  const life = { from: new Date(Date.now() - 300 * DAY_ms), to: new Date(Date.now() + 29 * DAY_ms) }
  const old = await vouchFor(own, ['localhost'], life)
  writeFileSync(join(folder, 'certificate.pem'), textOf(old))
  using door = await open(old, () => ownCertificate(folder, ['localhost']))
  await door.look()
  assert.deepEqual(door.log(), ['certificate replaced'])
  await door.look()
  assert.deepEqual(door.log(), [], 'and is kept then')
  assert.ok(new X509Certificate(first.cert).checkIssued(new X509Certificate(own.cert)), 'by the same authority')
})
