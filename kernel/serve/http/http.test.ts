import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { Server } from 'node:http'
import { after, before, test } from 'node:test'
import { connect as connectSecurely } from 'node:tls'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { createLimits, QUOTAS } from '../../limits/limits.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'

/** The door, byte by byte: odd methods, addresses and hosts, what is no HTTP at all, and what every answer carries. */
let here: World
before(async () => {
  const quotas = { ...QUOTAS, sensitive: { quota: 3, window_s: 60 }, public: { quota: 10_000, window_s: 60 } }
  here = await world(jeweller, 'pool', createLimits({ quotas }))
})
after(() => here[Symbol.asyncDispose]())

const HOST = 'Host: localhost'
type Heard = { status: number; headers: Headers; body: string }

/** Sends bytes as they are and reads until the other side hangs up. */
function say(bytes: string | Buffer, { secure = false, patience_ms = 8_000 } = {}): Promise<Heard> {
  const { port, tlsPort } = here.served.listening
  const socket = secure
    ? connectSecurely({ port: tlsPort, host: '127.0.0.1', rejectUnauthorized: false })
    : connect(port, '127.0.0.1')
  return new Promise((resolve, reject) => {
    let heard = ''
    const late = setTimeout(() => socket.destroy(new Error(`no end in sight after ${heard}`)), patience_ms)
    socket.setEncoding('utf8').on('data', (text: string) => (heard += text))
    socket.on('error', reject).on('close', () => {
      clearTimeout(late)
      const [head = '', ...rest] = heard.split('\r\n\r\n')
      const [line = '', ...fields] = head.split('\r\n')
      const headers = new Headers(
        fields.map((field): [string, string] => [field.split(':')[0]!, field.slice(field.indexOf(':') + 1).trim()]),
      )
      resolve({ status: Number(line.split(' ')[1]), headers, body: rest.join('\r\n\r\n') })
    })
    socket.write(bytes)
  })
}

const get = (path: string, method = 'GET', ...headers: string[]) =>
  say(
    [
      `${method} ${path} HTTP/1.1`,
      HOST,
      `Authorization: Bearer ${here.north.token}`,
      ...headers,
      'Connection: close',
      '',
      '',
    ].join('\r\n'),
  )

function isProblem({ status, headers, body }: Heard, expected: number, code: string, what = code) {
  assert.equal(status, expected, `${what}: ${body}`)
  assert.equal(headers.get('content-type'), 'application/problem+json; charset=utf-8', what)
  const problem = JSON.parse(body) as Record<string, unknown>
  const { instance, title, detail, ...rest } = problem
  assert.deepEqual(
    rest,
    { type: `/problems/${code}`, status, code, ...('errors' in rest ? { errors: rest['errors'] } : {}) },
    what,
  )
  assert.equal(instance, `urn:uuid:${headers.get('x-request-id')}`, what)
  assert.ok(title && detail, what)
  assert.doesNotMatch(body, /FST_|\.ts|\.js|node:|stack/, what)
}

test('methods that no route has are not there, for known and unknown paths', async () => {
  for (const path of ['/v1/identity.workspace.get', '/livez', '/', '/nothing'])
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])
      isProblem(await get(path, method), 404, 'not-found', `${method} ${path}`)
  isProblem(await get('/v1/identity.workspace.get', 'POST'), 404, 'not-found')
  isProblem(await get('/v1/shop.customer.create'), 404, 'not-found')
  const head = await get('/v1/identity.workspace.get', 'HEAD')
  assert.deepEqual([head.status, head.body], [404, ''])
})

test('near misses of a route, and files that are nobody’s business (ASVS 13.4.1, 13.4.5, 14.2.5)', async () => {
  const near = [
    '/v1/identity.workspace.get/',
    '//v1/identity.workspace.get',
    '/V1/identity.workspace.get',
    '/v1/Identity.workspace.get',
    '/v1/identity.workspace.get/a.css',
    '/v1/identity.workspace.get;a.css',
    '/v1/identity.workspace.get%2fa.css',
    '/v1/identity.workspace.get%3fa.css',
    '/security/a.css',
    '/enter/a.js',
  ]
  const nosy = [
    '/v1/../v1/identity.workspace.get',
    '/v1/%2e%2e/livez',
    '/.git/config',
    '/.env',
    '/package.json',
    '/node_modules',
    '/metrics',
    '/v1',
  ]
  const keys = ['/problems/__proto__', '/problems/constructor', '/problems/%00', `/problems/${'a'.repeat(300)}`]
  for (const path of [...near, ...nosy, ...keys]) isProblem(await get(path), 404, 'not-found', path)
})

