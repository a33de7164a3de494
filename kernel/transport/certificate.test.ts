import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { checkServerIdentity, connect, createServer } from 'node:tls'
import { Trouble } from '../base/trouble.ts'
import { ownAuthority, textOf, vouchFor } from './authority.ts'
import { givenCertificate, ownCertificate } from './certificate.ts'

const root = mkdtempSync(join(tmpdir(), 'certificate-'))
after(() => rmSync(root, { recursive: true }))
const freshFolder = () => mkdtempSync(join(root, 'tls-'))
const trouble = (pattern: RegExp) => (error: unknown) => error instanceof Trouble && pattern.test(error.message)
const DAY_ms = 86_400_000
const hosts = ['localhost', '127.0.0.1', '::1']
const FILES = ['authority.crt', 'authority.pem', 'certificate.pem']

const authority = await ownAuthority(freshFolder(), ['localhost'])
const madeFor = (days: number, from = Date.now() - DAY_ms, by = authority) =>
  vouchFor(by, ['localhost'], { from: new Date(from), to: new Date(Date.now() + days * DAY_ms) })
const leafOf = (cert: string) => new X509Certificate(cert)

test('our own certificate is P-256, a year long, for every name we have, and its key is its owner’s only', async () => {
  const folder = freshFolder()
  const { cert, key } = await ownCertificate(folder, hosts)
  const leaf = new X509Certificate(cert)
  assert.equal(leaf.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  assert.equal(leaf.ca, false)
  assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  assert.ok(leaf.checkHost('localhost') && leaf.checkIP('127.0.0.1') && leaf.checkIP('::1'))
  assert.equal(leaf.checkHost('evil.example'), undefined)
  const days = (leaf.validToDate.getTime() - Date.now()) / DAY_ms
  assert.ok(days > 360 && days <= 398)
  assert.match(key, /BEGIN PRIVATE KEY/)
  assert.deepEqual(readdirSync(folder), FILES)
  for (const file of FILES) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file)
})

test('it is kept, and made anew for another name, at the end of its life, and when damaged', async () => {
  const folder = freshFolder()
  const path = join(folder, 'certificate.pem')
  const first = await ownCertificate(folder, ['localhost'])
  assert.deepEqual(await ownCertificate(folder, ['localhost']), first)
  const second = await ownCertificate(folder, ['localhost', 'app.example.com'])
  assert.notEqual(second.cert, first.cert)
  assert.deepEqual(await ownCertificate(folder, ['localhost']), second)
  const mine = await ownAuthority(folder, ['localhost'])
  for (const [days, isKept] of [
    [29, false],
    [31, true],
    [-1, false],
  ] as const) {
    const made = await madeFor(days, Date.now() - 9 * DAY_ms, mine)
    writeFileSync(path, textOf(made))
    const { cert } = await ownCertificate(folder, ['localhost'])
    assert.equal(leafOf(cert).fingerprint === leafOf(made.cert).fingerprint, isKept, `${days} days left`)
  }
  const [one, two, foreign] = [await madeFor(99, 0, mine), await madeFor(99, 0, mine), await madeFor(99)]
  for (const text of [
    '',
    'garbage',
    one.key,
    textOf({ ...one, cert: two.cert }),
    textOf(foreign),
    `${one.key}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`,
  ]) {
    writeFileSync(path, text)
    const { cert } = await ownCertificate(folder, ['localhost'])
    assert.equal(readFileSync(path, 'utf8').includes(cert), true)
    assert.ok(leafOf(cert).validToDate.getTime() > Date.now() + 360 * DAY_ms)
  }
})

test('a wildcard, or an address in another spelling, is no reason to make a new one each time', async () => {
  const names = ['localhost', '*.tenants.example.com', '2001:DB8::0:1']
  const folder = freshFolder()
  assert.deepEqual(await ownCertificate(folder, names), await ownCertificate(folder, names))
})

