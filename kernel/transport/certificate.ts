import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { isLoopback } from '../base/config.ts'
import type { Config } from '../base/config.ts'
import { Trouble } from '../base/trouble.ts'
import { replaceFile } from '../vault/file.ts'
import { ownAuthority, readPair, textOf, unreadable, vouchFor } from './authority.ts'
import type { Pair } from './authority.ts'

/**
 * The certificate we make ourselves, so that nothing secret ever crosses in the clear even before the operator has one.
 * Key and certificate stand in one file, readable by its owner only: never half written, never mismatched.
 * Asked again (at each start, and while it runs), it makes a new one when names were added, or a month before the end.
 */
export async function ownCertificate(folder: string, hosts: readonly string[]): Promise<Certificate> {
  const path = join(folder, 'certificate.pem')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const authority = await ownAuthority(folder, hosts)
  const kept = readPair(path)
  if (kept && isGood(kept, hosts, authority)) return kept
  const now = Date.now()
  // An hour back, because the clock of who visits may be behind ours.
  const life = { from: new Date(now - DAY_ms / 24), to: new Date(now + LIFE_days * DAY_ms) }
  replaceFile(path, textOf(await vouchFor(authority, hosts, life)))
  // Another process may have been quicker or slower by a moment: what is on disk is what both present.
  return readPair(path) ?? unreadable(path)
}

export type Certificate = Pair

/** Where a deployment's certificate comes from, asked as often as one likes: the operator's files, or ourselves. */
export function certificatesOf({ tlsFiles, data, host, allowedHosts }: Config): () => Promise<Certificate> {
  const names = ['localhost', ...(isLoopback(host) ? [] : [host]), ...allowedHosts]
  const bare = names.map((name) => name.replace(/^\[(.*)\]$/, '$1'))
  return async () => (tlsFiles ? givenCertificate(tlsFiles) : await ownCertificate(join(data, 'tls'), bare))
}

/** The operator's own (`TLS_CERT`, `TLS_KEY`), held against each other before a single visitor sees a broken door. */
export function givenCertificate(paths: { cert: string; key: string }): Certificate {
  const given = { cert: readGiven('TLS_CERT', paths.cert), key: readGiven('TLS_KEY', paths.key) }
  const leaf = attempt(() => new X509Certificate(given.cert))
  if (!leaf) throw new Trouble('Point TLS_CERT at a certificate in PEM form, your own first and then its issuers.')
  const key = attempt(() => createPrivateKey(given.key))
  if (!key) throw new Trouble('Point TLS_KEY at a private key in PEM form that has no passphrase.')
  if (!leaf.checkPrivateKey(key)) throw new Trouble('Give the TLS_KEY that belongs to TLS_CERT; this one does not.')
  if (leaf.validToDate.getTime() < Date.now())
    throw new Trouble(`Renew the certificate in TLS_CERT: it ended on ${dayOf(leaf.validToDate)}.`)
  if (leaf.validFromDate.getTime() > Date.now())
    throw new Trouble(
      `Give a TLS_CERT that is valid already, or set the clock: this one begins on ${dayOf(leaf.validFromDate)}.`,
    )
  if (!attempt(() => createSecureContext(given)))
    throw new Trouble('Use a stronger certificate in TLS_CERT: an RSA key needs 2048 bits, the signature SHA-256.')
  return given
}

const DAY_ms = 86_400_000

/** Browsers accept at most thirteen months from anyone. */
const LIFE_days = 365

/** Long enough that a machine which is started monthly never presents an ended one. */
const RENEW_BEFORE_days = 30

function isGood({ cert }: Certificate, hosts: readonly string[], authority: Pair): boolean {
  const leaf = new X509Certificate(cert)
  const now = Date.now()
  return (
    leaf.verify(new X509Certificate(authority.cert).publicKey) &&
    leaf.validFromDate.getTime() <= now &&
    leaf.validToDate.getTime() - now >= RENEW_BEFORE_days * DAY_ms &&
    hosts.every((host) => isFor(leaf, host))
  )
}

const isFor = (leaf: X509Certificate, host: string) =>
  isIP(host) ? leaf.checkIP(host) !== undefined : (leaf.subjectAltName ?? '').split(', ').includes(`DNS:${host}`)

const dayOf = (date: Date) => date.toISOString().slice(0, 10)

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
