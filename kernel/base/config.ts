import { join, resolve } from 'node:path'
import { z } from 'zod'
import { Trouble } from './trouble.ts'

/** What may be set from outside. Read once, checked as a whole, and a mistake ends the start with a sentence. */
const port = z.coerce.number().int().min(0).max(65_535)
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean),
)

const Settings = z.object({
  /** Where the plain door listens; only loopback may be answered without TLS. */
  HOST: z.string().min(1).default('localhost'),
  PORT: port.default(8080),
  TLS_PORT: port.default(8443),
  /** A certificate and key of your own, as PEM files. */
  TLS_CERT: z.string().optional(),
  TLS_KEY: z.string().optional(),
  /** Where an ACME client puts what its authority wants to see at the plain port (HTTP-01). */
  ACME_WEBROOT: z.string().optional(),
  /** Everything this deployment keeps on disk. */
  VOUCHSAFE_DATA: z.string().min(1).default('.vouchsafe'),
  EDITION: z.string().default('jeweller'),
  /** A Postgres of your own; without it one is started inside the data folder. */
  DATABASE_URL: z.string().optional(),
  /** Where several processes count attempts and requests together, instead of in Postgres: redis:// or rediss://. */
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'an address that begins with redis:// or rediss://' }).optional(),
  /** The key that wraps all others (32 bytes, base64); several, newest first, while rotating. */
  VOUCHSAFE_MASTER_KEY: z.string().optional(),
  /** Networks whose word about the client's address is believed. */
  TRUSTED_PROXIES: list.default([]),
  /** Host names this deployment answers to, besides loopback. */
  ALLOWED_HOSTS: list.default([]),
  /** What people have in their address bar: links in letters are made from it and from nothing else. */
  PUBLIC_URL: z.string().optional(),
  /** Who sends our letters; without it they are kept and shown on this machine. */
  SMTP_URL: z.string().optional(),
  MAIL_FROM: z.string().optional(),
  /** Whether this process seals the audit logs beside its requests, or `vouchsafe sequencer` does: here, elsewhere. */
  VOUCHSAFE_SEQUENCER: z.enum(['here', 'elsewhere'], { error: 'here or elsewhere' }).default('here'),
  /** Where heads of the audit logs are copied to: better another disk than the database's, best another machine. */
  VOUCHSAFE_CHECKPOINTS: z.string().optional(),
  /** A bucket that speaks S3, to which they go as well: https://KEY:SECRET@host/bucket?region=… */
  VOUCHSAFE_CHECKPOINT_BUCKET: z.string().optional(),
  /** Who is written to once a day with the heads of the audit logs. */
  VOUCHSAFE_CHECKPOINT_MAIL: z.email().max(254).optional(),
  /** Who is told of each head and vouches for it: the address and key of each. */
  VOUCHSAFE_WITNESSES: list.default([]),
  /** The keys of logs of others that this deployment vouches for. */
  VOUCHSAFE_WITNESS_OF: list.default([]),
})

export type Config = {
  host: string
  port: number
  tlsPort: number
  tlsFiles: { cert: string; key: string } | undefined
  acmeWebroot: string | undefined
  data: string
  edition: string
  databaseUrl: string | undefined
  redisUrl: string | undefined
  masterKey: string | undefined
  trustedProxies: readonly string[]
  allowedHosts: readonly string[]
  /** An origin; where none was given, links lead to this machine. */
  publicUrl: string | undefined
  smtpUrl: string | undefined
  mailFrom: string | undefined
  sequencer: 'here' | 'elsewhere'
  checkpoints: string
  checkpointBucket: string | undefined
  checkpointMail: string | undefined
  witnesses: readonly string[]
  witnessOf: readonly string[]
}

export function readConfig(env: NodeJS.ProcessEnv): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const read = Settings.safeParse(present)
  if (!read.success) {
    const names = read.error.issues.map((issue) => issue.path.join('.')).join(', ')
    throw new Trouble(`Set ${names} to something that can be used: ${read.error.issues[0]!.message}.`, 2)
  }
  const { TLS_CERT: cert, TLS_KEY: key, ...settings } = read.data
  if (!cert !== !key) throw new Trouble('Give both TLS_CERT and TLS_KEY, or neither of them.', 2)
  const publicUrl = settings.PUBLIC_URL === undefined ? undefined : originIn(settings.PUBLIC_URL)
  if (settings.SMTP_URL && !publicUrl && !isLoopback(settings.HOST))
    throw new Trouble('Say with PUBLIC_URL=https://… where people reach you: links in letters are made from it.', 2)
  return {
    host: settings.HOST,
    port: settings.PORT,
    tlsPort: settings.TLS_PORT,
    tlsFiles: cert && key ? { cert, key } : undefined,
    acmeWebroot: settings.ACME_WEBROOT && resolve(settings.ACME_WEBROOT),
    data: resolve(settings.VOUCHSAFE_DATA),
    edition: settings.EDITION,
    databaseUrl: settings.DATABASE_URL,
    redisUrl: settings.REDIS_URL,
    masterKey: settings.VOUCHSAFE_MASTER_KEY,
    trustedProxies: settings.TRUSTED_PROXIES,
    allowedHosts: [...settings.ALLOWED_HOSTS, ...namesIn(publicUrl)],
    publicUrl,
    smtpUrl: settings.SMTP_URL,
    mailFrom: settings.MAIL_FROM,
    sequencer: settings.VOUCHSAFE_SEQUENCER,
    checkpoints: resolve(settings.VOUCHSAFE_CHECKPOINTS ?? join(settings.VOUCHSAFE_DATA, 'checkpoints')),
    checkpointBucket: settings.VOUCHSAFE_CHECKPOINT_BUCKET,
    checkpointMail: settings.VOUCHSAFE_CHECKPOINT_MAIL,
    witnesses: settings.VOUCHSAFE_WITNESSES,
    witnessOf: settings.VOUCHSAFE_WITNESS_OF,
  }
}

function originIn(text: string): string {
  const url = URL.parse(text)
  const isOne = url !== null && url.href === `${url.origin}/` && /^https?:$/.test(url.protocol)
  if (!isOne) throw new Trouble('Write PUBLIC_URL as an origin and no more, such as https://app.example.com.', 2)
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new Trouble('Begin PUBLIC_URL with https: what people type there must not travel in the clear.', 2)
  return url.origin
}

/** Whoever follows one of our links is answered. */
function namesIn(publicUrl: string | undefined): string[] {
  const name = publicUrl && new URL(publicUrl).hostname
  return name && !isLoopback(name) ? [name] : []
}

export const isLoopback = (host: string) => /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/.test(host)
