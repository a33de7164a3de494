import { createServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { inside, log } from '../../base/log.ts'
import type { Policy } from '../../contract/control.ts'
import { challengeAnswer } from '../../transport/acme.ts'
import type { Door } from './door.ts'
import { httpOptions } from './http.ts'

/**
 * The plain port as strangers meet it, and no byte of the product leaves through it. By the edition's policy it hangs
 * up on whoever comes, or points browsers, and nobody else, to the same page over TLS. The one exception to both are
 * the answers that an authority needs in the clear before it gives us a certificate.
 */
export type Strangers = { server: Server; answer: RequestListener }
export type Turned = {
  rule: Policy['plainHttp']
  /** What a browser is told to open for a name of ours. */
  secureOrigin: (name: string) => string
  acmeWebroot: string | undefined
}

export function strangersDoor(door: Door, turned: Turned): Strangers {
  const strangers: Strangers = {
    server: createServer({ ...httpOptions, ...IMPATIENT }, (request, reply) => strangers.answer(request, reply)),
    answer(request, reply) {
      turnAway(door, turned, request, reply).catch((error: unknown) => {
        log('stranger not turned away', inside(error))
        request.socket.destroy()
      })
    },
  }
  strangers.server.maxConnections = MOST_CONNECTIONS
  // What is no HTTP is not told so either, and who asks whether to go on is told nothing but the end.
  strangers.server.on('clientError', (_error, socket) => socket.destroy())
  for (const question of ['checkContinue', 'checkExpectation'])
    strangers.server.on(question, (request: IncomingMessage, reply: ServerResponse) => strangers.answer(request, reply))
  return strangers
}

/** One short request each, and one short answer. */
const IMPATIENT = { headersTimeout: 5_000, requestTimeout: 5_000 }
const MOST_CONNECTIONS = 1_000

async function turnAway(door: Door, turned: Turned, request: IncomingMessage, reply: ServerResponse) {
  const { rule, secureOrigin, acmeWebroot } = turned
  const path = request.url ?? ''
  const proof = acmeWebroot && request.method === 'GET' ? await challengeAnswer(acmeWebroot, path) : undefined
  const say = (status: number, more: Record<string, string>, body = '') => {
    const headers = { ...door.headers('api', false), ...more, connection: 'close' }
    return reply.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
  }
  if (proof !== undefined) return say(200, { 'content-type': 'text/plain; charset=utf-8' }, proof)
  if (rule === 'refuse') return request.socket.destroy()
  const name = isVisit(request) ? ownName(door, request.headers.host) : undefined
  return name === undefined ? say(403, {}) : say(308, { location: `${secureOrigin(name)}${path}` })
}

/**
 * Only what a browser does by itself is redirected: a program that sent its key or its data in the clear should hear
 * of it, and not find out years later that it still does (ASVS 4.1.2).
 */
const isVisit = ({ method, url, headers }: IncomingMessage) =>
  method === 'GET' && PAGE.test(url ?? '') && headers.authorization === undefined && headers.cookie === undefined

/** A path that everyone on the way reads alike, and none of the API's. */
const PAGE = /^\/(?!v1(?:[/?]|$))[!"$-~]*$/

function ownName(door: Door, host: string | undefined): string | undefined {
  try {
    return door.checkHost(host)
  } catch {
    return undefined
  }
}
