import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Trouble } from '../base/trouble.ts'
import { Refusal } from '../contract/refusal.ts'
import { hostCheck } from './host.ts'

const check = hostCheck(['localhost', '127.0.0.1', '[::1]', 'app.example.com', '*.tenants.example.com'])

const isRefused = (host: string | undefined) =>
  assert.throws(
    () => check(host),
    (error) => error instanceof Refusal && error.status === 421 && error.code === 'misdirected',
    String(host),
  )

test('names on the list pass with any port, in any case', () => {
  assert.equal(check('localhost:8080'), 'localhost')
  assert.equal(check('LOCALHOST'), 'localhost')
  assert.equal(check('app.example.com.'), 'app.example.com')
  assert.equal(check('[::1]:8443'), '[::1]')
  assert.equal(check('127.0.0.1:8080'), '127.0.0.1')
  assert.equal(check('north.tenants.example.com:443'), 'north.tenants.example.com')
})

test('everything else is refused', () => {
  for (const host of [
    undefined,
    '',
    'evil.example',
    'app.example.com.evil.example',
    'evil-app.example.com',
    'example.com',
  ])
    isRefused(host)
  for (const host of [
    'tenants.example.com',
    '.tenants.example.com',
    'a.b.tenants.example.com',
    'localhost@evil.example',
  ])
    isRefused(host)
  for (const host of [
    'localhost:',
    'localhost:99x',
    'localhost/../x',
    'localhost\r\nx: y',
    'localhost, evil.example',
    '[::2]',
  ])
    isRefused(host)
})

test('an IPv6 address is listed with or without its brackets', () => {
  for (const name of ['::1', '[::1]']) assert.equal(hostCheck([name])('[::1]:8443'), '[::1]')
})

test('an empty list admits nobody', () => {
  assert.throws(() => hostCheck([])('localhost'), Refusal)
})

test('a list that is none stops the start with a sentence', () => {
  for (const name of ['', '*', '*.com', 'https://example.com', 'example.com:443', 'exa mple.com', '*.*.example.com'])
    assert.throws(() => hostCheck([name]), Trouble, name)
})
