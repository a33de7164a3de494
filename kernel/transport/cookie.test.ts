import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clearCookie, readCookie, setCookie } from './cookie.ts'

/** What a browser is told about a cookie of ours; that it does as it is told is tried in a real one. */
const attributesOf = (cookie: string) => cookie.split('; ').slice(1)

test('a cookie is for this host alone, over TLS alone, and out of reach of scripts (ASVS 3.3.1, 3.3.3, 3.3.4)', () => {
  for (const cookie of [setCookie('a', 'value', 300.9), clearCookie('a')]) {
    assert.match(cookie, /^__Host-a=/)
    const attributes = attributesOf(cookie)
    for (const wanted of ['Secure', 'HttpOnly', 'Path=/']) assert.ok(attributes.includes(wanted), wanted)
    assert.ok(!attributes.some((one) => /^domain/i.test(one)))
  }
  assert.ok(attributesOf(setCookie('a', 'value', 300.9)).includes('Max-Age=300'))
  assert.ok(attributesOf(clearCookie('a')).includes('Max-Age=0'))
})

test('no other site’s page has it sent along with what it asks (ASVS 3.3.2)', () => {
  assert.deepEqual(
    attributesOf(setCookie('a', 'value', 1)).filter((one) => one.startsWith('SameSite')),
    ['SameSite=Lax'],
  )
})

test('what is not there, is there twice, or has no prefix of ours is no cookie (ASVS 3.3.3)', () => {
  assert.equal(readCookie('x=1; __Host-a=one; y=2', 'a'), 'one')
  for (const header of [
    undefined,
    '',
    'a=one',
    '__Secure-a=one',
    '__host-a=one',
    '__Host-a=',
    '__Host-ab=one',
    'x__Host-a=one',
    '__Host-a=one; __Host-a=two',
  ])
    assert.equal(readCookie(header, 'a'), undefined, header)
})
