import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { connect as connectSecurely } from 'node:tls'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { createLimits, QUOTAS } from '../../limits/limits.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'
import { hardeningHeaders } from '../../transport/headers.ts'
import type { AnswerKind } from '../../transport/headers.ts'

/** Whatever is answered, by whichever layer, over either door: one set of headers. */
let here: World
let cashier: string
before(async () => {
  const quotas = { ...QUOTAS, sensitive: { quota: 1, window_s: 60 }, public: { quota: 10_000, window_s: 60 } }
  here = await world(jeweller, 'pool', createLimits({ quotas }))
  const made = await here.as('owner').call('identity.key.create', { name: 'Till', role: 'cashier' })
  cashier = made.body.token
})
after(() => here[Symbol.asyncDispose]())

type Heard = { status: number; headers: Headers }

/** Sends bytes as they are and reads the head of the first answer. */
function say(bytes: string, isTls: boolean): Promise<Heard> {
  const { port, tlsPort } = here.served.listening
  const socket = isTls
    ? connectSecurely({ port: tlsPort, host: '127.0.0.1', rejectUnauthorized: false })
    : connect(port, '127.0.0.1')
  return new Promise((resolve, reject) => {
    let heard = ''
    socket.on('error', reject).on('close', () => reject(new Error(`hung up after ${JSON.stringify(heard)}`)))
    socket.setEncoding('latin1').on('data', (text: string) => {
      heard += text
      const end = heard.indexOf('\r\n\r\n')
      if (end < 0) return
      const [line = '', ...fields] = heard.slice(0, end).split('\r\n')
      const pairs = fields.map((field) => field.split(/: ?(.*)/s).slice(0, 2) as [string, string])
      socket.destroy()
      resolve({ status: Number(line.split(' ')[1]), headers: new Headers(pairs) })
    })
    socket.write(bytes)
  })
}

const HOST = 'Host: localhost'
const lines = (first: string, ...headers: string[]) => [`${first} HTTP/1.1`, ...headers, '', ''].join('\r\n')
const get = (path: string, ...headers: string[]) => lines(`GET ${path}`, HOST, ...headers)
const post = (name: string, body: string, ...headers: string[]) =>
  lines(`POST /v1/${name}`, HOST, 'Content-Type: application/json', `Content-Length: ${body.length}`, ...headers) + body

/** One of each class of answer, made by our routes, by Fastify, or by Node's parser before there is a request. */
function classes(): [status: number, kind: AnswerKind, bytes: string][] {
  const key = `Authorization: Bearer ${here.north.token}`
  const void_ = post('shop.invoice.void', '{}', key)
  return [
    [200, 'api', get('/v1/identity.workspace.get', key)],
    [200, 'page', get('/')],
    [200, 'page', get('/security?lang=ar')],
    [200, 'page', get('/problems/not-found')],
    [200, 'api', get('/security.json')],
    [200, 'api', get('/security.css')],
    [200, 'api', get('/robots.txt')],
    [200, 'api', get('/openapi.json')],
    [200, 'api', get('/livez')],
    [200, 'api', get('/readyz')],
    [200, 'api', get('/livez', 'Expect: what-nobody-knows')],
    [400, 'api', get('/v1/%ZZ')],
    [400, 'api', get('/v1/identity.workspace.get?a=1&a=2')],
    [400, 'api', post('shop.customer.create', '{', key)],
    [400, 'api', post('shop.customer.create', '{"x":1}', key)],
    [400, 'api', 'GARBAGE\r\n\r\n'],
    [400, 'api', lines('GET /livez')],
    [401, 'api', get('/v1/identity.workspace.get')],
    [403, 'api', get('/v1/audit.entry.list', `Authorization: Bearer ${cashier}`)],
    [404, 'api', get('/nothing')],
    [404, 'api', get('/problems/nothing')],
    [404, 'api', lines('HEAD /security', HOST)],
    [404, 'api', lines('OPTIONS /v1/shop.customer.create', HOST, 'Origin: https://evil.example')],
    [404, 'api', lines('TRACE /livez', HOST)],
    [
      413,
      'api',
      lines('POST /v1/shop.customer.create', HOST, key, 'Content-Type: application/json', 'Content-Length: 9999999'),
    ],
    [
      415,
      'api',
      lines('POST /v1/shop.customer.create', HOST, key, 'Content-Type: text/plain', 'Content-Length: 2') + '{}',
    ],
    [421, 'api', lines('GET /livez', 'Host: evil.example')],
    [421, 'api', 'GET /livez HTTP/1.0\r\n\r\n'],
    [422, 'api', post('shop.customer.create', '{"name":"y"}', key, 'Idempotency-Key: "kept-for-this-test"')],
    [429, 'api', void_],
    [431, 'api', get('/livez', `X: ${'a'.repeat(20_000)}`)],
  ]
}

