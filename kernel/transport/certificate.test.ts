import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { generate } from 'selfsigned'
import { Trouble } from '../base/trouble.ts'
import { givenCertificate, ownCertificate } from './certificate.ts'

const root = mkdtempSync(join(tmpdir(), 'certificate-'))
after(() => rmSync(root, { recursive: true }))
const freshFolder = () => mkdtempSync(join(root, 'tls-'))
const trouble = (pattern: RegExp) => (error: unknown) => error instanceof Trouble && pattern.test(error.message)
const DAY_ms = 86_400_000
const hosts = ['localhost', '127.0.0.1', '::1']

const madeFor = (days: number, from = Date.now() - DAY_ms) =>
  generate([{ name: 'commonName', value: 'test' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(from),
    notAfterDate: new Date(Date.now() + days * DAY_ms),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  })

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
  assert.deepEqual(readdirSync(folder), ['certificate.pem'])
  assert.equal(statSync(join(folder, 'certificate.pem')).mode & 0o777, 0o600)
})

test('it is kept, and made anew for another name, at the end of its life, and when damaged', async () => {
  const folder = freshFolder()
  const path = join(folder, 'certificate.pem')
  const first = await ownCertificate(folder, ['localhost'])
  assert.deepEqual(await ownCertificate(folder, ['localhost']), first)
  const second = await ownCertificate(folder, ['localhost', 'app.example.com'])
  assert.notEqual(second.cert, first.cert)
  assert.deepEqual(await ownCertificate(folder, ['localhost']), second)
  for (const [days, isKept] of [
    [29, false],
    [31, true],
    [-1, false],
  ] as const) {
    const made = await madeFor(days, Date.now() - 9 * DAY_ms)
    writeFileSync(path, `${made.private.trim()}\n${made.cert.trim()}\n`)
    const { cert } = await ownCertificate(folder, ['localhost'])
    assert.equal(cert.trim() === made.cert.trim(), isKept, `${days} days left`)
  }
  const [one, two] = [await madeFor(99), await madeFor(99)]
  for (const text of [
    '',
    'garbage',
    one.private,
    `${one.private.trim()}\n${two.cert}`,
    `${one.private}\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`,
  ]) {
    writeFileSync(path, text)
    const { cert } = await ownCertificate(folder, ['localhost'])
    assert.equal(readFileSync(path, 'utf8').includes(cert), true)
    assert.ok(new X509Certificate(cert).validToDate.getTime() > Date.now() + 360 * DAY_ms)
  }
})

test('processes that start at once leave one good file', async () => {
  const folder = freshFolder()
  await Promise.all(Array.from({ length: 5 }, () => ownCertificate(folder, hosts)))
  assert.deepEqual(readdirSync(folder), ['certificate.pem'])
  const { cert } = await ownCertificate(folder, hosts)
  assert.ok(readFileSync(join(folder, 'certificate.pem'), 'utf8').includes(cert))
})

test('the operator’s certificate is taken as it is', async () => {
  const folder = freshFolder()
  const made = await madeFor(10)
  const [cert, key] = [join(folder, 'c.pem'), join(folder, 'k.pem')]
  writeFileSync(cert, made.cert)
  writeFileSync(key, made.private)
  assert.deepEqual(givenCertificate({ cert, key }), { cert: made.cert, key: made.private })
})

test('an operator’s certificate that would not work stops the start with a sentence', async () => {
  const folder = freshFolder()
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const [good, other, ended] = [await madeFor(10), await madeFor(10), await madeFor(-1, Date.now() - 9 * DAY_ms)]
  const [cert, key] = [write('c.pem', good.cert), write('k.pem', good.private)]
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
  assert.throws(() => givenCertificate({ cert, key: write('o', other.private) }), trouble(/belongs to TLS_CERT/))
  const old = { cert: write('ec', ended.cert), key: write('ek', ended.private) }
  assert.throws(() => givenCertificate(old), trouble(/^Renew the certificate in TLS_CERT: it ended on 20/))
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

function hasOpenssl(): boolean {
  try {
    return execFileSync('openssl', ['version']).length > 0
  } catch {
    return false
  }
}
