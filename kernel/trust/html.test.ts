import assert from 'node:assert/strict'
import { test } from 'node:test'
import { securityDocument } from './document.ts'
import type { SecurityDocument } from './document.ts'
import { pageCss, pageHtml, pageJson } from './html.ts'
import { everyState } from './sample.ts'
import { LOCALES } from './words.ts'

const page = securityDocument(everyState())
const claimsOf = (html: string) =>
  [...html.matchAll(/data-claim="([^"]+)" data-state="([^"]+)"/g)].map(([, id, state]) => [
    id,
    state?.replace('-', ' '),
  ])
const text = (html: string) => html.replace(/<[^>]+>/g, '')

/** Every string of the document becomes a try at breaking out. */
function hostile(document: SecurityDocument): SecurityDocument {
  const evil = `"'><script>alert(1)</script><img src=x onerror=alert(1)>&lt;\`\${x}\0\u202e`
  const keep = new Set(['state', 'code', 'room', 'every', 'generatedAt', 'updatedAt', 'since', 'effective'])
  const dates = /At$|Until$/
  const walk = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return keep.has(key) || dates.test(key) ? value : `${evil}${value}`
    if (Array.isArray(value)) return value.map((each) => walk(each, key))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, walk(each, name)]))
  }
  return { ...(walk(document) as SecurityDocument), source: 'https://code.example/' }
}

test('both languages carry exactly the ids and states of the document', () => {
  const expected = page.sections.flatMap(({ sentences }) => sentences.map(({ id, state }) => [id, state]))
  for (const locale of LOCALES) assert.deepEqual(claimsOf(pageHtml(page, locale)), expected)
  const parsed = JSON.parse(pageJson(page)) as SecurityDocument
  assert.deepEqual(parsed, page)
})

test('each language says so, and writes in its direction', () => {
  assert.match(pageHtml(page, 'en'), /<html lang="en" dir="ltr">/)
  assert.match(pageHtml(page, 'ar'), /<html lang="ar" dir="rtl">/)
  assert.match(pageHtml(page, 'en'), /<a class="language" href="\?lang=ar" lang="ar"/)
  assert.match(pageHtml(page, 'ar'), /<a class="language" href="\?lang=en" lang="en"/)
  assert.match(pageHtml(page, 'ar'), /الجدار قائم والباب مغلق/)
  assert.doesNotMatch(pageHtml(page, 'ar'), /The wall stands/)
})

test('there is no script, no inline style and no handler, so the policy need allow none', () => {
  for (const document of [page, hostile(page)]) {
    for (const locale of LOCALES) {
      const tags =
        pageHtml(document, locale)
          .replace(/"[^"]*"/g, '""')
          .match(/<[a-z][^>]*>/gi) ?? []
      assert.ok(tags.length > 100)
      assert.doesNotMatch(
        pageHtml(document, locale),
        /(href|src)="(?!#|\?lang=|\/security|https:\/\/code\.example\/|data:image\/svg)/,
      )
      for (const tag of tags) assert.doesNotMatch(tag, /^<(script|style|iframe|object|img|form)\b|\sstyle=|\son\w+=/i)
    }
  }
})

test('nothing that the document says can break out of where it stands', () => {
  for (const locale of LOCALES) {
    const html = pageHtml(hostile(page), locale)
    assert.doesNotMatch(html, /<script|<img|alert\(1\)<\/script>|\0/)
    assert.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/)
    assert.match(html, /&amp;lt;/, 'what looks escaped is escaped again')
    assert.match(html, /href="https:\/\/code\.example\/&quot;&#39;&gt;/)
    const tags = (each: string) => (each.match(/<\/?[a-z][\w-]*/g) ?? []).join()
    const tame = pageHtml({ ...page, source: 'https://code.example/' }, locale)
    assert.ok(tags(html) === tags(tame), 'the same tags as ever')
  }
})

test('the address of the page is set into it as text', () => {
  const html = pageHtml(page, 'en', 'https://shop.example/"><script>')
  assert.match(html, /https:\/\/shop\.example\/&quot;&gt;&lt;script&gt;/)
})

