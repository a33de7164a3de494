import assert from 'node:assert/strict'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openVault } from './vault.ts'

/**
 * Which cryptography there is, read from the code that serves: every call is on a list here, and whoever adds one says
 * with it that it is fit. Probes and tests attack with what is unfit, so they are not looked at.
 */
const folder = mkdtempSync(join(tmpdir(), 'cryptography-'))
after(() => rmSync(folder, { recursive: true }))

const files = new Map(
  globSync('{kernel,modules,editions,cli}/**/*.{ts,js}')
    .filter((path) => !/\.test\.ts$|\/controls(\.ts$|\/)/.test(path))
    .map((path) => [path, readFileSync(path, 'utf8')]),
)
assert.ok(files.size > 200)

/** Each match with the file that it is in, sorted, once. */
const found = (pattern: RegExp) =>
  [
    ...new Set(
      [...files].flatMap(([path, text]) => [...text.matchAll(pattern)].map((one) => `${path} ${one[1] ?? one[0]}`)),
    ),
  ].sort()
const words = (pattern: RegExp) => [...new Set(found(pattern).map((one) => one.split(' ')[1]!))].sort()

test('what encrypts is AES-256 in GCM and nothing else (ASVS 11.2.3, 11.3.1, 11.3.2)', () => {
  assert.deepEqual(found(/\bcreate(?:Cipher|Decipher)iv\('([^']+)'/g), ['kernel/vault/envelope.ts aes-256-gcm'])
  assert.deepEqual(found(/\b(?:publicEncrypt|privateDecrypt|createCipher|RSA-OAEP|RSAES|-ecb|-cbc|-ctr)\b/gi), [])
})

test('what digests is SHA-2; SHA-1 is in the codes of RFC 6238 alone (ASVS 11.4.1, 11.4.3)', () => {
  const calls = /\b(?:hash|createHash|createHmac|hkdfSync|createSign|createVerify)\('([^']+)'/g
  assert.deepEqual(words(calls), ['sha1', 'sha256', 'sha384'])
  assert.deepEqual(
    found(calls).filter((one) => one.endsWith(' sha1')),
    ['kernel/identity/factors/totp.ts sha1'],
  )
  assert.deepEqual(found(/\b(?:md5|md4|ripemd160)\b/gi), [])
})

