import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Trouble } from '../base/trouble.ts'
import { smtpOf } from './smtp.ts'

const mailFrom = 'Example <no-reply@example.com>'
const read = (smtpUrl: string, from: string | undefined = mailFrom) => smtpOf({ smtpUrl, mailFrom: from })!

test('what leaves this machine is encrypted before anything is said, whatever is set (ASVS 12.3.1)', () => {
  const seen = (url: string) => {
    const { host, port, encryption } = read(url)
    return [host, port, encryption]
  }
  assert.deepEqual(seen('smtp://mail.example.com'), ['mail.example.com', 587, 'starttls'])
  assert.deepEqual(seen('smtp://mail.example.com:25/'), ['mail.example.com', 25, 'starttls'])
  assert.deepEqual(seen('smtps://mail.example.com'), ['mail.example.com', 465, 'tls'])
  assert.deepEqual(seen('smtp://localhost.example.com'), ['localhost.example.com', 587, 'starttls'])
  assert.deepEqual(seen('smtp://192.0.2.1'), ['192.0.2.1', 587, 'starttls'])
  for (const near of ['localhost', '127.0.0.1', '[::1]']) assert.equal(read(`smtp://${near}`).encryption, 'none')
  assert.equal(read('smtps://localhost').encryption, 'tls')
})

test('an address that says anything else is refused with a sentence (ASVS 12.3.2)', () => {
  for (const url of [
    'mail.example.com',
    'http://mail.example.com',
    'smtp:',
    'smtp://',
    'smtp://mail.example.com/inbox',
    'smtp://mail.example.com#x',
    'smtp://mail.example.com?tls.rejectUnauthorized=false',
    'smtp://mail.example.com?ignoreTLS=true',
    'smtp://mail.example.com?requireTLS=false',
    'smtp://us%er:x@mail.example.com',
    'smtp://mail.example.com?ca=/nowhere/ca.pem',
  ])
    assert.throws(() => read(url), Trouble, url)
})

test('names and passwords are read as they were written', () => {
  assert.deepEqual(read('smtps://post%40office:p%3A%2Fw@mail.example.com').auth, { user: 'post@office', pass: 'p:/w' })
  assert.equal(read('smtps://mail.example.com').auth, undefined)
})

test('who writes is one name and one address, without a line of its own: mail injection (ASVS 1.3.11)', () => {
  const from = (text: string | undefined) => smtpOf({ smtpUrl: 'smtps://mail.example.com', mailFrom: text })!.from
  assert.deepEqual(from(mailFrom), { name: 'Example', address: 'no-reply@example.com' })
  assert.deepEqual(from('no-reply@example.com'), { name: '', address: 'no-reply@example.com' })
  assert.deepEqual(from('متجر <no-reply@example.com>'), { name: 'متجر', address: 'no-reply@example.com' })
  for (const text of [
    undefined,
    '',
    'Example',
    'Example <>',
    'Example <a@example.com>\r\nBcc: all@example.com',
    'Exam\nple <a@example.com>',
    'a@example.com, b@example.com',
    'A <a@example.com>, B <b@example.com>',
    '"A" <a@example.com>',
    'A <a@b@example.com>',
  ])
    assert.throws(() => from(text), Trouble, text)
})

test('without an address there is no mail server, and nobody has to say who writes', () => {
  assert.equal(smtpOf({ smtpUrl: undefined, mailFrom: undefined }), undefined)
})
