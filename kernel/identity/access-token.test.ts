import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHmac, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openVault } from '../vault/vault.ts'
import { accessTokens, isAccessToken } from './access-token.ts'

/** Whatever can be done to a token by somebody who has one, and the public key, and all the time in the world. */
const folder = mkdtempSync(join(tmpdir(), 'tokens-'))
after(() => rmSync(folder, { recursive: true }))
const vault = openVault({ folder })
const tokens = accessTokens(vault, 'here', 300)
const of = { person: randomUUID(), session: randomUUID(), workspace: randomUUID() }
const noon_ms = Date.parse('2026-11-20T12:00:00Z')
const good = await tokens.make(of, noon_ms)
const read = (token: string, now_ms = noon_ms) => tokens.read(token, now_ms)

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
const [head, body, signature] = good.split('.') as [string, string, string]
const [header, claims] = [decode(head), decode(body)]
const jwk = tokens.publicKeys(noon_ms).find((key) => (key as { kid: string }).kid === header['kid']) as JsonWebKey
const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
const strange = generateKeyPairSync('ed25519')

const signedBy = (key: Parameters<typeof sign>[2], given: object, said: object) => {
  const text = `${encode(given)}.${encode(said)}`
  return `${text}.${sign(null, Buffer.from(text), key).toString('base64url')}`
}
const hmacked = (secret: string | Buffer, given: object) => {
  const text = `${encode(given)}.${body}`
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}

test('the real one is read, as whose it is and until when', async () => {
  assert.deepEqual(await read(good), { ...of, expires_ms: noon_ms + 300_000 })
  assert.ok(isAccessToken(good))
})

test('no algorithm, or a word for none, is no signature (ASVS 9.1.1, 9.1.2, row 12)', async () => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', null, undefined, 0, ['EdDSA'], 'EdDSA ', 'Ed448'])
    for (const tail of ['', signature, 'AA'])
      assert.equal(await read(`${encode({ ...header, alg })}.${body}.${tail}`), undefined, `${String(alg)} ${tail}`)
})

test('the public key is no secret to sign with, in whatever form (row 12)', async () => {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string
  const der = publicKey.export({ type: 'spki', format: 'der' })
  const raw = Buffer.from(jwk.x!, 'base64url')
  const secrets = [
    pem,
    pem.trim(),
    ` ${pem}`,
    `\n${pem}`,
    pem.replaceAll('\n', '\r\n'),
    der,
    raw,
    jwk.x!,
    JSON.stringify(jwk),
  ]
  for (const secret of [...secrets, '', String(header['kid'])])
    for (const alg of ['HS256', 'HS384', 'HS512', 'EdDSA'])
      assert.equal(await read(hmacked(secret, { ...header, alg })), undefined)
})

test('another key is another signer, whatever its header says of itself (ASVS 9.1.3)', async () => {
  const theirs = strange.publicKey.export({ format: 'jwk' })
  const pointers: object[] = [
    {},
    { jwk: theirs },
    { jku: 'https://elsewhere.example/keys' },
    { x5u: 'https://elsewhere.example/cert' },
    { x5c: ['MIIB'] },
    { kid: '../../dev/null' },
    { kid: "' or 1=1 --" },
    { kid: '' },
    { kid: undefined },
    { crit: ['exp'], exp: 1 },
    { b64: false, crit: ['b64'] },
  ]
  for (const pointer of pointers)
    assert.equal(await read(signedBy(strange.privateKey, { ...header, ...pointer }, claims)), undefined)
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const text = `${encode({ ...header, alg: 'ES256' })}.${body}`
  const ecdsa = sign('sha256', Buffer.from(text), { key: elliptic.privateKey, dsaEncoding: 'ieee-p1363' })
  assert.equal(await read(`${text}.${ecdsa.toString('base64url')}`), undefined)
})

test('no claim can be changed, left out or added (ASVS 9.1.1)', async () => {
  const changed: object[] = [
    { ...claims, wid: randomUUID() },
    { ...claims, sub: randomUUID() },
    { ...claims, exp: (claims['exp'] as number) + 1 },
    { ...claims, role: 'owner' },
    {},
  ]
  for (const said of changed) assert.equal(await read(`${head}.${encode(said)}.${signature}`), undefined)
})

