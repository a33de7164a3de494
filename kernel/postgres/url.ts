import { readFileSync } from 'node:fs'
import { isLoopback } from '../base/config.ts'
import { Trouble } from '../base/trouble.ts'
import type { Login } from './pool.ts'

/**
 * A Postgres of one's own, by its address. What leaves this machine is encrypted, and the server's certificate is
 * checked against its name: there is no setting for "encrypt, but do not look who it is".
 */
const KNOWN = ['sslmode', 'sslrootcert', 'host']

export function loginOf(address: string): Login {
  const url = parse(address)
  const option = (name: string) => url.searchParams.get(name) ?? undefined
  const given = [...url.searchParams.keys()]
  const strange = given.filter((name, at) => !KNOWN.includes(name) || given.indexOf(name) < at)
  if (strange.length)
    throw new Trouble(
      `DATABASE_URL has a parameter that is not understood or comes twice (${strange.join(', ')}): leave it out.`,
      2,
    )
  const host = option('host') ?? (decode(url.hostname).replace(/^\[|\]$/g, '') || 'localhost')
  const database = decode(url.pathname.slice(1))
  if (!url.username || !database)
    throw new Trouble('DATABASE_URL needs a user and a database: postgres://user:password@host/database.', 2)
  return {
    host,
    port: Number(url.port || 5432),
    user: decode(url.username),
    password: decode(url.password),
    database,
    ssl: encryption(host, option('sslmode'), option('sslrootcert')),
  }
}

function parse(address: string): URL {
  const url = URL.parse(address)
  if (!url || !/^postgres(?:ql)?:$/.test(url.protocol))
    throw new Trouble(
      'DATABASE_URL is not an address of a Postgres server: write postgres://user:password@host/database.',
      2,
    )
  return url
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Trouble('DATABASE_URL has a % that begins no escape: write %25 for a % in a name or password.', 2)
  }
}

function encryption(host: string, mode: string | undefined, rootFile: string | undefined): Login['ssl'] {
  const near = host.startsWith('/') || isLoopback(host)
  if (mode === 'disable' && !near)
    throw new Trouble('DATABASE_URL turns encryption off for a server on the network: remove sslmode=disable.', 2)
  if (mode !== undefined && !['disable', 'verify-full'].includes(mode))
    throw new Trouble(
      'DATABASE_URL may say sslmode=verify-full (or disable, on this machine): nothing in between is safe.',
      2,
    )
  if (near && mode !== 'verify-full') return false
  return { rejectUnauthorized: true, ...(rootFile ? { ca: readRoot(rootFile) } : {}) }
}

function readRoot(file: string) {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    throw new Trouble(`The certificate file that DATABASE_URL names as sslrootcert cannot be read: check ${file}.`)
  }
}
