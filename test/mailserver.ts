import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import type { SMTPServerOptions } from 'smtp-server'
import { ownAuthority, vouchFor } from '../kernel/transport/authority.ts'

/** A real mail server on loopback that keeps what it is given, and says whether it came encrypted. */
export type MailServer = AsyncDisposable & {
  port: number
  received: Received[]
  /** Everything that somebody tried to sign in with. */
  credentials: string[]
}
export type Received = { from: string; to: readonly string[]; secure: boolean; raw: string }

export type Manners = Pick<SMTPServerOptions, 'secure' | 'disabledCommands' | 'authOptional'> & {
  identity: Identity
  /** Asked before the server says yes to a letter. */
  accept?: (letter: Received) => Promise<void> | void
  /** Asked before it says yes to an address. */
  knows?: (address: string) => boolean
  port?: number
}

export async function mailServer(manners: Manners): Promise<MailServer> {
  const { identity, accept, knows = () => true, port = 0, ...options } = manners
  const received: Received[] = []
  const credentials: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    key: identity.key,
    cert: identity.cert,
    ...options,
    onAuth(auth, _session, done) {
      credentials.push(`${auth.username}:${auth.password}`)
      done(null, { user: auth.username })
    },
    onRcptTo({ address }, _session, done) {
      done(knows(address) ? null : Object.assign(new Error('nobody of that name'), { responseCode: 550 }))
    },
    onData(stream, { envelope, secure }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      const take = async () => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : ''
        const to = envelope.rcptTo.map(({ address }) => address)
        const letter = { from, to, secure, raw: Buffer.concat(chunks).toString('utf8') }
        try {
          await accept?.(letter)
          received.push(letter)
          done()
        } catch (error) {
          done(error as Error)
        }
      }
      stream.on('end', () => void take())
    },
  })
  // Whoever hangs up in the middle of a handshake is what some tests are about.
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    credentials,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

/** What a server shows, and the authority that vouches for it. */
export type Identity = { key: string; cert: string; ca: string }

export async function identityFor(host: string): Promise<Identity> {
  const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-mail-'))
  try {
    const authority = await ownAuthority(folder, [host])
    const life = { from: new Date(Date.now() - 3_600_000), to: new Date(Date.now() + 3_600_000) }
    return { ...(await vouchFor(authority, [host], life)), ca: authority.cert }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A letter as a reader sees it: headers with their words decoded, and its parts by their type. */
export function readLetter(raw: string): {
  headers: ReadonlyMap<string, string[]>
  parts: ReadonlyMap<string, string>
} {
  const { headers, body } = split(raw)
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type')?.[0] ?? '')?.[1]
  const parts = body.split(`--${boundary}`).slice(1, -1)
  return { headers, parts: new Map(parts.map((part) => readPart(part.trimStart()))) }
}

function split(text: string) {
  const at = text.indexOf('\r\n\r\n')
  const headers = new Map<string, string[]>()
  for (const line of text
    .slice(0, at)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')) {
    const [, name = '', value = ''] = /^([^:]*):\s*(.*)$/.exec(line) ?? []
    headers.set(name.toLowerCase(), [...(headers.get(name.toLowerCase()) ?? []), decodeWords(value)])
  }
  return { headers, body: text.slice(at + 4) }
}

function readPart(part: string): [string, string] {
  const { headers, body } = split(part)
  const [type = ''] = (headers.get('content-type')?.[0] ?? '').split(';')
  const isBase64 = headers.get('content-transfer-encoding')?.[0] === 'base64'
  const bytes = isBase64 ? Buffer.from(body, 'base64') : unquote(body.replace(/=\r\n/g, ''))
  return [type, bytes.toString('utf8').replaceAll('\r\n', '\n')]
}

const decodeWords = (value: string) =>
  value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, way: string, word: string) =>
      (way.toUpperCase() === 'B' ? Buffer.from(word, 'base64') : unquote(word.replaceAll('_', ' '))).toString('latin1'),
    )
    .replace(/[\x80-\xff]+/g, (bytes) => Buffer.from(bytes, 'latin1').toString('utf8'))

const unquote = (text: string) =>
  Buffer.from(
    text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