test('addresses that are read differently by everyone on the way are refused', async () => {
  for (const path of ['*', 'http://elsewhere.example/livez', 'https://localhost/livez', '/livez#x', '/livez?a#b'])
    isProblem(await get(path), 400, 'bad-request', path)
  for (const path of ['/%', '/v1/%ZZ', '/v1/%c0%ae']) isProblem(await get(path), 400, 'bad-request', path)
  for (const query of ['a=1&a=2', '%00=1', 'x=%E0%A4%A', '__proto__=1', 'a=%', 'a'.repeat(300), 'a&'.repeat(200)])
    isProblem(await get(`/v1/identity.workspace.get?${query}`), 400, 'malformed-query', query)
})

test('another host name is misdirected: a link that was made from it would lead elsewhere', async () => {
  const ask = (...lines: string[]) => say(['GET /livez HTTP/1.1', ...lines, 'Connection: close', '', ''].join('\r\n'))
  for (const host of [
    'elsewhere.example',
    'localhost.elsewhere.example',
    'localhost@elsewhere.example',
    '127.0.0.1.nip.example',
    '[::2]',
  ])
    isProblem(await ask(`Host: ${host}`), 421, 'misdirected', host)
  isProblem(await ask('Host: localhost', 'Host: elsewhere.example'), 421, 'misdirected', 'two hosts')
  assert.equal(
    (await ask(HOST, 'X-Forwarded-Host: elsewhere.example', 'Forwarded: host=elsewhere.example')).status,
    200,
  )
  assert.equal((await ask()).status, 400, 'HTTP/1.1 without a host')
  isProblem(await say('GET /livez HTTP/1.0\r\n\r\n'), 421, 'misdirected', 'HTTP/1.0 without a host')
})

test('what is no HTTP is refused in the same form, on both doors', async () => {
  const smuggled = `POST /v1/shop.customer.create HTTP/1.1\r\n${HOST}\r\nContent-Type: application/json\r\n`
  const nonsense: Record<string, string | Buffer> = {
    garbage: 'GARBAGE\r\n\r\n',
    'an unknown method': `FOO /livez HTTP/1.1\r\n${HOST}\r\n\r\n`,
    'both lengths': `${smuggled}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'two lengths': `${smuggled}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
    'an unknown coding': `${smuggled}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    'chunked twice': `${smuggled}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
    'a negative length': `${smuggled}Content-Length: -1\r\n\r\n`,
    'a folded header': `GET /livez HTTP/1.1\r\n${HOST}\r\nX-A: a\r\n b\r\n\r\n`,
    'a NUL in a header': `GET /livez HTTP/1.1\r\n${HOST}\r\nX-A: a\u0000b\r\n\r\n`,
    'a space before the colon': `GET /livez HTTP/1.1\r\n${HOST}\r\nContent-Length : 1\r\n\r\n`,
    'lines that end in LF alone': `GET /livez HTTP/1.1\n${HOST}\n\n`,
    'the preface of HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'a version of tomorrow': `GET /livez HTTP/9.9\r\n${HOST}\r\n\r\n`,
  }
  for (const [what, bytes] of Object.entries(nonsense))
    for (const secure of [false, true]) isProblem(await say(bytes, { secure }), 400, 'bad-request', what)
  isProblem(
    await say(`GET /livez HTTP/1.1\r\n${HOST}\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`),
    431,
    'too-large',
    'long headers',
  )
  isProblem(await say(Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5])), 400, 'bad-request', 'TLS on the plain door')
})

test('a body beyond the limit is refused, said or sent; a body that is never finished is cut off', async () => {
  const post = [
    `POST /v1/shop.customer.create HTTP/1.1`,
    HOST,
    `Authorization: Bearer ${here.north.token}`,
    'Content-Type: application/json',
    'Connection: close',
  ]
  const large = 'a'.repeat(1_048_577)
  isProblem(await say([...post, `Content-Length: ${large.length}`, '', ''].join('\r\n')), 413, 'too-large', 'said')
  const chunk = `${large.length.toString(16)}\r\n${large}\r\n0\r\n\r\n`
  isProblem(await say([...post, 'Transfer-Encoding: chunked', '', chunk].join('\r\n')), 413, 'too-large', 'sent')
  const slow = here.served.listening.plain as Server
  const usual = [slow.requestTimeout, slow.headersTimeout]
  ;[slow.requestTimeout, slow.headersTimeout] = [300, 300]
  const [body, head] = await Promise.all([
    say([...post, 'Content-Length: 100', '', '{"name":'].join('\r\n')),
    say(`GET /livez HTTP/1.1\r\n${HOST}\r\nX-Slow: `),
  ])
  isProblem(body, 408, 'too-slow', 'a slow body')
  isProblem(head, 408, 'too-slow', 'slow headers')
  ;[slow.requestTimeout, slow.headersTimeout] = usual as [number, number]
})

