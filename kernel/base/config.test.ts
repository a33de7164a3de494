import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from './config.ts'
import { Trouble } from './trouble.ts'

test('the address that links lead to is an origin, encrypted unless it is this machine, and is answered to', () => {
  const read = (PUBLIC_URL: string) => readConfig({ PUBLIC_URL })
  assert.equal(read('https://app.example.com').publicUrl, 'https://app.example.com')
  assert.equal(read('https://APP.example.com:443/').publicUrl, 'https://app.example.com')
  assert.equal(read('http://localhost:8080').publicUrl, 'http://localhost:8080')
  assert.ok(read('https://app.example.com:8443').allowedHosts.includes('app.example.com'))
  assert.equal(readConfig({}).publicUrl, undefined)
  for (const url of [
    'app.example.com',
    'http://app.example.com',
    'http://localhost.example.com',
    'https://app.example.com/start',
    'https://app.example.com?x=1',
    'https://app.example.com#x',
    'https://user:pass@app.example.com',
    'ftp://app.example.com',
    'javascript:alert(1)',
  ])
    assert.throws(() => read(url), Trouble, url)
})

test('letters are sent from a server on the network only when it is said where their links lead', () => {
  const SMTP_URL = 'smtps://mail.example.com'
  assert.throws(() => readConfig({ SMTP_URL, HOST: '0.0.0.0' }), /PUBLIC_URL/)
  assert.equal(readConfig({ SMTP_URL }).smtpUrl, SMTP_URL)
  const PUBLIC_URL = 'https://app.example.com'
  assert.equal(readConfig({ SMTP_URL, HOST: '0.0.0.0', PUBLIC_URL }).smtpUrl, SMTP_URL)
})