test('who trusts our authority once trusts what it makes later (ASVS 12.3.4)', async () => {
  const folder = freshFolder()
  const first = await ownCertificate(folder, hosts)
  const trusted = readFileSync(join(folder, 'authority.crt'), 'utf8')
  assert.doesNotMatch(trusted, /PRIVATE/, 'what is handed out holds no key')
  writeFileSync(join(folder, 'certificate.pem'), '')
  const second = await ownCertificate(folder, ['localhost'])
  assert.notEqual(second.cert, first.cert)
  for (const { key, cert } of [first, second]) assert.equal(await greet({ key, cert }, trusted, 'localhost'), 'hello')
  const other = readFileSync(join(await folderOf(['localhost']), 'authority.crt'), 'utf8')
  await assert.rejects(greet(first, other, 'localhost'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' })
})

test('our authority can vouch for no name but ours, even where it is trusted', async () => {
  const folder = await folderOf(['localhost', 'app.example.com'])
  const mine = await ownAuthority(folder, ['localhost'])
  const life = { from: new Date(Date.now() - DAY_ms), to: new Date(Date.now() + DAY_ms) }
  assert.equal(await greet(await vouchFor(mine, ['app.example.com'], life), mine.cert, 'app.example.com'), 'hello')
  for (const name of ['bank.example', 'example.com', 'notapp.example.com', '10.0.0.1', '2001:db8::1'])
    await assert.rejects(
      greet(await vouchFor(mine, [name], life), mine.cert, name),
      /permitted subtree violation/,
      name,
    )
})

test('it is kept for its whole life, and made anew for another name, near its end, and when damaged', async () => {
  const folder = await folderOf(['localhost', 'app.example.com'])
  const first = await ownAuthority(folder, ['localhost', 'app.example.com'])
  assert.deepEqual(await ownAuthority(folder, ['localhost']), first, 'a name that is gone is no reason')
  const second = await ownAuthority(folder, ['localhost', 'new.example.com'])
  assert.notEqual(leafOf(second.cert).subject, leafOf(first.cert).subject, 'two of them can be told apart')
  writeFileSync(join(folder, 'authority.pem'), textOf(await madeFor(399)))
  const third = await ownAuthority(folder, ['localhost'])
  assert.ok(leafOf(third.cert).validToDate.getTime() > Date.now() + 3_640 * DAY_ms)
  assert.equal(readFileSync(join(folder, 'authority.crt'), 'utf8'), third.cert)
  writeFileSync(join(folder, 'authority.pem'), 'garbage')
  const { cert } = await ownCertificate(folder, ['localhost'])
  assert.ok(leafOf(cert).checkIssued(leafOf((await ownAuthority(folder, ['localhost'])).cert)))
})

test('processes that start at once leave one good file', async () => {
  const folder = freshFolder()
  await Promise.all(Array.from({ length: 5 }, () => ownCertificate(folder, hosts)))
  assert.deepEqual(readdirSync(folder), FILES)
  const { cert } = await ownCertificate(folder, hosts)
  assert.ok(readFileSync(join(folder, 'certificate.pem'), 'utf8').includes(cert))
})

test('the operator’s certificate is taken as it is', async () => {
  const folder = freshFolder()
  const made = await madeFor(10)
  const [cert, key] = [join(folder, 'c.pem'), join(folder, 'k.pem')]
  writeFileSync(cert, made.cert)
  writeFileSync(key, made.key)
  assert.deepEqual(givenCertificate({ cert, key }), { cert: made.cert, key: made.key })
})

test('an operator’s certificate that would not work stops the start with a sentence', async () => {
  const folder = freshFolder()
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const [good, other, ended] = [await madeFor(10), await madeFor(10), await madeFor(-1, Date.now() - 9 * DAY_ms)]
  const [cert, key] = [write('c.pem', good.cert), write('k.pem', good.key)]
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const locked = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
  assert.throws(() => givenCertificate({ cert: join(folder, 'none'), key }), trouble(/^Point TLS_CERT at a file/))
  assert.throws(() => givenCertificate({ cert, key: folder }), trouble(/^Point TLS_KEY at a file/))
  assert.throws(
    () => givenCertificate({ cert: write('x', 'garbage'), key }),
    trouble(/^Point TLS_CERT at a certificate/),
  )
  assert.throws(
    () => givenCertificate({ cert, key: write('y', 'garbage') }),
    trouble(/^Point TLS_KEY at a private key/),
  )
  assert.throws(() => givenCertificate({ cert, key: write('l', locked.toString()) }), trouble(/no passphrase/))
  assert.throws(() => givenCertificate({ cert, key: write('o', other.key) }), trouble(/belongs to TLS_CERT/))
  const old = { cert: write('ec', ended.cert), key: write('ek', ended.key) }
  assert.throws(() => givenCertificate(old), trouble(/^Renew the certificate in TLS_CERT: it ended on 20/))
  const early = await madeFor(9, Date.now() + DAY_ms)
  const tomorrow = { cert: write('tc', early.cert), key: write('tk', early.key) }
  assert.throws(() => givenCertificate(tomorrow), trouble(/valid already, or set the clock: this one begins on 20/))
})

test('a stranger’s tool reads what we made', { skip: !hasOpenssl() && 'no openssl here' }, async () => {
  const folder = freshFolder()
  await ownCertificate(folder, hosts)
  const said = execFileSync('openssl', ['x509', '-in', join(folder, 'certificate.pem'), '-noout', '-text'], {
    encoding: 'utf8',
  })
  for (const wanted of [
    'Version: 3',
    'ecdsa-with-SHA256',
    'DNS:localhost',
    'CA:FALSE',
    'TLS Web Server Authentication',
  ])
    assert.ok(said.includes(wanted), wanted)
})

async function folderOf(names: readonly string[]): Promise<string> {
  const folder = freshFolder()
  await ownCertificate(folder, names)
  return folder
}

/** What a client hears that trusts this authority and nobody else, and asks for this name. */
async function greet(certificate: { key: string; cert: string }, ca: string, name: string): Promise<string> {
  const server = createServer(certificate, (socket) => socket.on('error', () => undefined).end('hello'))
  server.on('tlsClientError', () => undefined)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const servername = isIP(name) ? '' : name
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername,
    ca,
    checkServerIdentity: (_, cert) => checkServerIdentity(name, cert),
  })
  try {
    let heard = ''
    socket.setEncoding('utf8').on('data', (text: string) => (heard += text))
    await once(socket, 'end')
    return heard
  } finally {
    socket.destroy()
    server.close()
  }
}

function hasOpenssl(): boolean {
  try {
    return execFileSync('openssl', ['version']).length > 0
  } catch {
    return false
  }
}
