import { createPrivateKey, KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP, isIPv4 } from 'node:net'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { Trouble } from '../base/trouble.ts'
import { codeOf, placeFile, replaceFile } from '../vault/file.ts'
import { readAddress } from './address.ts'

/**
 * An authority of our own, for a machine for which no public one vouches: who trusts it once, by `authority.crt`,
 * trusts every certificate that this deployment makes from then on. It is bound to the names of this deployment, so
 * that its key, if it were stolen, could vouch for nothing else even where it is trusted.
 */
export async function ownAuthority(folder: string, hosts: readonly string[]): Promise<Pair> {
  const path = join(folder, 'authority.pem')
  const kept = readPair(path)
  if (kept && lasts(kept) && covers(kept, hosts)) return kept
  const pem = textOf(await found(hosts))
  // Of two processes that start at once, both take what the first one wrote; what was no good is overwritten.
  if (!kept) placeFile(path, pem)
  if (kept || !readPair(path)) replaceFile(path, pem)
  const made = readPair(path) ?? unreadable(path)
  replaceFile(join(folder, 'authority.crt'), made.cert)
  return made
}

/** A private key and a certificate, with the certificates of those who vouch for it behind it. */
export type Pair = { key: string; cert: string }

export const textOf = ({ key, cert }: Pair) => `${key.trim()}\n${cert.trim()}\n`

/** What we kept, if it is still a key and certificates; anything else is ours to make anew. */
export function readPair(path: string): Pair | undefined {
  const pem = readOwn(path)
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(pem)?.[0]
  const cert = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)?.join('\n')
  if (!key || !cert) return undefined
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)) ? { key, cert } : undefined
  } catch {
    return undefined
  }
}

/** A certificate for a door of these names, signed by the authority, which stands behind it in the chain. */
export async function vouchFor(authority: Pair, hosts: readonly string[], { from, to }: Life): Promise<Pair> {
  const keys = await newKeys()
  const issuer = new x509.X509Certificate(authority.cert)
  const signed = await x509.X509CertificateGenerator.create({
    ...common({ from, to }),
    subject: 'CN=vouchsafe',
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: createPrivateKey(authority.key).toCryptoKey(ECDSA, false, ['sign']),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(hosts.map((host) => ({ type: isIP(host) ? 'ip' : 'dns', value: host }))),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  })
  return { key: pemOf(keys.privateKey), cert: `${signed.toString('pem')}\n${authority.cert}` }
}

export type Life = { from: Date; to: Date }

const DAY_ms = 86_400_000

/** As long as a machine is kept; to trust a new one is a nuisance for everybody who uses it. */
const LIFE_days = 3_650

/** A certificate lives a year, and must end before who vouches for it. */
const RENEW_BEFORE_days = 400

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

async function found(hosts: readonly string[]): Promise<Pair> {
  const keys = await newKeys()
  const now = Date.now()
  const signed = await x509.X509CertificateGenerator.createSelfSigned({
    ...common({ from: new Date(now - DAY_ms), to: new Date(now + LIFE_days * DAY_ms) }),
    // Authorities of several machines stand in one list of a browser, and must be told apart there.
    name: `CN=Vouchsafe authority ${randomBytes(4).toString('hex')}`,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.Extension(NAME_CONSTRAINTS, true, permitted(hosts)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { key: pemOf(keys.privateKey), cert: signed.toString('pem') }
}

const common = ({ from, to }: Life) => ({
  // Positive, as the standard wants it, and of its full length.
  serialNumber: `4${randomBytes(16).toString('hex').slice(1)}`,
  notBefore: from,
  notAfter: to,
  signingAlgorithm: ECDSA,
})

const newKeys = () => crypto.subtle.generateKey(ECDSA, true, ['sign', 'verify'])
const pemOf = (key: Parameters<typeof KeyObject.from>[0]) =>
  KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString()

const lasts = ({ cert }: Pair) =>
  new X509Certificate(cert).validToDate.getTime() - Date.now() >= RENEW_BEFORE_days * DAY_ms

function covers({ cert }: Pair, hosts: readonly string[]): boolean {
  const bounds = new x509.X509Certificate(cert).getExtension(NAME_CONSTRAINTS)
  return bounds !== null && subtrees(hosts).every((one) => Buffer.from(bounds.value).includes(one))
}

const NAME_CONSTRAINTS = '2.5.29.30'

/** RFC 5280 § 4.2.1.10, as bytes: `SEQUENCE { [0] { SEQUENCE { name } … } }`. */
const permitted = (hosts: readonly string[]) => tagged(0x30, tagged(0xa0, ...subtrees(hosts)))

/** Loopback is always among them: where no address is named at all, every address would be allowed. */
const subtrees = (hosts: readonly string[]) =>
  [...new Set(['127.0.0.1', '::1', ...hosts])].map((host) => tagged(0x30, isIP(host) ? network(host) : domain(host)))

const domain = (host: string) => tagged(0x82, Buffer.from(host.replace(/^\*\./, '')))

function network(host: string): Buffer {
  const address = readAddress(host)!
  const bytes = isIPv4(address)
    ? address.split('.').map(Number)
    : address.split(':').flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
  return tagged(0x87, Buffer.from([...bytes, ...bytes.map(() => 255)]))
}

function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const size = content.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

function readOwn(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    return unreadable(path)
  }
}

export function unreadable(path: string): never {
  throw new Trouble(`Make ${path} readable for the user that runs this, or delete it and a new one is made.`)
}
