import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { Refusal } from '../../contract/refusal.ts'
import type { FieldError } from '../../contract/refusal.ts'
import type { hardeningHeaders } from '../../transport/headers.ts'
import type { Locale, Words } from './locale.ts'

/**
 * RFC 9457. The code never changes with the language and is all that a program should look at; title and detail are for
 * people. Nothing in it depends on why: a row of another workspace and a row that never was give the same bytes.
 */
export type Problem = {
  type: string
  title: string
  status: number
  detail: string
  code: string
  instance: string
  errors?: readonly FieldError[]
}

export function problemOf({ status, code, errors }: Refusal, words: Words, requestId: string): Problem {
  const { title, detail } = words[code] ?? words['internal']!
  const problem = { type: `/problems/${code}`, title, status, detail, code, instance: `urn:uuid:${requestId}` }
  return errors.length ? { ...problem, errors } : problem
}

/** What is no HTTP never becomes a request; who sent it hears of it as of anything else, and is cut off. */
export function answerUnparsed(door: Manner, error: NodeJS.ErrnoException, socket: Socket): void {
  const begun = (socket as Socket & { _httpMessage?: ServerResponse })._httpMessage?.headersSent
  if (!socket.writable || begun) return void socket.destroy()
  const refusal = new Refusal(...(reasons[error.code ?? ''] ?? ([400, 'bad-request'] as const)))
  const id = randomUUID()
  const body = JSON.stringify(problemOf(refusal, door.words.en, id))
  const headers = {
    ...door.headers('api', 'encrypted' in socket && socket.encrypted === true),
    connection: 'close',
    'x-request-id': id,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-language': 'en',
    'content-length': Buffer.byteLength(body),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`, ...lines, '', body].join('\r\n'))
}

type Manner = { words: Record<Locale, Words>; headers: typeof hardeningHeaders }

const reasons: Record<string, readonly [number, string]> = {
  HPE_HEADER_OVERFLOW: [431, 'too-large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'too-large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'too-slow'],
}

/** The codes that any operation may answer, by what they mean in HTTP. */
export const commonProblems: Readonly<Record<number, readonly string[]>> = {
  400: ['invalid', 'malformed-json', 'malformed-query', 'bad-request'],
  401: ['unauthenticated'],
  403: ['forbidden'],
  404: ['not-found'],
  413: ['too-large', 'too-much-at-once'],
  415: ['unsupported-media-type'],
  421: ['misdirected'],
  422: ['idempotency-key-reused'],
  429: ['rate-limited'],
  500: ['internal'],
  503: ['unavailable'],
}

export type Language = { locale: Locale; words: Words }
