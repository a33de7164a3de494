import { randomUUID } from 'node:crypto'
import Fastify from 'fastify'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Origin } from '../../audit/record.ts'
import { inside, log } from '../../base/log.ts'
import { Refusal } from '../../contract/refusal.ts'
import { REPORTS_PATH } from '../../transport/headers.ts'
import { parseJson } from '../../transport/json.ts'
import { parseQuery } from '../../transport/query.ts'
import type { Served } from '../catalogue.ts'
import { addressOf, admit, isTls, spend, watch } from './door.ts'
import type { Door } from './door.ts'
import { dispatch } from '../dispatch.ts'
import { idempotencyKeyOf } from '../idempotency.ts'
import { sendFile } from './files.ts'
import { localeOf } from './locale.ts'
import { SUBMISSIONS } from './log.ts'
import { answerUnparsed, problemOf } from './problem.ts'
import { noteRefusal } from '../recording.ts'
import { isReport } from './reports.ts'

/**
 * The door. Every operation of the catalogue has one route, `POST /v1/shop.invoice.issue` or `GET
 * /v1/shop.invoice.get`; bodies are JSON and nothing else; and whatever is refused, here or below, leaves as one kind
 * of problem.
 */

/** Bodies are forms and lists that people made; files take another way. */
const BODY_LIMIT_BYTES = 1_048_576
const HEADERS_WITHIN_MS = 10_000
const REQUEST_WITHIN_MS = 30_000
const KEEP_ALIVE_MS = 65_000
/** Who is too slow is cut off this much later at the most. */
const LOOK_FOR_SLOW_EVERY_MS = 2_000

export function httpServer(door: Door): FastifyInstance {
  const app = Fastify({
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_WITHIN_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { headersTimeout: HEADERS_WITHIN_MS, ...httpOptions },
    routerOptions: { querystringParser: readQuery, maxParamLength: 200, ignoreDuplicateSlashes: false },
    genReqId: () => randomUUID(),
    exposeHeadRoutes: false,
    logger: false,
    // What still comes on an open connection while we end is answered as ever; new connections find nobody.
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      greet(door, request, reply)
      void sendProblem(door, error, request, reply)
    },
    clientErrorHandler: (error, socket) => answerUnparsed(door, error, socket),
  })
  app.removeAllContentTypeParsers()
  // What is not accepted is refused in front of this, before a byte of it is read.
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
  app.addHook('preParsing', (request, _reply, payload, done) => {
    const { 'content-type': type, 'content-length': length, 'transfer-encoding': chunked } = request.headers
    const says = type !== undefined || chunked !== undefined || Number(length ?? 0) > 0
    // Packed is not what it says it is, whatever it holds.
    const accepts = ACCEPTED[request.routeOptions.url ?? ''] ?? door.accepts
    const isWrong = says && (!accepts(type) || request.headers['content-encoding'] !== undefined)
    done(request.method === 'POST' && isWrong ? new Refusal(415, 'unsupported-media-type') : null, payload)
  })
  app.addHook('onRequest', (request, reply, done) => {
    greet(door, request, reply)
    if (request.is404) watch(door, request, reply)
    const malformed = malformedQueries.get(request.query as object)
    if (malformed) throw malformed
    // Without a name it is no HTTP/1.1; an older one had none to give, and is as misdirected as with a wrong one.
    const { host } = request.headers
    if (host === undefined && request.raw.httpVersion === '1.1') throw new Refusal(400, 'bad-request')
    door.checkHost(host)
    // A path is asked of us: an address of elsewhere, `*` or a fragment is read differently by everyone on the way.
    if (!PATH.test(request.raw.url ?? '')) throw new Refusal(400, 'bad-request')
    // Of what is sent to nowhere, by whatever method, nothing is read.
    if (request.is404) throw new Refusal(404, 'not-found')
    done()
  })
  app.setErrorHandler((error, request, reply) => sendProblem(door, error, request, reply))
  app.setNotFoundHandler((request, reply) => sendProblem(door, new Refusal(404, 'not-found'), request, reply))
  for (const served of door.parts.catalogue.values()) if (served.operation.kind !== 'job') addRoute(app, door, served)
  return app
}