test('what signs is Ed25519 for tokens and P-256 with SHA-256 for certificates (ASVS 11.4.3, 11.6.1)', () => {
  const [tokens, authority] = ['kernel/identity/access-token.ts', 'kernel/transport/authority.ts']
  const logs = ['kernel/audit/sealing/sequencing/ledger.ts', 'kernel/audit/sealing/witness/memory.ts']
  assert.deepEqual(found(/\bALGORITHM = '(\w+)'/g), [`${tokens} EdDSA`])
  assert.match(files.get(tokens)!, /algorithms: \[ALGORITHM\]/)
  assert.deepEqual(found(/namedCurve: '([^']+)'/g), [`${authority} P-256`])
  assert.deepEqual(
    found(/generateKeyPairSync\('(\w+)'/g),
    logs.map((path) => `${path} ed25519`),
  )
  assert.deepEqual(found(/\b(?:generateKeyPair(?:Sync)?|generateKey|createSign|new SignJWT)\(/g), [
    ...logs.map((path) => `${path} generateKeyPairSync(`),
    `${tokens} new SignJWT(`,
    `${authority} generateKey(`,
  ])
})

test('cryptography is the library’s of Node, and packages that do nothing else (ASVS 11.2.1)', () => {
  const packages = ['@node-rs/bcrypt', '@peculiar/x509', '@simplewebauthn/server', 'jose', 'node:crypto', 'node:tls']
  const named = words(
    / from '((?:node:|@[\w-]+\/)?[\w-]*(?:crypt|jose|x509|server|tls|sodium|noble|forge|argon)[\w-]*)[\w/-]*'/g,
  )
  assert.deepEqual(named, packages)
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: object }
  const strange = Object.keys(dependencies).filter((name) => /crypt|aes|hash|cipher|sodium|noble|forge/.test(name))
  assert.deepEqual(strange, ['@node-rs/bcrypt'])
})

test('what nobody may guess comes from the system, at least 192 bits of it (ASVS 11.5.1)', () => {
  assert.deepEqual(found(/\bMath\.random\b/g), ['kernel/trust/schedule.ts Math.random'], 'when to look is no secret')
  // Whatever is shown once and believed later; ids are looked up and believed by nobody.
  const sizes: Record<string, number> = {
    'kernel/identity/ticket.ts SECRET_BYTES': 32,
    'kernel/identity/token.ts SECRET_BYTES': 24,
    'kernel/identity/factors/passkey.ts CHALLENGE_BYTES': 32,
    'kernel/vault/vault.ts TOKEN_bytes': 32,
    'kernel/vault/key.ts KEY_bytes': 32,
    'kernel/vault/envelope.ts KEY_bytes': 32,
  }
  for (const [where, bytes] of Object.entries(sizes)) {
    const [path = '', name = ''] = where.split(' ')
    const text = files.get(path) ?? ''
    assert.equal(Number(new RegExp(`\\b${name} = (\\d+)`).exec(text)?.[1]), bytes, where)
    assert.match(text, new RegExp(`randomBytes\\([^)]*${name}`), where)
  }
  const literal = [...files].flatMap(([, text]) => [...text.matchAll(/randomBytes\((\d+)\)\.toString\('base64url'\)/g)])
  assert.ok(literal.length > 0)
  for (const [call, bytes] of literal) assert.ok(Number(bytes) >= 24, call)
})

test('secrets are compared in constant time, or looked up by their digest (ASVS 11.2.4)', () => {
  const careful = ['kernel/identity/factors/totp.ts', 'kernel/identity/passwords/argon2id.ts', 'kernel/vault/vault.ts']
  assert.deepEqual(
    found(/\b(timingSafeEqual)\(/g),
    careful.map((path) => `${path} timingSafeEqual`),
  )
  const kinds = 'mac|tag|hash|secret|signature|otp'
  const compared = `[!=]==\\s*(?:\\w+\\.)*(?:${kinds})\\b|\\b(?:${kinds})\\s*[!=]==(?!\\s*(?:undefined|null)\\b)`
  assert.deepEqual(found(new RegExp(compared, 'g')), [])
})

test('no key and no data key ever meets the same nonce twice (ASVS 11.3.4)', () => {
  const vault = openVault({ folder: mkdtempSync(join(folder, 'data-')) })
  const sealed = Array.from({ length: 2_000 }, () => vault.seal('the same', 'the same').split('.'))
  for (const at of [2, 3]) {
    const nonces = new Set(sealed.map((parts) => Buffer.from(parts[at]!, 'base64url').toString('hex', 0, 12)))
    assert.equal(nonces.size, sealed.length)
  }
  const rewrapped = new Set(sealed.slice(0, 200).map((parts) => vault.rewrap(parts.join('.')).split('.')[2]))
  assert.equal(rewrapped.size, 200, 'wrapping anew is encrypting anew')
})

test('whatever is wrong with an envelope, the answer is the same (ASVS 11.2.5)', () => {
  const vault = openVault({ folder: mkdtempSync(join(folder, 'data-')) })
  const parts = vault.seal('a secret', 'here').split('.')
  const flipped = (at: number, byte: number) => {
    const bytes = Buffer.from(parts[at]!, 'base64url')
    bytes[byte < 0 ? bytes.length + byte : byte]! ^= 1
    return parts.with(at, bytes.toString('base64url')).join('.')
  }
  const wrong = [flipped(2, 0), flipped(2, 30), flipped(2, -1), flipped(3, 0), flipped(4, 0), flipped(4, -1)]
  const told = wrong.map((sealed) => messageOf(() => vault.open(sealed, 'here')))
  assert.equal(new Set([...told, messageOf(() => vault.open(parts.join('.'), 'there'))]).size, 1)
})

test('master keys are held by one folder, and nobody else can take hold of one (ASVS 13.3.2)', () => {
  const takers = found(/ from '[^']*\/(?:vault\/)?(key|ring|envelope|folder)\.ts'/g)
  const outside = takers.filter((one) => /^(?!kernel\/vault\/)[^ ]+ (?:ring|envelope|folder)$/.test(one))
  assert.deepEqual(outside, [])
  const imports = [...files].filter(([path, text]) => !path.startsWith('kernel/vault/') && /vault\/key\.ts'/.test(text))
  assert.deepEqual(imports, [])
})

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return String(error)
  }
  return 'it opened'
}
