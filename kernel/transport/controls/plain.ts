import { connect } from 'node:net'
import { control, type Live } from '../../contract/control.ts'

export const plain = control({
  claim:
    'Over plain HTTP strangers get nothing of the product: the door hangs up, or points browsers to TLS, as promised.',
  enforcedBy: ['kernel/serve/http/redirect.ts', 'kernel/serve/http/listen.ts'],
  every: '5 minutes',
  async probe(live) {
    const isAlive = (await live.http('/livez')).status === 200
    const heard = (await Promise.all(live.plain.map((door) => askAll(door, live)))).flat()
    const detail = { rule: live.policy.plainHttp, heard }
    if (!isAlive || live.plain.length === 0)
      return { holds: false, saw: 'there was no deployment, or no plain door, to try', detail }
    if (heard.some(({ verdict }) => verdict === 'told'))
      return { holds: false, saw: 'something was said over plain HTTP that only TLS should carry', detail }
    if (live.policy.plainHttp === 'refuse')
      return { holds: true, saw: 'whatever was asked over plain HTTP, not a byte came back', detail }
    return heard.some(({ verdict }) => verdict === 'redirected')
      ? { holds: true, saw: 'pages were redirected to the same address over TLS, everything else was refused', detail }
      : { holds: false, saw: 'nobody was redirected', detail }
  },
  sabotage: async ({ misconfigure }) => misconfigure('plain for strangers'),
})

type Asked = { what: string; bytes: string; mayBeRedirected: boolean }
type Verdict = 'nothing' | 'refused' | 'redirected' | 'told'

/** Long enough for a busy machine; a door that says nothing for so long has said nothing. */
const PATIENCE_ms = 5_000

const PATH = '/security?lang=ar'
const line = (first: string, ...headers: string[]) => `${[first, ...headers, '', ''].join('\r\n')}`
const OURS = 'Host: localhost'

function questions({ operations }: Live): Asked[] {
  const query = operations.find(({ kind }) => kind === 'query')?.name ?? 'nothing.is.here'
  const ask = (what: string, first: string, ...headers: string[]) => ({
    what,
    bytes: line(first, ...headers),
    mayBeRedirected: false,
  })
  return [
    { ...ask('a page', `GET ${PATH} HTTP/1.1`, OURS), mayBeRedirected: true },
    ask('a page, with a key', `GET ${PATH} HTTP/1.1`, OURS, 'Authorization: Bearer none'),
    ask('a page, with a cookie', `GET ${PATH} HTTP/1.1`, OURS, 'Cookie: a=b'),
    ask('a page of another name', `GET ${PATH} HTTP/1.1`, 'Host: elsewhere.example'),
    ask('data', `GET /v1/${query} HTTP/1.1`, OURS),
    ask('an action', `POST /v1/${query} HTTP/1.1`, OURS, 'Content-Length: 0'),
    ask(
      'a proof that nobody asked for',
      `GET /.well-known/acme-challenge/${'a'.repeat(43)}x HTTP/1.0`,
      'Host: x.example',
    ),
    ask('an expectation', `POST /v1/${query} HTTP/1.1`, OURS, 'Expect: 100-continue', 'Content-Length: 2'),
    ask('a page of no name', `GET ${PATH} HTTP/1.1`),
    ask('no HTTP', 'HELLO'),
  ]
}

const askAll = (door: Live['plain'][number], live: Live) =>
  Promise.all(
    questions(live).map(async (asked) => {
      const said = await say(door, asked.bytes)
      return { door, asked: asked.what, said: said.slice(0, MOST_KEPT_chars), verdict: judge(asked, said, live) }
    }),
  )

/** What a reader of the evidence needs of an answer: its head. */
const MOST_KEPT_chars = 400

function judge({ mayBeRedirected }: Asked, said: string, { policy, tls }: Live): Verdict {
  if (said === '') return 'nothing'
  if (policy.plainHttp === 'refuse') return 'told'
  const [head = '', ...body] = said.split('\r\n\r\n')
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1])
  const location = /^location: (.*)$/im.exec(head)?.[1]
  // Over plain HTTP a promise of TLS means nothing, and an answer that carries one was made for another door.
  if (body.join('') !== '' || /^strict-transport-security:/im.test(head)) return 'told'
  if (status >= 400 && status < 500 && location === undefined) return 'refused'
  return status === 308 && mayBeRedirected && leadsHome(location, tls) ? 'redirected' : 'told'
}

function leadsHome(location: string | undefined, tls: Live['tls']): boolean {
  const url = URL.parse(location ?? '')
  const isSame = url?.protocol === 'https:' && url.hostname === 'localhost' && url.pathname + url.search === PATH
  return isSame && (!tls || Number(url.port || 443) === tls.port)
}

/** All that comes back until the other side hangs up; nobody there is nothing said. */
function say({ host, port }: Live['plain'][number], bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let heard = ''
    const socket = connect({ host, port })
    const done = () => (socket.destroy(), resolve(heard))
    socket.setTimeout(PATIENCE_ms, done).setEncoding('latin1')
    socket
      .on('data', (text: string) => (heard += text))
      .on('error', done)
      .on('close', done)
    socket.write(bytes)
  })
}
