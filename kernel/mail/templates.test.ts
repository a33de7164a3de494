import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compose, TEMPLATES } from './templates.ts'
import type { Locale } from './templates.ts'

/** Whatever people call themselves and their firms, a letter says what we meant it to say. */
const sender = { title: { en: 'Jeweller', ar: 'الصائغ' }, origin: 'https://app.example.com' }
const LOCALES: readonly Locale[] = ['en', 'ar']
const LINK = 'https://app.example.com/in#invite_abc'

const plain: Record<string, unknown> = {
  workspace: 'North Gold',
  inviter: 'Asha Menon',
  link: '/in#invite_abc',
  expires: '2026-11-21T09:30:00Z',
  at: '2026-11-20T09:30:00Z',
  address: 'new@example.com',
  what: 'passkey',
  device: 'Firefox on Linux',
  network: '203.0.113.7',
  day: '2026-11-20',
  logs: '1',
  heads: 'log.example/1\n3\nAAAA\n\n— log.example/1 BBBB\n',
  seen: 'guessed-account',
  times: '20',
  from: '2026-11-20T09:20:00Z',
  to: '2026-11-20T09:30:00Z',
}

const write = (template: string, locale: Locale, more: Record<string, unknown> = {}) =>
  compose(template, locale, { ...plain, ...more }, sender)

test('every letter is written in both languages, as text and as HTML in that language’s direction', () => {
  for (const template of TEMPLATES)
    for (const locale of LOCALES) {
      const { subject, text, html } = write(template, locale)
      const what = `${template} ${locale}`
      assert.doesNotMatch(`${subject}${text}${html}`, /\{\w*\}|undefined|\[object|Invalid/, what)
      assert.match(html, locale === 'ar' ? /<html lang="ar" dir="rtl">/ : /<html lang="en" dir="ltr">/, what)
      assert.equal(/\p{Script=Arabic}/u.test(subject), locale === 'ar', what)
      assert.ok(text.endsWith(`${sender.origin}\n`), what)
      assert.doesNotMatch(html, /<(?:img|script|link|iframe|form|object|svg|base)\b|url\(|@import|\bon\w+=/i, what)
    }
})

test('a letter with a link has it once in each part, at our origin and nowhere else', () => {
  for (const template of ['invitation', 'sign-in-link', 'reset', 'confirm-address', 'already-registered'])
    for (const locale of LOCALES) {
      const { text, html } = write(template, locale)
      assert.equal(text.split('\n').filter((line) => line === LINK).length, 1, template)
      assert.deepEqual([...html.matchAll(/href="([^"]*)"/g)].map(String), [
        `href="${LINK}",${LINK}`,
        `href="${sender.origin}",${sender.origin}`,
      ])
    }
})

test('a link that leads elsewhere is not written at all', () => {
  for (const link of [
    'https://elsewhere.example/in',
    '//elsewhere.example/in',
    '\\\\elsewhere.example',
    'http://app.example.com/in',
    LINK,
    'in#invite_abc',
    '',
    '/\\elsewhere.example/in',
    '/\t/elsewhere.example/in',
    'https://app.example.com:444/in',
    'https://app.example.com@elsewhere.example/',
    'https://user:pass@app.example.com/',
    'https://app.example.com.elsewhere.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    'mailto:x@example.com',
  ])
    assert.throws(() => write('reset', 'en', { link }), TypeError, link)
})

/** What separates lines somewhere, and what a header would begin with. */
const BREAKS = ['\r\n', '\n', '\r', '\u0085', '\u2028', '\u2029', '\v', '\f', '\0', '\r\n\r\n', '%0d%0a\r\n']

test('a name cannot begin a header or a line of its own: mail injection (ASVS 1.3.11)', () => {
  for (const locale of LOCALES)
    for (const name of ['workspace', 'inviter'] as const)
      for (const stop of BREAKS) {
        const evil = `Asha${stop}Bcc: all@example.com${stop}${stop}<b>Hello`
        const usual = write('invitation', locale)
        const { subject, text } = write('invitation', locale, { [name]: evil })
        assert.doesNotMatch(subject, /[\p{Cc}\p{Zl}\p{Zp}]/u, JSON.stringify(stop))
        assert.equal(text.split(/[\r\n\u0085\u2028\u2029\v\f]/).length, usual.text.split('\n').length)
        assert.doesNotMatch(text, /^Bcc/m)
      }
})

test('a name is no markup', () => {
  const evil = `</title></bdi><script>alert(1)</script><a href="https://elsewhere.example">"'&\``
  for (const locale of LOCALES) {
    const { html } = write('invitation', locale, { workspace: evil, inviter: evil })
    const tags = (text: string) => [...text.matchAll(/<\/?([a-z]+)/g)].map((match) => match[0])
    assert.deepEqual(tags(html), tags(write('invitation', locale).html))
    assert.match(html, /&lt;script&gt;alert\(1\)/)
  }
})

test('a name cannot turn the direction of the sentence around it', () => {
  const turning = ['\u202e', '\u202a', '\u2066', '\u2067', '\u2068', '\u2069', '\u200f', '\u061c']
  for (const locale of LOCALES)
    for (const mark of turning) {
      const { subject, text, html } = write('invitation', locale, { inviter: `Asha${mark}Menon${mark}` })
      for (const part of [subject, text]) {
        assert.equal(part.split('\u2068').length, part.split('\u2069').length)
        assert.doesNotMatch(part, /[\u202a-\u202e\u2066\u2067\u200e\u200f\u061c]/)
      }
      assert.match(text, /\u2068Asha Menon\u2069/)
      assert.match(html, /<bdi>Asha Menon<\/bdi>/)
    }
})

test('a name is no advertisement: it is short, and nothing in it becomes a link', () => {
  for (const evil of [
    'Win at https://elsewhere.example/now',
    'elsewhere.example',
    'www.elsewhere.example:80/x',
    'x@y.example',
  ]) {
    const { subject, text } = write('invitation', 'en', { workspace: evil, inviter: evil })
    const rest = `${subject} ${text}`.replaceAll(LINK, '').replaceAll(sender.origin, '')
    assert.doesNotMatch(rest, /\w\.\w|:\/\/?\w|\w@\w/, evil)
  }
  const { subject } = write('invitation', 'en', { workspace: 'W'.repeat(5_000), inviter: '😀'.repeat(5_000) })
  assert.ok(Array.from(subject).length < 250)
  assert.match(subject, /W…/)
  assert.ok(subject.isWellFormed())
})

test('letters that join, as Persian and families do, stay joined', () => {
  assert.match(write('invitation', 'ar', { inviter: 'می\u200cخواهم' }).text, /می\u200cخواهم/)
})

test('what was changed and when is said in the reader’s words, with the zone', () => {
  assert.match(write('credential-changed', 'en').subject, /passkeys/)
  assert.match(write('credential-changed', 'ar').subject, /مفاتيح المرور/)
  assert.match(write('credential-changed', 'en').text, /20 November 2026 at 09:30 UTC/)
  assert.match(write('credential-changed', 'ar').text, /20 نوفمبر 2026.*09:30/)
})

test('there is no letter of another name, about nothing, or of no time', () => {
  for (const template of ['', 'Invitation', 'constructor', '__proto__', 'toString', 'hasOwnProperty'])
    assert.throws(() => write(template, 'en'), TypeError)
  assert.throws(() => write('credential-changed', 'en', { what: 'hair colour' }), TypeError)
  assert.throws(() => write('credential-changed', 'en', { at: 'yesterday' }), RangeError)
  assert.throws(() => write('reset', 'en', { link: undefined }), TypeError)
})
