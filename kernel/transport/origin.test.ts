import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '../contract/refusal.ts'
import { insistOnOwnOrigin, type Asked, type Own } from './origin.ts'

const HEADER = 'vouchsafe-workspace'
type Case = Partial<Asked> & { own?: Partial<Own> }

/** A request that our own page makes; each test says in what it differs. */
const ours = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', origin: 'https://app.example.com' }

function passes({ own, ...asked }: Case): boolean {
  const headers = { ...ours, [HEADER]: 'north', ...asked.headers }
  const request = { method: 'POST', host: 'app.example.com', isTls: true, ...asked, headers }
  try {
    insistOnOwnOrigin(request, { header: HEADER, ...own })
    return true
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error))
    assert.deepEqual([error.status, error.code], [403, 'cross-origin'])
    return false
  }
}

const headers = (given: Asked['headers']) => passes({ headers: given })

test('what our own page asks passes, by any method (ASVS 3.5.1, 3.5.3)', () => {
  for (const method of ['GET', 'POST']) assert.ok(passes({ method }), method)
  assert.ok(headers({ origin: undefined }), 'Fetch Metadata alone: a browser that sends no Origin for its own GET')
  assert.ok(headers({ 'sec-fetch-site': undefined }), 'Origin alone: a browser without Fetch Metadata')
})

test('what another page asks is refused, whichever of the two witnesses tells (ASVS 3.5.1)', () => {
  for (const site of ['cross-site', 'same-site', 'none', '', 'Same-Origin', 'same-origin ', 'same-origin, cross-site'])
    for (const method of ['GET', 'POST'])
      assert.ok(!passes({ method, headers: { 'sec-fetch-site': site } }), `${method} of ${site}`)
  for (const site of ['same-origin', undefined])
    for (const origin of ['null', '', 'https://evil.example', 'https://app.example.com, https://evil.example'])
      assert.ok(!headers({ 'sec-fetch-site': site, origin }), `${origin} of ${site}`)
  assert.ok(!headers({ 'sec-fetch-site': undefined, origin: undefined }), 'nobody says anything')
})

test('an origin is compared as a whole: scheme, name and port (ASVS 3.5.1)', () => {
  const table: [host: string, isTls: boolean, origin: string, isOurs: boolean][] = [
    ['app.example.com', true, 'http://app.example.com', false],
    ['app.example.com', false, 'http://app.example.com', true],
    ['app.example.com', false, 'https://app.example.com', false],
    ['APP.Example.com', true, 'https://app.example.com', true],
    ['app.example.com', true, 'HTTPS://APP.EXAMPLE.COM', false],
    ['app.example.com:443', true, 'https://app.example.com', true],
    ['app.example.com:80', false, 'http://app.example.com', true],
    ['app.example.com:80', true, 'https://app.example.com', false],
    ['app.example.com:8443', true, 'https://app.example.com:8443', true],
    ['app.example.com:8443', true, 'https://app.example.com', false],
    ['app.example.com', true, 'https://app.example.com:443', false],
    ['app.example.com', true, 'https://app.example.com:8443', false],
    ['app.example.com.', true, 'https://app.example.com.', true],
    ['app.example.com', true, 'https://app.example.com.', false],
    ['app.example.com.', true, 'https://app.example.com', false],
    ['app.example.com', true, 'https://app.example.com/', false],
    ['app.example.com', true, 'https://x@app.example.com', false],
    ['app.example.com', true, 'https://sub.app.example.com', false],
    ['sub.app.example.com', true, 'https://app.example.com', false],
    ['app.example.com', true, 'https://app.example.com.evil.example', false],
    ['app.example.com', true, 'https://evil-app.example.com', false],
    ['[::1]:8443', true, 'https://[::1]:8443', true],
    ['[0:0:0:0:0:0:0:1]:8443', true, 'https://[::1]:8443', true],
    ['[::1]:8443', true, 'https://[::2]:8443', false],
    ['[::1]', true, 'https://localhost', false],
    ['x@evil.example', true, 'https://evil.example', false],
    ['evil.example/x', true, 'https://evil.example', false],
    ['app.example.com:99999', true, 'https://app.example.com:99999', false],
    ['[:::]', true, 'https://[:::]', false],
    ['', true, 'https://', false],
    ['', true, 'undefined', false],
  ]
  for (const [host, isTls, origin, isOurs] of table)
    assert.equal(passes({ host, isTls, headers: { origin } }), isOurs, `${origin} at ${host}, ${isTls}`)
  assert.ok(!passes({ host: undefined, headers: { origin: 'undefined' } }))
})

