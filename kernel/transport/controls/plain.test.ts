import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import type { LiveOperation, Policy } from '../../contract/control.ts'
import { plain } from './plain.ts'

/** Doors that say what a test has them say, whatever they are asked. */
const open: { close: () => unknown }[] = []
after(() => open.forEach((server) => server.close()))

async function doorThat(answers: (asked: string) => string): Promise<{ host: string; port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (asked: Buffer) => socket.end(answers(asked.toString())))
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

const REFUSAL = 'HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n'
const redirect = (location: string, more = '', body = '') =>
  `HTTP/1.1 308 Permanent Redirect\r\nlocation: ${location}\r\n${more}\r\n${body}`
const GOOD = redirect('https://localhost:8443/security?lang=ar')
const isPage = (asked: string) => /^GET \/security\?lang=ar HTTP\/1\.1\r\nHost: localhost\r\n\r\n$/.test(asked)

async function look(plainHttp: Policy['plainHttp'], ...doors: ((asked: string) => string)[]) {
  const finding = await plain.probe({
    policy: { plainHttp } as Policy,
    operations: [{ name: 'shop.customer.list', kind: 'query' } as LiveOperation],
    tls: { host: 'localhost', port: 8443 },
    plain: await Promise.all(doors.map(doorThat)),
    http: async () => ({ status: 200 }),
  } as unknown as Parameters<typeof plain.probe>[0])
  return finding.holds
}

test('a door that hangs up on everybody has refused; one that says anything has not', async () => {
  assert.equal(await look('refuse', () => ''), true)
  for (const said of [GOOD, REFUSAL, 'HTTP/1.1 200 OK\r\n\r\n', 'x'])
    for (const about of [() => true, isPage, (asked: string) => asked.startsWith('HELLO')])
      assert.equal(await look('refuse', (asked) => (about(asked) ? said : '')), false, said)
})

test('a door that redirects pages, and refuses or ignores the rest, does so; each slip is seen', async () => {
  assert.equal(await look('redirect', (asked) => (isPage(asked) ? GOOD : REFUSAL)), true)
  assert.equal(await look('redirect', (asked) => (isPage(asked) ? GOOD : '')), true)
  assert.equal(await look('redirect', () => REFUSAL), false, 'nobody is redirected')
  assert.equal(await look('redirect', () => GOOD), false, 'everybody is redirected')
  for (const bad of [
    redirect('http://localhost:8443/security?lang=ar'),
    redirect('https://evil.example:8443/security?lang=ar'),
    redirect('https://localhost:8443/'),
    redirect('https://localhost/security?lang=ar'),
    redirect('https://localhost:8443/security?lang=ar', '', 'moved'),
    redirect('https://localhost:8443/security?lang=ar', 'strict-transport-security: max-age=1\r\n'),
    GOOD.replace('308', '302'),
    'HTTP/1.1 200 OK\r\n\r\n',
  ])
    assert.equal(await look('redirect', (asked) => (isPage(asked) ? bad : REFUSAL)), false, bad)
  for (const what of [/^POST/, /\/v1\//, /Bearer/, /Cookie/, /elsewhere/, /acme/, /HELLO/])
    for (const slip of [GOOD, REFUSAL + 'a word', 'HTTP/1.1 200 OK\r\n\r\n'])
      assert.equal(
        await look('redirect', (asked) => (isPage(asked) ? GOOD : what.test(asked) ? slip : REFUSAL)),
        false,
        `${what} ${slip}`,
      )
})

test('every door that a stranger could find is tried, and where there is none nothing is proven', async () => {
  const good = (asked: string) => (isPage(asked) ? GOOD : REFUSAL)
  assert.equal(await look('redirect', good, () => ''), true)
  assert.equal(await look('redirect', good, () => 'HTTP/1.1 200 OK\r\n\r\n'), false)
  assert.equal(await look('redirect'), false)
  assert.equal(await look('refuse'), false)
})
