import { hash, randomBytes } from 'node:crypto'

/**
 * An API key: a fixed sign that secret scanners can find, the workspace it opens, a prefix that people recognise it
 * by, and the secret. The workspace stands inside the key, so a key can be looked up nowhere but in its own
 * workspace.
 */
const SIGN = 'vsk_'
const PREFIX_BYTES = 6
const SECRET_BYTES = 24
const FORM = /^vsk_([A-Za-z0-9_-]{22})[A-Za-z0-9_-]{8}[A-Za-z0-9_-]{32}$/
/** Prefix and secret as base64url. */
const RANDOM_LENGTH = 40

/** The random part may be given, for keys that several processes must arrive at by themselves. */
export function newToken(workspace: string, random = randomBytes(PREFIX_BYTES + SECRET_BYTES).toString('base64url')) {
  const own = random.slice(0, RANDOM_LENGTH)
  const token = SIGN + idIn(workspace) + own
  if (!FORM.test(token)) throw new TypeError('that makes no key')
  return { token, prefix: `${SIGN}…${own.slice(0, 8)}`, hash: hashOf(token) }
}

/** What is stored and looked for. The secret has 192 random bits, so a fast hash is enough. */
export const hashOf = (token: string) => hash('sha256', token)

/** The workspace that the key claims to open; undefined for anything that is not a key at all. */
export function workspaceOf(token: string): string | undefined {
  const opens = FORM.exec(token)?.[1]
  return opens && idFrom(opens)
}

/** An id inside a token: 16 bytes as 22 characters. */
export const idIn = (id: string) => Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url')

export function idFrom(text: string): string {
  const hex = Buffer.from(text, 'base64url').toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