test('every class of answer carries the whole set and its charset, over either door (ASVS 3.4.1, 4.1.1)', async () => {
  const key = `Authorization: Bearer ${here.north.token}`
  await say(post('shop.customer.create', '{"name":"x"}', key, 'Idempotency-Key: "kept-for-this-test"'), false)
  await say(post('shop.invoice.void', '{}', key), false)
  for (const isTls of [false, true])
    for (const [status, kind, bytes] of classes()) {
      const heard = await say(bytes, isTls)
      assert.equal(heard.status, status, bytes)
      isHardened(heard, kind, isTls, bytes)
    }
})

test('so do our own mistakes, and saying that we are not ready', async () => {
  const { parts, standing } = here.served
  const { acceptInput } = parts.boundary
  const { isReady } = standing
  const key = `Authorization: Bearer ${here.north.token}`
  try {
    parts.boundary.acceptInput = () => {
      throw new Error('broken on purpose')
    }
    standing.isReady = () => Promise.resolve(false)
    for (const isTls of [false, true]) {
      for (const [status, bytes] of [
        [500, get('/v1/identity.workspace.get', key)],
        [503, get('/readyz')],
      ] as const) {
        const heard = await say(bytes, isTls)
        assert.equal(heard.status, status)
        isHardened(heard, 'api', isTls, bytes)
      }
    }
  } finally {
    parts.boundary.acceptInput = acceptInput
    standing.isReady = isReady
  }
})

test('no route grants another origin anything: a preflight is unknown (ASVS 3.4.2, 3.5.2, 3.5.3)', async () => {
  const operations = here.served.live.operations.filter(({ kind }) => kind !== 'job')
  assert.ok(operations.length > 20)
  for (const path of [
    ...operations.map(({ name }) => `/v1/${name}`),
    '/',
    '/security.json',
    '/auth/sign-in',
    '/auth/refresh',
  ])
    for (const method of ['GET', 'POST']) {
      const asked = ['Origin: https://evil.example', `Access-Control-Request-Method: ${method}`]
      const wants = 'Access-Control-Request-Headers: content-type, authorization, vouchsafe-workspace'
      const { status, headers } = await say(lines(`OPTIONS ${path}`, HOST, ...asked, wants), false)
      assert.equal(status, 404, path)
      noneGranted(headers, path)
    }
  const key = `Authorization: Bearer ${here.north.token}`
  for (const path of ['/v1/identity.workspace.get', '/security.json', '/security', '/nothing'])
    noneGranted((await say(get(path, key, 'Origin: https://evil.example'), true)).headers, path)
})

test('methods that nothing here has are unknown, and a tunnel is not even answered (ASVS 4.1.4, 13.4.4)', async () => {
  const { operations } = here.served.live
  const methods = ['PUT', 'PATCH', 'DELETE', 'HEAD', 'TRACE', 'PROPFIND', 'QUERY', 'LINK', 'PURGE', 'SOURCE']
  for (const { name, kind } of operations)
    for (const method of [...methods, kind === 'query' ? 'POST' : 'GET'])
      assert.equal((await say(lines(`${method} /v1/${name}`, HOST), false)).status, 404, `${method} ${name}`)
  for (const isTls of [false, true])
    await assert.rejects(say(lines('CONNECT elsewhere.example:443', HOST), isTls), /hung up after ""/)
})

function isHardened({ headers }: Heard, kind: AnswerKind, isTls: boolean, what: string) {
  for (const [name, value] of Object.entries(hardeningHeaders(kind, isTls)))
    assert.equal(headers.get(name), value, `${name}: ${what.slice(0, 80)}`)
  if (!isTls) assert.equal(headers.get('strict-transport-security'), null, what.slice(0, 80))
  assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/, what.slice(0, 80))
  if (headers.get('content-length') !== '0') assert.match(headers.get('content-type') ?? '', /; charset=utf-8$/, what)
  for (const name of ['server', 'x-powered-by', 'via']) assert.equal(headers.get(name), null)
}

function noneGranted(headers: Headers, what: string) {
  for (const [name] of headers) assert.doesNotMatch(name, /^access-control-/, what)
}