test('where TLS ends in front of us, the configured origins are ours, and nothing near them', () => {
  const behind = (origin: string) =>
    passes({
      host: '10.0.0.7:8080',
      isTls: false,
      own: { origins: ['https://app.example.com', 'https://[2001:db8::1]'] },
      headers: { origin },
    })
  assert.ok(behind('https://app.example.com') && behind('https://[2001:db8::1]') && behind('http://10.0.0.7:8080'))
  for (const origin of ['http://app.example.com', 'https://app.example.com:8443', 'https://example.com', 'null', ''])
    assert.ok(!behind(origin), origin)
})

test('a header that came twice is believed neither time', () => {
  for (const twice of [['same-origin', 'same-origin'], 'same-origin, same-origin', 'cross-site, same-origin'])
    assert.ok(!headers({ 'sec-fetch-site': twice }), String(twice))
  for (const twice of [[ours.origin, ours.origin], `${ours.origin}, ${ours.origin}`, `null, ${ours.origin}`])
    assert.ok(!headers({ origin: twice }), String(twice))
  assert.ok(!headers({ [HEADER]: ['north', 'south'] }))
})

test('without the header that only our scripts add, nothing passes but a page being opened (ASVS 3.5.2)', () => {
  for (const value of [undefined, '']) assert.ok(!headers({ [HEADER]: value }), String(value))
  assert.ok(!passes({ method: 'GET', headers: { [HEADER]: undefined } }), 'a picture or a script of a GET')
  assert.ok(!headers({ [HEADER]: undefined, 'x-requested-with': 'XMLHttpRequest' }), 'somebody else’s header')
  assert.ok(passes({ headers: { [HEADER]: undefined }, own: { header: undefined } }), 'a form of ours')
})

test('an address that was typed may be looked at and change nothing', () => {
  const typed = { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate', origin: undefined, [HEADER]: undefined }
  assert.ok(passes({ method: 'GET', headers: typed }))
  for (const method of ['POST', 'HEAD', 'PUT', 'get']) assert.ok(!passes({ method, headers: typed }), method)
  for (const site of ['cross-site', 'same-site'])
    assert.ok(!passes({ method: 'GET', headers: { ...typed, 'sec-fetch-site': site } }), site)
  for (const mode of ['cors', 'no-cors', 'websocket', undefined])
    assert.ok(!passes({ method: 'GET', headers: { ...typed, 'sec-fetch-mode': mode } }), mode)
  assert.ok(!passes({ method: 'GET', headers: { ...typed, origin: 'https://evil.example' } }))
  assert.ok(!passes({ method: 'GET', headers: { ...typed, 'sec-fetch-site': undefined } }), 'neither witness')
})

test('nobody is signed in by another page: every form in which a browser would send it (ASVS 3.5.1, 3.5.2)', () => {
  const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', [HEADER]: undefined }
  const forms: Record<string, Asked['headers']> = {
    'a form that sends itself': { ...evil, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' },
    'a form in a frame': { ...evil, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    'a form in a sandboxed frame': { ...evil, origin: 'null', 'sec-fetch-mode': 'navigate' },
    'a form of a page without referrer': { ...evil, origin: 'null' },
    'a script that asks for no answer': { ...evil, 'sec-fetch-mode': 'no-cors' },
    'a beacon': { ...evil, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'empty' },
    'a script that got past the question': { ...evil, [HEADER]: 'north' },
    'an old browser': { origin: 'https://evil.example', 'sec-fetch-site': undefined, [HEADER]: undefined },
    'a very old browser': { origin: undefined, 'sec-fetch-site': undefined, [HEADER]: undefined },
    'a neighbour’s subdomain': { ...evil, 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' },
    'the same name over plain HTTP': { ...evil, 'sec-fetch-site': 'cross-site', origin: 'http://app.example.com' },
    'a redirect that came back': { ...evil, origin: 'null', 'sec-fetch-site': 'cross-site' },
  }
  for (const [what, given] of Object.entries(forms))
    for (const header of [HEADER, undefined])
      assert.ok(!passes({ headers: given, own: { header } }), `${what}, ${header}`)
})