test('times are absolute, machine-readable, in UTC and in Latin digits in both languages', () => {
  const english = pageHtml(page, 'en')
  const arabic = pageHtml(page, 'ar')
  assert.match(english, /<time datetime="2026-11-20T11:59:00Z">20 November 2026, 11:59:00 UTC<\/time>/)
  assert.match(english, /1 minute ago/)
  assert.match(arabic, /<time datetime="2026-11-20T11:59:00Z">20 نوفمبر 2026، 11:59:00 بالتوقيت العالمي<\/time>/)
  assert.match(arabic, /قبل دقيقة/)
  assert.doesNotMatch(arabic, /[٠-٩۰-۹]/)
})

test('the first line says what is worst', () => {
  const with_ = (counts: Partial<SecurityDocument['counts']>) => {
    const none = { proven: 0, attested: 0, failing: 0, unknown: 0, 'not claimed': 0 }
    return { ...page, counts: { ...none, ...counts } }
  }
  const first = (document: SecurityDocument) => /<h1>([\s\S]*?)<\/h1>/.exec(text_(pageHtml(document, 'en')))?.[1]
  const text_ = (html: string) => html.replace(/<(?!\/?h1)[^>]+>/g, '')
  const says = (counts: Partial<SecurityDocument['counts']>, sentence: RegExp) =>
    assert.match(first(with_(counts)) ?? '', sentence)
  says({ proven: 9, failing: 1, unknown: 5 }, /1 claim is failing\./)
  says({ proven: 9, failing: 2 }, /2 claims are failing\./)
  says({ proven: 9, attested: 1, unknown: 1 }, /10 of 11 claims hold; none is failing\./)
  says({ proven: 9, attested: 1, 'not claimed': 4 }, /Every claim made here holds\./)
  says({ 'not claimed': 4 }, /Nothing is claimed here yet\./)
})

test('Arabic counts in all its six forms', () => {
  const failing = (count: number) =>
    /<span class="verdict">[\s\S]*?<\/span>/.exec(
      pageHtml({ ...page, counts: { ...page.counts, failing: count } }, 'ar'),
    )?.[0] ?? ''
  assert.match(text(failing(1)), /تعهّد واحد منقوض/)
  assert.match(text(failing(2)), /تعهّدان منقوضان/)
  assert.match(text(failing(3)), /3 تعهّدات منقوضة/)
  assert.match(text(failing(11)), /11 تعهّدًا منقوضًا/)
  assert.match(text(failing(100)), /100 تعهّد منقوض/)
})

test('each claim opens to what was tried, by which control and in which files', () => {
  const html = pageHtml(page, 'en')
  const failing = /<li class="claim" data-claim="house-1\.2"[\s\S]*?<\/details>/.exec(html)?.[0] ?? ''
  for (const part of ['house.door', 'Nobody comes in without the key.', 'it opened to a hairpin', 'house/door.ts'])
    assert.ok(failing.includes(part), part)
  assert.ok(failing.indexOf('house.door') < failing.indexOf('house.wall'), 'what broke comes first')
  assert.match(html, /signing|Keeper of the keys/)
})

test('what is not claimed is listed once more by itself, with what it waits for', () => {
  const own = pageHtml(page, 'en').split('id="not-claimed"')[1] ?? ''
  assert.match(own, /2 sentences above are not claimed today|<bdi>2<\/bdi> sentences above are not claimed today/)
  assert.match(own, /Every visit is written down\.<\/a>[\s\S]*waits for <bdi>the audit log<\/bdi>/)
  assert.match(own, /There is no lightning rod\./)
  assert.doesNotMatch(own, /The wall stands/)
})

test('headings come in order and every id is used once', () => {
  for (const locale of LOCALES) {
    const html = pageHtml(page, locale)
    const levels = [...html.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level))
    assert.equal(levels.filter((level) => level === 1).length, 1)
    for (const [index, level] of levels.entries()) assert.ok(level <= (levels[index - 1] ?? 0) + 1)
    const ids = [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)
    assert.deepEqual(ids, [...new Set(ids)])
    const links = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
    for (const link of links) assert.ok(ids.includes(link), `#${link} leads nowhere`)
  }
})

test('the style uses no physical side, no letter-spacing, no capitals and nothing from elsewhere', () => {
  const css = pageCss.text.replace(/\/\*[\s\S]*?\*\//g, '').replace('@bottom-right', '')
  assert.doesNotMatch(
    css,
    /\b(left|right)\b|(margin|padding|border)-(top|bottom)\b|letter-spacing|text-transform|url\(|@import/,
  )
  assert.match(pageCss.path, /^\/security\.css\?[0-9a-f]{12}$/)
})