test('no single bit of it can be another', async () => {
  for (let at = 0; at < good.length; at++) {
    const letter = good[at] === 'A' ? 'B' : 'A'
    const altered = good.slice(0, at) + letter + good.slice(at + 1)
    // The last letter of a part carries bits that no byte has; readers are strict about them or ignore them.
    const told = await read(altered)
    if (told) assert.deepEqual(told, { ...of, expires_ms: noon_ms + 300_000 })
    else assert.equal(told, undefined)
  }
})

test('it is good from its beginning to its end and not for longer (ASVS 9.2.1)', async () => {
  assert.ok(await read(good, noon_ms + 299_000))
  assert.equal(await read(good, noon_ms + 306_000), undefined)
  assert.equal(await read(good, noon_ms - 60_000), undefined)
})

test('what was signed for something else is not taken (ASVS 9.2.2, 9.2.3, 9.2.4)', async () => {
  const elsewhere = accessTokens(vault, 'elsewhere', 300)
  assert.equal(await read(await elsewhere.make(of, noon_ms)), undefined)
  const folderOfOthers = mkdtempSync(join(folder, 'others-'))
  const others = accessTokens(openVault({ folder: folderOfOthers }), 'here', 300)
  assert.equal(await read(await others.make(of, noon_ms)), undefined)
  assert.equal(await read(vault.mac('cursor', 'anything')), undefined)
})

test('each day has a key of its own, and midnight signs nobody out (ASVS 11.2.2)', async () => {
  const midnight_ms = Date.parse('2026-11-21T00:00:00Z')
  const before = await tokens.make(of, midnight_ms - 1_000)
  const after = await tokens.make(of, midnight_ms + 1_000)
  const kidOf = (token: string) => decode(token.split('.')[0]!)['kid']
  assert.notEqual(kidOf(before), kidOf(after))
  assert.ok(await read(before, midnight_ms + 60_000))
  assert.ok(await read(after, midnight_ms - 2_000), 'a process whose clock is a little behind')
  assert.equal(tokens.publicKeys(midnight_ms).length, 3)
})

test('under a new master key old tokens are not believed; they are exchanged for new ones', async () => {
  const own = openVault({ folder: mkdtempSync(join(folder, 'rotated-')) })
  const mine = accessTokens(own, 'here', 300)
  const old = await mine.make(of, noon_ms)
  assert.ok(await mine.read(old, noon_ms))
  own.rotate()
  assert.equal(await mine.read(old, noon_ms), undefined)
  assert.ok(await mine.read(await mine.make(of, noon_ms), noon_ms))
})

test('what is no token at all costs a look and no more', async () => {
  const oddities = [
    '',
    '.',
    '..',
    'a.b.c',
    'a.b',
    'a.b.c.d',
    `${good}.`,
    `.${good}`,
    good.replaceAll('.', ','),
    'x'.repeat(5_000),
  ]
  for (const odd of oddities) assert.equal(await read(odd), undefined, odd.slice(0, 20))
  assert.ok(!isAccessToken(`${'x'.repeat(500)}.${'x'.repeat(500)}.x`))
  assert.ok(!isAccessToken('vsk_abc'))
})

const noOpenssl = spawnSync('openssl', ['version']).error ? 'there is no openssl here' : false
test('OpenSSL, which knows nothing of us, agrees with the signature (ASVS 11.6.1)', { skip: noOpenssl }, () => {
  const [pem, text, mac] = ['key.pem', 'text', 'signature'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const verify = (said: string) => {
    writeFileSync(text, said)
    const asked = ['pkeyutl', '-verify', '-pubin', '-inkey', pem, '-rawin', '-in', text, '-sigfile', mac]
    return spawnSync('openssl', asked).status
  }
  writeFileSync(pem, publicKey.export({ type: 'spki', format: 'pem' }))
  writeFileSync(mac, Buffer.from(signature, 'base64url'))
  assert.equal(verify(`${head}.${body}`), 0)
  assert.notEqual(verify(`${head}.${body.replace(/.$/, 'A')}x`), 0)
})