/**
 * For every door. A header that comes twice is seen as both, where the default is to look at the first alone. What Node
 * would refuse by itself, in words of its own and without a header of ours, is left for us to refuse.
 */
export const httpOptions = {
  maxHeaderSize: 16_384,
  joinDuplicateHeaders: true,
  requireHostHeader: false,
  connectionsCheckingInterval: LOOK_FOR_SLOW_EVERY_MS,
}

/** What comes from browsers by themselves, and from logs that we watch, is called otherwise. */
const ACCEPTED: Record<string, Door['accepts']> = { [REPORTS_PATH]: isReport, [SUBMISSIONS]: () => true }

const PATH = /^\/[^#]*$/

function greet(door: Door, request: FastifyRequest, reply: FastifyReply) {
  void reply.headers(door.headers('api', isTls(request)))
  void reply.header('x-request-id', request.id)
}

/** The router has nobody to throw to, and would end the process: what is wrong is told by the first hook. */
function readQuery(search: string): Record<string, string> {
  try {
    return parseQuery(search)
  } catch (error) {
    const unread = {}
    malformedQueries.set(unread, error as Error)
    return unread
  }
}

const malformedQueries = new WeakMap<object, Error>()

/** Parameters other than a charset of UTF-8 could only mean something that we would not read that way. */
export const isJson = (contentType: string | undefined) =>
  /^application\/json(?:\s*;\s*charset=utf-8)?$/i.test(contentType ?? '')

function addRoute(app: FastifyInstance, door: Door, served: Served) {
  const { kind, rate, file } = served.operation
  const isQuery = kind === 'query'
  app.route({
    method: isQuery ? 'GET' : 'POST',
    url: `/v1/${served.name}`,
    async handler(request, reply) {
      const caller = await admit(door, request)
      const said = { input: isQuery ? request.query : (request.body ?? {}), origin: originOf(door, request) }
      try {
        spend(door, rate, caller.actor.id, reply)
        const asked = {
          ...said,
          idempotencyKey: isQuery ? undefined : idempotencyKeyOf(request.headers['idempotency-key']),
        }
        if (file) return await sendFile(door.parts, served, caller, asked, reply)
        const body = await dispatch(door.parts, served, caller, asked)
        return await reply.header('content-type', 'application/json; charset=utf-8').send(body)
      } catch (error) {
        noteRefusal(door.parts, served, caller, said, error)
        throw error
      }
    },
  })
}

/** Whose address it is is worked out for those who write it down. */
const originOf = (door: Door, request: FastifyRequest): Origin => ({
  requestId: request.id,
  userAgent: request.headers['user-agent'],
  get address() {
    return addressOf(door, request)
  },
})

/** Whatever went wrong, the caller gets a problem and nobody gets a stack. */
function sendProblem(door: Door, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const refusal = asRefusal(error)
  if (refusal.status >= 500)
    log('refused', {
      requestId: request.id,
      code: refusal.code,
      path: request.routeOptions.url,
      inside: refusal.inside,
      ...(error === refusal ? {} : inside(error)),
    })
  const locale = localeOf(request.headers['accept-language'])
  if (refusal.retryAfter_s !== undefined) void reply.header('retry-after', String(refusal.retryAfter_s))
  if (refusal.status === 401) void reply.header('www-authenticate', 'Bearer')
  return reply
    .code(refusal.status)
    .header('content-type', 'application/problem+json; charset=utf-8')
    .header('content-language', locale)
    .header('vary', 'accept-language')
    .send(JSON.stringify(door.tell(problemOf(refusal, door.words[locale], request.id), error)))
}

/** What Fastify itself refuses, by its own codes. */
const ours: Record<string, readonly [number, string]> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'unsupported-media-type'],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'too-large'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'bad-request'],
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, 'malformed-json'],
  FST_ERR_BAD_URL: [400, 'bad-request'],
  FST_ERR_MAX_PARAM_LENGTH: [404, 'not-found'],
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  const known = ours[(error as FastifyError).code]
  if (known) return new Refusal(...known)
  const status = (error as FastifyError).statusCode
  return status === 400 ? new Refusal(400, 'bad-request') : new Refusal(500, 'internal')
}