test('every answer has a request id of ours, is not cached, and is taken for nothing else', async () => {
  const ids = new Set<string>()
  for (const path of [
    '/v1/identity.workspace.get',
    '/v1/nothing',
    '/livez',
    '/readyz',
    '/',
    '/%',
    '/security.json',
    '/v1/identity.workspace.get?x=1',
  ]) {
    const { headers } = await get(path, 'GET', 'X-Request-Id: mine')
    assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
    assert.ok(headers.get('content-security-policy'), path)
    assert.equal(headers.get('server'), null)
    assert.equal(headers.get('x-powered-by'), null)
    if (path.startsWith('/v1')) assert.match(headers.get('cache-control') ?? '', /no-store/, path)
    ids.add(headers.get('x-request-id')!)
  }
  assert.equal(ids.size, 8)
})

test('a problem is told in the reader’s language; its code never changes', async () => {
  const told = async (accept: string) => {
    const { headers, body } = await get('/v1/nothing', 'GET', `Accept-Language: ${accept}`)
    assert.equal(headers.get('vary'), 'accept-language')
    const { code, title } = JSON.parse(body) as { code: string; title: string }
    assert.equal(code, 'not-found')
    return [headers.get('content-language'), title]
  }
  const [en, ar] = [
    ['en', 'Not found'],
    ['ar', 'غير موجود'],
  ]
  for (const accept of ['ar', 'AR-EG', 'fr, ar;q=0.5', 'en;q=0.1, ar;q=0.9', 'ar-SA,ar;q=0.9,en;q=0.8'])
    assert.deepEqual(await told(accept), ar, accept)
  for (const accept of ['en', 'fr', '*', 'ar;q=0', 'arabic', ';;;q=,', 'x'.repeat(5_000)])
    assert.deepEqual(await told(accept), en, accept)
})

test('the budget stands on every answer, and who spent it is told when there is more', async () => {
  const create = () => here.as('cashier').call('identity.key.list')
  assert.equal((await create()).status, 403)
  const told = []
  for (let i = 0; i < 5; i++)
    told.push(await here.as('manager', 'south').call('shop.invoice.void', { id: 'x', reason: '' }))
  assert.deepEqual(
    told.map(({ status }) => status),
    [400, 400, 400, 429, 429],
  )
  for (const { headers } of told) assert.match(headers.get('ratelimit-policy') ?? '', /^"sensitive";q=3;w=60$/)
  assert.match(told[0]!.headers.get('ratelimit') ?? '', /^"sensitive";r=2;t=\d+$/)
  const { headers, body } = told.at(-1)!
  assert.match(headers.get('ratelimit') ?? '', /^"sensitive";r=0;t=\d+$/)
  const after_s = Number(headers.get('retry-after'))
  assert.ok(after_s >= Number(/t=(\d+)/.exec(headers.get('ratelimit')!)![1]) && after_s <= 60)
  assert.equal(body.code, 'rate-limited')
  assert.equal(
    (await here.as('manager').call('shop.invoice.void', { id: 'x', reason: '' })).status,
    400,
    'another key has a budget of its own',
  )
})

test('alive and ready are said to anyone, and who has no key is told how to bring one', async () => {
  for (const [path, says] of [
    ['/livez', 'alive'],
    ['/readyz', 'ready'],
  ] as const) {
    const { status, body } = await say(`GET ${path} HTTP/1.1\r\n${HOST}\r\nConnection: close\r\n\r\n`)
    assert.deepEqual([status, body], [200, says])
  }
  for (const authorization of [
    '',
    'Basic eDp5',
    'Bearer',
    'Bearer x',
    `Bearer ${here.north.token}x`,
    `Bearer  ${here.north.token}`,
    `Bearer ${here.north.token}, Bearer ${here.north.token}`,
  ]) {
    const heard = await say(
      `GET /v1/identity.workspace.get HTTP/1.1\r\n${HOST}\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`,
    )
    isProblem(heard, 401, 'unauthenticated', authorization)
    assert.equal(heard.headers.get('www-authenticate'), 'Bearer')
  }
  const lower = await say(
    `GET /v1/identity.workspace.get HTTP/1.1\r\n${HOST}\r\nAuthorization: bearer ${here.north.token}\r\nConnection: close\r\n\r\n`,
  )
  assert.equal(lower.status, 200)
})
