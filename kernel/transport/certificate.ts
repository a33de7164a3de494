import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { generate } from 'selfsigned'
import { Trouble } from '../base/trouble.ts'
import { codeOf, replaceFile } from '../vault/file.ts'

/**
 * The certificate we make ourselves, so that nothing secret ever crosses in the clear even before the operator has one.
 * Key and certificate stand in one file, readable by its owner only: never half written, never mismatched.
 * Asked again (at each start, and daily), it makes a new one when names were added or less than a month is left.
 */
export async function ownCertificate(folder: string, hosts: readonly string[]): Promise<Certificate> {
  const path = join(folder, 'certificate.pem')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const kept = readKept(path)
  if (kept && isGood(kept, hosts)) return kept
  replaceFile(path, await makePem(hosts))
  // Another process may have been quicker or slower by a moment: what is on disk is what both present.
  return readKept(path) ?? unreadable(path)
}

export type Certificate = { key: string; cert: string }

/** The operator's own (`TLS_CERT`, `TLS_KEY`), held against each other before a single visitor sees a broken door. */
export function givenCertificate(paths: { cert: string; key: string }): Certificate {
  const given = { cert: readGiven('TLS_CERT', paths.cert), key: readGiven('TLS_KEY', paths.key) }
  const leaf = attempt(() => new X509Certificate(given.cert))
  if (!leaf) throw new Trouble('Point TLS_CERT at a certificate in PEM form, your own first and then its issuers.')
  const key = attempt(() => createPrivateKey(given.key))
  if (!key) throw new Trouble('Point TLS_KEY at a private key in PEM form that has no passphrase.')
  if (!leaf.checkPrivateKey(key)) throw new Trouble('Give the TLS_KEY that belongs to TLS_CERT; this one does not.')
  if (leaf.validToDate.getTime() < Date.now())
    throw new Trouble(`Renew the certificate in TLS_CERT: it ended on ${leaf.validToDate.toISOString().slice(0, 10)}.`)
  if (!attempt(() => createSecureContext(given)))
    throw new Trouble('Use a stronger certificate in TLS_CERT: an RSA key needs 2048 bits, the signature SHA-256.')
  return given
}

const DAY_ms = 86_400_000

/** Browsers accept at most thirteen months from anyone. */
const LIFE_days = 365

/** Long enough that a machine which is started monthly never presents an ended one. */
const RENEW_BEFORE_days = 30

function isGood({ cert, key }: Certificate, hosts: readonly string[]): boolean {
  const leaf = new X509Certificate(cert)
  const now = Date.now()
  return (
    leaf.checkPrivateKey(createPrivateKey(key)) &&
    leaf.validFromDate.getTime() <= now &&
    leaf.validToDate.getTime() - now >= RENEW_BEFORE_days * DAY_ms &&
    hosts.every((host) => (isIP(host) ? leaf.checkIP(host) : leaf.checkHost(host)) !== undefined)
  )
}

async function makePem(hosts: readonly string[]): Promise<string> {
  const made = await generate([{ name: 'commonName', value: 'vouchsafe' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // An hour back, because the clock of who visits may be behind ours.
    notBeforeDate: new Date(Date.now() - DAY_ms / 24),
    notAfterDate: new Date(Date.now() + LIFE_days * DAY_ms),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: hosts.map(altName) },
    ],
  })
  return `${made.private.trim()}\n${made.cert.trim()}\n`
}

const altName = (host: string) => (isIP(host) ? { type: 7 as const, ip: host } : { type: 2 as const, value: host })

/** What we kept, if it is still a key and a certificate; anything else is ours to make anew. */
function readKept(path: string): Certificate | undefined {
  const pem = readOwn(path)
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/.exec(pem)?.[0]
  const cert = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(pem)?.[0]
  if (!key || !cert) return undefined
  return attempt(() => createSecureContext({ key, cert })) && { key: `${key}\n`, cert: `${cert}\n` }
}

function readOwn(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''
    return unreadable(path)
  }
}

function unreadable(path: string): never {
  throw new Trouble(`Make ${path} readable for the user that runs this, or delete it and a new one is made.`)
}

function readGiven(setting: string, path: string): string {
  const text = attempt(() => readFileSync(path, 'utf8'))
  if (text === undefined)
    throw new Trouble(`Point ${setting} at a file that the user running this may read; ${path} is none.`)
  return text
}

function attempt<Result>(run: () => Result): Result | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
