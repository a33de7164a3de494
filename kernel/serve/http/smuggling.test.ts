import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { connect as connectSecurely } from 'node:tls'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'

/**
 * A request inside a request: where two readers disagree about the end of a message, the second one hears what the
 * first one never saw. Whatever could be read in two ways is refused and hung up on, before the rest is looked at.
 */
let here: World
before(async () => {
  here = await world(jeweller)
})
after(() => here[Symbol.asyncDispose]())

/** What hides behind each message; nobody may ever answer it. */
const HIDDEN = 'GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'

/** The statuses of all answers that come back until the other side hangs up. */
function say(bytes: string, isTls: boolean): Promise<number[]> {
  const { port, tlsPort } = here.served.listening
  const socket = isTls
    ? connectSecurely({ port: tlsPort, host: '127.0.0.1', rejectUnauthorized: false })
    : connect(port, '127.0.0.1')
  return new Promise((resolve, reject) => {
    let heard = ''
    socket.setEncoding('latin1').on('data', (text: string) => (heard += text))
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? undefined : reject(error)))
    socket.on('close', () => resolve([...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))))
    socket.write(Buffer.from(bytes, 'latin1'))
  })
}

const create = (body: string, ...headers: string[]) =>
  [
    'POST /v1/shop.customer.create HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    `Authorization: Bearer ${here.north.token}`,
    ...headers,
    '',
    body,
  ].join('\r\n')

const BODY = '{"name":"x"}'
const CHUNKED = 'Transfer-Encoding: chunked'
const chunks = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`
const [LENGTH, NONE] = [`Content-Length: ${BODY.length}`, 'Content-Length: 0']

test('a message whose end could be read in two ways is refused, and the line is cut (ASVS 4.2.1)', async () => {
  const ambiguous: Record<string, string> = {
    'a length and chunks': create(chunks(BODY), NONE, CHUNKED),
    'chunks and a length': create(chunks(BODY), CHUNKED, NONE),
    'two lengths': create(BODY, LENGTH, NONE),
    'the same length twice': create(BODY, LENGTH, LENGTH),
    'two lengths in one': create(BODY, `Content-Length: ${BODY.length}, ${BODY.length}`),
    'a length with a sign': create(BODY, `Content-Length: +${BODY.length}`),
    'a length in another base': create(BODY, 'Content-Length: 0xc'),
    'a length with a space in it': create(BODY, 'Content-Length: 1 2'),
    'a length that is too long to count': create(BODY, `Content-Length: ${'9'.repeat(30)}`),
    'an empty length': create('', 'Content-Length:'),
    'an unknown coding': create(chunks(BODY), 'Transfer-Encoding: xchunked'),
    'no coding': create(chunks(BODY), 'Transfer-Encoding: identity', NONE),
    'chunks that are not last': create(chunks(BODY), 'Transfer-Encoding: chunked, gzip'),
    'chunks twice': create(chunks(BODY), 'Transfer-Encoding: chunked, chunked'),
    'chunks in two headers': create(chunks(BODY), CHUNKED, CHUNKED),
    'chunks and another coding': create(chunks(BODY), CHUNKED, 'Transfer-Encoding: x'),
    'a tab in a coding': create(chunks(BODY), 'Transfer-Encoding: \x0bchunked'),
    'a space before the colon': create(chunks(BODY), 'Transfer-Encoding : chunked'),
    'a space before the name': create(chunks(BODY), 'X: a', ' Transfer-Encoding: chunked'),
    'a folded coding': create(chunks(BODY), 'Transfer-Encoding:', ' chunked'),
    'a folded length': create(BODY, 'Content-Length:', ` ${BODY.length}`),
    'a lone CR in a header': create(BODY, `X: a\rContent-Length: ${BODY.length}`),
    'a lone LF after a header': create(BODY, `X: a\nContent-Length: ${BODY.length}`),
    'lines that end in LF alone': create(BODY, LENGTH).replaceAll('\r\n', '\n'),
    'a NUL in a name': create(BODY, 'X\0: a', LENGTH),
    'chunks in HTTP/1.0': create(chunks(BODY), CHUNKED, NONE).replace('HTTP/1.1', 'HTTP/1.0'),
    'a chunk of a negative size': create(`-c\r\n${BODY}\r\n0\r\n\r\n`, CHUNKED),
    'a chunk of a size in 0x': create(`0xc\r\n${BODY}\r\n0\r\n\r\n`, CHUNKED),
    'a chunk of a size beyond counting': create(`${'f'.repeat(17)}\r\n${BODY}\r\n0\r\n\r\n`, CHUNKED),
    'a chunk that is longer than it says': create(`b\r\n${BODY}\r\n0\r\n\r\n`, CHUNKED),
    'a chunk that ends in LF alone': create(`c\n${BODY}\r\n0\r\n\r\n`, CHUNKED),
    'chunk data that ends in LF alone': create(`c\r\n${BODY}\n0\r\n\r\n`, CHUNKED),
    'a chunk extension with LF alone': create(`c;a\n${BODY}\r\n0\r\n\r\n`, CHUNKED),
    'endless chunk extensions': create(`c;${'a'.repeat(20_000)}\r\n${BODY}\r\n0\r\n\r\n`, CHUNKED),
  }
  for (const [what, bytes] of Object.entries(ambiguous))
    for (const isTls of [false, true]) {
      const statuses = await say(bytes + HIDDEN, isTls)
      assert.equal(statuses.length, 1, `${what}: ${statuses.join()}`)
      assert.ok(statuses[0] === 400 || statuses[0] === 413, `${what}: ${statuses.join()}`)
    }
})

test('a body that nobody reads is not taken for the next request (ASVS 4.2.1)', async () => {
  const get = (path: string, ...headers: string[]) =>
    [`GET ${path} HTTP/1.1`, 'Host: localhost', ...headers, '', ''].join('\r\n')
  for (const isTls of [false, true]) {
    for (const path of ['/livez', '/nothing']) {
      const status = path === '/livez' ? 200 : 404
      const told = await say(get(path, `Content-Length: ${HIDDEN.length}`) + HIDDEN + HIDDEN, isTls)
      assert.deepEqual(told, [status, 200], 'the body of a GET is a body')
      assert.deepEqual(await say(get(path, CHUNKED) + chunks(HIDDEN) + HIDDEN, isTls), [status, 200], 'in chunks, too')
    }
    const wrong = create(HIDDEN, `Content-Length: ${HIDDEN.length}`).replace('application/json', 'text/plain')
    assert.ok(
      ['415', '415,200'].includes((await say(wrong + HIDDEN, isTls)).join()),
      'nor the body of what was refused',
    )
  }
})

test('a chunk extension is passed over and changes nothing about what was read', async () => {
  const told = await say(create(`c;name=value\r\n${BODY}\r\n0;last\r\nX-Trailer: a\r\n\r\n`, CHUNKED) + HIDDEN, false)
  assert.deepEqual(told, [200, 200])
})
