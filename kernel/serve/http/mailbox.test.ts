import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { identityFor, mailServer } from '../../../test/mailserver.ts'
import { letter } from '../../mail/letter.ts'
import { smtpOf } from '../../mail/smtp.ts'
import { Writing } from '../../postgres/work.ts'
import type { Place } from '../../tenancy/realms.ts'
import { openStage, world } from '../../testing.ts'
import type { World } from '../../testing.ts'
import { trustedProxies } from '../../transport/client.ts'
import { ownCertificate } from '../../transport/certificate.ts'
import type { Parts } from '../parts.ts'
import { serve } from '../serve.ts'
import { httpServer } from './http.ts'
import { addMailbox } from './mailbox.ts'

/** Kept letters hold links that let people in: this machine sees them, and nobody else can tell that they are there. */
let here: World
before(async () => {
  here = await world(jeweller)
  for (const { place } of [here.north, here.south]) await write(here.served.parts, place, 'asha@example.com')
})
after(() => here[Symbol.asyncDispose]())

const ask = async (path: string, headers: Record<string, string> = {}) => {
  const answer = await fetch(`http://127.0.0.1:${here.served.listening.port}${path}`, { headers })
  return { status: answer.status, headers: [...answer.headers], text: await answer.text() }
}

test('letters of every open realm are listed and shown, in both languages, with nothing that runs', async () => {
  const list = await ask('/mail')
  assert.equal(list.status, 200)
  assert.equal(list.text.match(/asha@example\.com/g)?.length, 2)
  const [first] = /\/mail\/[0-9a-f-]{36}/.exec(list.text)!
  const origin = `http://localhost:${here.served.listening.port}`
  const { status, text, headers } = await ask(first!)
  assert.equal(status, 200)
  assert.match(text, RegExp(`<a href="${origin}/in#invite_secret"`))
  assert.match(text, /&lt;!doctype html&gt;/, 'the other part stands there as text')
  assert.doesNotMatch(text, /<(?:script|iframe|img|form)\b|<[^>]* style=/)
  assert.match(
    String(new Headers(headers).get('content-security-policy')),
    /default-src 'none'.*frame-ancestors 'none'/,
  )
  assert.match((await ask('/mail?lang=ar')).text, /<html lang="ar" dir="rtl">[\s\S]*الرسائل/)
  assert.match((await ask(`${first}?lang=ar`)).text, /كل الرسائل/)
})

test('who came through somebody else, by another name or from another machine meets what is not there', async () => {
  const unlike = (one: Awaited<ReturnType<typeof ask>>) => ({
    ...one,
    headers: one.headers.filter(([name]) => !['x-request-id', 'date', 'content-length'].includes(name)),
    text: one.text.replace(/urn:uuid:[0-9a-f-]+/, ''),
  })
  const nothing = unlike(await ask('/nothing'))
  assert.equal(nothing.status, 404)
  const [path] = /\/mail\/[0-9a-f-]{36}/.exec((await ask('/mail')).text)!
  for (const header of [
    'Forwarded: for=127.0.0.1',
    'X-Forwarded-For: 127.0.0.1',
    'X-Forwarded-For: ',
    'X-Forwarded-Proto: https',
    'X-Forwarded-Host: localhost',
    'X-Forwarded: x',
    'X-Real-IP: 127.0.0.1',
    'X-Client-IP: 127.0.0.1',
    'True-Client-IP: 127.0.0.1',
    'CF-Connecting-IP: 127.0.0.1',
    'Via: 1.1 proxy',
  ]) {
    const [name, value] = header.split(': ')
    for (const one of ['/mail', path!]) assert.deepEqual(unlike(await ask(one, { [name!]: value! })), nothing, header)
  }
  for (const one of ['/mail/', '/mail/x', '/mail/%00', `/mail/${'0'.repeat(150)}`])
    assert.equal((await ask(one)).status, 404)
})

test('another machine’s address, or a deployment that has a name, is not this machine', async () => {
  const { door, parts } = here.served
  await using app = httpServer(door)
  addMailbox(app, door)
  const status = async (remoteAddress: string, host = 'localhost') =>
    (await app.inject({ url: '/mail', remoteAddress, headers: { host } })).statusCode
  for (const near of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) assert.equal(await status(near), 200, near)
  for (const far of ['192.0.2.1', '10.0.0.1', '172.17.0.1', '::ffff:192.0.2.1', 'fe80::1', '2001:db8::1', '1.127.0.0'])
    assert.equal(await status(far), 404, far)
  const { publicUrl } = parts
  const { proxies } = door
  try {
    parts.publicUrl = 'https://app.example.com'
    assert.equal(await status('127.0.0.1'), 404)
    parts.publicUrl = publicUrl
    door.proxies = trustedProxies(['192.0.2.0/24'])
    assert.equal(await status('127.0.0.1'), 404)
  } finally {
    Object.assign(parts, { publicUrl })
    Object.assign(door, { proxies })
  }
})

test('a proxy that was told nothing, and so tells nothing, is no browser', async () => {
  const said = await new Promise<string>((resolve, reject) => {
    let heard = ''
    const socket = connect(here.served.listening.port, '127.0.0.1', () =>
      socket.write('GET /mail HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
    )
    socket.setEncoding('utf8').on('data', (text: string) => (heard += text))
    socket.on('error', reject).on('close', () => resolve(heard))
  })
  assert.match(said, /^HTTP\/1\.1 404 /)
})

test('a letter that was altered is listed as one that cannot be opened, beside the others', async () => {
  const { place } = here.north
  const { parts } = here.served
  await write(parts, place, 'eve@example.com', 'mallory@example.com')
  const { text } = await ask('/mail')
  assert.equal(text.match(/A letter that cannot be opened/g)?.length, 1)
  assert.equal(text.match(/asha@example\.com/g)?.length, 2)
})

test('with a mail server a letter leaves as soon as somebody says so, and there is no page', async () => {
  const identity = await identityFor('127.0.0.1')
  const arrived = Promise.withResolvers<string>()
  await using server = await mailServer({ identity, secure: true, accept: ({ raw }) => arrived.resolve(raw) })
  await using stage = await openStage(jeweller)
  const smtp = { ...smtpOf({ smtpUrl: `smtps://127.0.0.1:${server.port}`, mailFrom: 'no-reply@example.com' })! }
  const certificate = await ownCertificate(stage.folder, ['localhost'])
  const where = { host: '127.0.0.1', port: 0, tlsPort: 0, certificate, probing: false }
  await using served = await serve(stage.parts, { ...where, smtp: { ...smtp, ca: identity.ca } })
  const place = await stage.parts.deployment.createWorkspace('pool')
  await write(stage.parts, place, 'asha@example.com')
  served.parts.worker.wake(place.realm)
  assert.match(await arrived.promise, /To: asha@example\.com/)
  const answer = await fetch(`http://127.0.0.1:${served.listening.port}/mail`)
  assert.equal(answer.status, 404)
  await answer.body?.cancel()
})

/** Sealed for `to`, and stored as if it were for somebody else. */
async function write(parts: Parts, { workspace, realm }: Place, to: string, stored = to) {
  const scope = { role: parts.deployment.names.recorder, schema: 'audit', workspace }
  const values = { workspace: 'North', inviter: 'Asha', link: '/in#invite_secret', expires: new Date() }
  const insert = letter(parts.vault, { workspace, to, template: 'invitation', locale: 'en', values })
  await using work = new Writing(parts.deployment.realms.open(realm), scope)
  const changed = insert.values!.map((value) => (value === to ? stored : value))
  await work.commit(scope, [{ ...insert, values: changed }])
}
