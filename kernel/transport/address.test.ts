import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { addressGroup, readAddress } from './address.ts'

test('every spelling of an address is one address', () => {
  const spellings: Record<string, string[]> = {
    '192.0.2.1': ['192.0.2.1', ' 192.0.2.1 ', '::ffff:192.0.2.1', '::FFFF:c000:201', '0:0:0:0:0:ffff:192.0.2.1'],
    '2001:db8:0:0:0:0:0:1': [
      '2001:db8::1',
      '2001:0DB8:0:0::1',
      '2001:db8::0.0.0.1',
      '2001:0db8:0000:0000:0000:0000:0000:0001',
    ],
    'fe80:0:0:0:0:0:0:1': ['fe80::1%eth0', 'FE80::1'],
    '0:0:0:0:0:0:0:1': ['::1', '0::0:1'],
    '0:0:0:0:0:0:0:0': ['::', '0::'],
    '1:2:3:4:5:6:7:0': ['1:2:3:4:5:6:7::'],
  }
  for (const [address, written] of Object.entries(spellings))
    for (const text of written) assert.equal(readAddress(text), address, text)
})

test('what is no address is none', () => {
  for (const text of [
    '',
    'unknown',
    '_hidden',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    '0x7f.1',
    ':::',
    '1::2::3',
  ])
    assert.equal(readAddress(text), undefined, text)
  for (const text of ['1.2.3.4:80', '[::1]', '2001:db8::g', '1.2.3.4/8', '1.2.3.4\n5.6.7.8', '::ffff:999.1.1.1'])
    assert.equal(readAddress(text), undefined, text)
})

test('any two spellings that Node writes agree', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      const address = readAddress(text)
      assert.ok(address)
      assert.equal(readAddress(address), address)
      assert.equal(readAddress(new URL(`http://[${text}]`).hostname.slice(1, -1)), address)
      assert.equal(readAddress(text.toUpperCase()), address)
    }),
  )
})

test('a /64 is one customer, an IPv4 address is one', () => {
  const group = (text: string) => addressGroup(readAddress(text) ?? '')
  assert.equal(group('2001:db8:1:2:3:4:5:6'), group('2001:db8:1:2::'))
  assert.notEqual(group('2001:db8:1:2::1'), group('2001:db8:1:3::1'))
  assert.equal(group('192.0.2.1'), '192.0.2.1')
  assert.equal(group('::ffff:192.0.2.1'), '192.0.2.1')
  assert.notEqual(group('192.0.2.1'), group('192.0.2.2'))
})
