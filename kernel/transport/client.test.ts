import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Trouble } from '../base/trouble.ts'
import { clientAddress, trustedProxies } from './client.ts'

const nobody = trustedProxies([])
const proxies = trustedProxies(['10.0.0.0/8', '2001:db8::/32', '203.0.113.7'])

/** One thousand ways to claim another address; each of them at least names 198.51.100.x. */
const lies = Array.from({ length: 1_000 }, (_, index) => ({
  'x-forwarded-for': `198.51.100.${index % 256}, ::ffff:198.51.100.${(index + 1) % 256}`,
  forwarded: `for="[2001:db9::${index}]", for=198.51.100.1`,
  'x-real-ip': '198.51.100.1',
  'cf-connecting-ip': '198.51.100.1',
}))

test('without trusted proxies no header moves the address', () => {
  const seen = new Set(lies.map((headers) => clientAddress(nobody, '::ffff:192.0.2.1', headers)))
  assert.deepEqual([...seen], ['192.0.2.1'])
})

test('a stranger’s headers move nothing where other peers are trusted', () => {
  const seen = new Set(lies.map((headers) => clientAddress(proxies, '192.0.2.1', headers)))
  assert.deepEqual([...seen], ['192.0.2.1'])
})

test('behind a trusted proxy the first hop that is not ours is the client, from the right', () => {
  const from = (header: string) => clientAddress(proxies, '10.1.2.3', { 'x-forwarded-for': header })
  assert.equal(from('192.0.2.1'), '192.0.2.1')
  assert.equal(from('198.51.100.9, 192.0.2.1'), '192.0.2.1')
  assert.equal(from('198.51.100.9, 192.0.2.1, 10.9.9.9, 203.0.113.7'), '192.0.2.1')
  assert.equal(from('10.4.4.4, 10.5.5.5'), '10.4.4.4')
  assert.equal(from('192.0.2.1:4711'), '192.0.2.1')
  assert.equal(from('[2001:db9::1]:4711'), '2001:db9:0:0:0:0:0:1')
  assert.equal(from('2001:db9::1'), '2001:db9:0:0:0:0:0:1')
  assert.equal(from('::ffff:192.0.2.1'), '192.0.2.1')
})

test('what the client put before the proxy’s own entry is never believed', () => {
  const seen = lies.map((headers) =>
    clientAddress(proxies, '::ffff:10.1.2.3', { 'x-forwarded-for': `${headers['x-forwarded-for']}, 192.0.2.1` }),
  )
  assert.deepEqual([...new Set(seen)], ['192.0.2.1'])
})

test('Forwarded is read where it is the header that the proxy writes', () => {
  const from = (forwarded: string) => clientAddress(proxies, '10.1.2.3', { forwarded })
  assert.equal(from('for=192.0.2.1;proto=https;by=203.0.113.7'), '192.0.2.1')
  assert.equal(from('proto=https;For="[2001:db9::1]:80"'), '2001:db9:0:0:0:0:0:1')
  assert.equal(from('for=198.51.100.9, for=192.0.2.1, for=10.1.1.1'), '192.0.2.1')
  for (const hidden of ['for=unknown', 'for=_secret', 'proto=https', '', 'for=198.51.100.9, for=_x'])
    assert.equal(from(hidden), '10.1.2.3', hidden)
})

test('a proxy writes one header and passes the other one on: where they differ, neither is believed', () => {
  const both = (forwarded: string) => clientAddress(proxies, '10.1.2.3', { forwarded, 'x-forwarded-for': '192.0.2.1' })
  assert.equal(both('for=198.51.100.9'), '10.1.2.3')
  assert.equal(both('for=192.0.2.1'), '192.0.2.1')
})

test('a chain ends at what is no address, is too long or has too many hops', () => {
  const from = (header: string) => clientAddress(proxies, '10.1.2.3', { 'x-forwarded-for': header })
  assert.equal(from('192.0.2.1, garbage, 10.2.2.2'), '10.2.2.2')
  assert.equal(from(''), '10.1.2.3')
  assert.equal(from(`${'198.51.100.9,'.repeat(40)}192.0.2.1`), '10.1.2.3')
  assert.equal(from(`${'x'.repeat(3_000)},192.0.2.1`), '10.1.2.3')
})

test('a socket without an address is nobody, and never trusted', () => {
  const everyone = trustedProxies(['0.0.0.0/0', '::/0'])
  for (const peer of [undefined, '', 'gone']) {
    assert.equal(clientAddress(nobody, peer, lies[0] ?? {}), 'unknown')
    assert.equal(clientAddress(everyone, peer, lies[0] ?? {}), 'unknown')
  }
})

test('networks that are none stop the start with a sentence', () => {
  for (const network of [
    '',
    'proxy.internal',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    '::1/129',
    '10.0.0/8',
  ])
    assert.throws(() => trustedProxies([network]), Trouble, network)
  assert.equal(
    clientAddress(trustedProxies([' 2001:db8::/32 ']), '2001:db8::1', { 'x-forwarded-for': '192.0.2.1' }),
    '192.0.2.1',
  )
})
