import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AnswerKind, hardeningHeaders } from './headers.ts'

const kinds: AnswerKind[] = ['api', 'page']

test('a page may run, show and reach nothing but its own (ASVS 3.4.3, 3.4.6, 3.4.7)', () => {
  assert.equal(
    hardeningHeaders('page', false)['content-security-policy'],
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
      "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
      "require-trusted-types-for 'script'; trusted-types 'none'; report-uri /policy-reports; report-to reports",
  )
  assert.equal(hardeningHeaders('page', false)['reporting-endpoints'], 'reports="/policy-reports"')
})

test('an answer of the API is no document (ASVS 3.4.3, 3.4.6)', () => {
  const headers = hardeningHeaders('api', false)
  assert.equal(headers['content-security-policy'], "default-src 'none'; frame-ancestors 'none'")
})

test('every kind forbids guessing, embedding and keeping (ASVS 3.4.4, 3.4.5, 3.4.8, 3.5.8, 14.3.2)', () => {
  for (const kind of kinds) {
    const headers = hardeningHeaders(kind, false)
    assert.equal(headers['cache-control'], 'no-store')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
    assert.match(headers['referrer-policy'] ?? '', /^(no-referrer|same-origin)$/)
    for (const feature of ['camera', 'microphone', 'geolocation', 'payment', 'usb'])
      assert.ok(headers['permissions-policy']?.split(', ').includes(`${feature}=()`), feature)
    assert.doesNotMatch(Object.values(headers).join('\n'), /unsafe|\*/)
  }
})

test('only TLS promises TLS, for at least a year and for subdomains (ASVS 3.4.1)', () => {
  for (const kind of kinds) {
    assert.equal(hardeningHeaders(kind, false)['strict-transport-security'], undefined)
    const [age, scope] = (hardeningHeaders(kind, true)['strict-transport-security'] ?? '').split('; ')
    assert.ok(Number(age?.replace('max-age=', '')) >= 31_536_000)
    assert.equal(scope, 'includeSubDomains')
  }
})

test('they are made once and cannot be changed', () => {
  for (const kind of kinds)
    for (const overTls of [true, false]) {
      const headers = hardeningHeaders(kind, overTls)
      assert.equal(headers, hardeningHeaders(kind, overTls))
      assert.ok(Object.isFrozen(headers))
    }
})
