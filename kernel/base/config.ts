import { resolve } from 'node:path'
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
  /** Everything this deployment keeps on disk. */
  VOUCHSAFE_DATA: z.string().min(1).default('.vouchsafe'),
  EDITION: z.string().default('jeweller'),
  /** A Postgres of your own; without it one is started inside the data folder. */
  DATABASE_URL: z.string().optional(),
  /** The key that wraps all others (32 bytes, base64); several, newest first, while rotating. */
  VOUCHSAFE_MASTER_KEY: z.string().optional(),
  /** Networks whose word about the client's address is believed. */
  TRUSTED_PROXIES: list.default([]),
  /** Host names this deployment answers to, besides loopback. */
  ALLOWED_HOSTS: list.default([]),
})

export type Config = {
  host: string
  port: number
  tlsPort: number
  tlsFiles: { cert: string; key: string } | undefined
  data: string
  edition: string
  databaseUrl: string | undefined
  masterKey: string | undefined
  trustedProxies: readonly string[]
  allowedHosts: readonly string[]
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
  return {
    host: settings.HOST,
    port: settings.PORT,
    tlsPort: settings.TLS_PORT,
    tlsFiles: cert && key ? { cert, key } : undefined,
    data: resolve(settings.VOUCHSAFE_DATA),
    edition: settings.EDITION,
    databaseUrl: settings.DATABASE_URL,
    masterKey: settings.VOUCHSAFE_MASTER_KEY,
    trustedProxies: settings.TRUSTED_PROXIES,
    allowedHosts: settings.ALLOWED_HOSTS,
  }
}

export const isLoopback = (host: string) => /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/.test(host)
