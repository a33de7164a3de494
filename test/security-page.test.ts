import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { securityDocument } from '../kernel/trust/document.ts'
import type { SecurityDocument } from '../kernel/trust/document.ts'
import { pageCss, pageHtml } from '../kernel/trust/html.ts'
import { everyState } from '../kernel/trust/sample.ts'
import { LOCALES } from '../kernel/trust/words.ts'
import { jeweller } from '../editions/jeweller/edition.ts'
import { world } from '../kernel/testing.ts'
import { browser, missing } from './browser.ts'

/** The security page in a real browser, a sentence in every state, under the strictest policy it must live with. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ')

const document = securityDocument(everyState({ source: 'https://code.example/tree/abc/' }))
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://page')
  response.setHeader('content-security-policy', POLICY)
  if (pathname === '/security.css') response.setHeader('content-type', 'text/css').end(pageCss.text)
  else
    response
      .setHeader('content-type', 'text/html')
      .end(pageHtml(document, searchParams.get('lang') === 'ar' ? 'ar' : 'en'))
})
const axe = readFileSync(join(import.meta.dirname, '..', 'node_modules', 'axe-core', 'axe.min.js'), 'utf8')
const unavailable = { skip: missing }
let chrome: Browser

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  if (missing === false) chrome = await browser()
})

after(async () => {
  if (missing === false) await chrome.close()
  server.close()
})

type Visit = BrowserContextOptions & { origin?: string }

/** Opens the page and hands it over; whatever the browser complained of meanwhile fails the test. */
async function visit(path: string, options: Visit, look: (page: Page) => Promise<void>) {
  const { origin = ownOrigin(), ...more } = options
  const context = await chrome.newContext({ viewport: { width: 1280, height: 800 }, ...more })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('requestfailed', (request) => complaints.push(request.url()))
  try {
    await page.goto(`${origin}/security${path}`)
    await look(page)
    assert.deepEqual(complaints, [])
  } finally {
    await context.close()
  }
}

const ownOrigin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const openAll = (page: Page) =>
  page.evaluate(`for (const each of document.querySelectorAll('.claim summary')) each.click()`)

/** What axe finds, closed and with every claim opened. */
async function audit(page: Page) {
  await page.evaluate(axe)
  const found = `({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html))`
  const run = () => page.evaluate<string[]>(`axe.run().then(${found})`)
  const closed = await run()
  await openAll(page)
  return [...closed, ...(await run())]
}

for (const lang of LOCALES) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(
      `in ${lang} and ${colorScheme} it is accessible, opened and closed, and the browser has nothing to complain of`,
      unavailable,
      () =>
        visit(`?lang=${lang}`, { colorScheme }, async (page) => {
          assert.deepEqual(await audit(page), [])
          assert.equal(await page.locator('.evidence:visible').count(), 6)
        }),
    )
  }

  test(`in ${lang} nothing runs off the side of a small telephone, opened or closed`, unavailable, () =>
    visit(`?lang=${lang}`, { viewport: { width: 360, height: 740 } }, async (page) => {
      const overflow = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
      assert.equal(await overflow(), 0)
      await openAll(page)
      assert.equal(await overflow(), 0)
    }),
  )
}

test('Arabic runs from right to left', unavailable, () =>
  visit('?lang=ar', {}, async (page) => {
    const x = async (selector: string) => (await page.locator(`.claim ${selector}`).first().boundingBox())?.x ?? NaN
    assert.ok((await x('.text')) < (await x('.state')))
    assert.ok((await x('.id')) < (await x('.text')))
  }),
)

test('without script a claim opens, and a link to it opens it too', unavailable, async () => {
  await visit('', { javaScriptEnabled: false }, async (page) => {
    const evidence = page.locator('[data-claim="house-1.2"] .evidence')
    assert.equal(await evidence.isVisible(), false)
    await page.locator('[data-claim="house-1.2"] summary').click()
    assert.equal(await evidence.isVisible(), true)
    assert.match(await evidence.innerText(), /it opened to a hairpin/)
  })
  await visit('#claim-house-1.2', { javaScriptEnabled: false }, async (page) => {
    assert.equal(await page.locator('[data-claim="house-1.2"] .evidence').isVisible(), true)
    assert.equal(await page.locator('[data-claim="house-1.1"] .evidence').isVisible(), false)
  })
})

test('without script the counts choose what is shown', unavailable, () =>
  visit('', { javaScriptEnabled: false }, async (page) => {
    const shown = () =>
      page.locator('.claim:visible').evaluateAll((all) => all.map((each) => each.getAttribute('data-claim')))
    assert.equal((await shown()).length, 6)
    await page.locator('label[for="show-failing"]').click({ force: true })
    assert.deepEqual(await shown(), ['house-1.2'])
    await page.keyboard.press('ArrowRight')
    assert.deepEqual(await shown(), ['house-1.3'], 'and by keyboard')
    await page.locator('label[for="show-all"]').click({ force: true })
    assert.equal((await shown()).length, 6)
  }),
)

test('on paper everything is open, whatever was chosen, and nothing is there to click', unavailable, () =>
  visit('', {}, async (page) => {
    await page.locator('label[for="show-failing"]').click({ force: true })
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    assert.equal(await page.locator('.claim:visible').count(), 6)
    const heights = await page
      .locator('.evidence')
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height))
    assert.ok(heights.length === 6 && heights.every((height) => height > 0))
    assert.equal(await page.locator('.language:visible, .contents:visible, .permalink:visible').count(), 0)
    assert.equal(await page.evaluate('getComputedStyle(document.body).backgroundColor'), 'rgb(255, 255, 255)')
  }),
)

test('the keyboard finds the way past the head of the page', unavailable, () =>
  visit('', {}, async (page) => {
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate('document.activeElement.className'), 'skip')
    assert.equal(
      await page.evaluate('getComputedStyle(document.activeElement).clipPath'),
      'none',
      'it comes into sight',
    )
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate('document.activeElement.closest(".claim")?.dataset.claim'), 'house-1.1')
  }),
)

test('a deployment serves it so, in both languages, and its twin says the same', unavailable, async () => {
  await using given = await world(jeweller)
  const origin = `http://127.0.0.1:${given.served.listening.port}`
  const twin = (await (await fetch(`${origin}/security.json`)).json()) as SecurityDocument
  const states = twin.sections.flatMap((section) =>
    section.sentences.map(({ id, state }) => [id, state.replace(' ', '-')]),
  )
  assert.ok(states.length > 40)
  for (const lang of LOCALES) {
    await visit(`?lang=${lang}`, { origin }, async (page) => {
      assert.equal(await page.locator('html').getAttribute('lang'), lang)
      const drawn = await page.evaluate(
        `[...document.querySelectorAll('.claim')].map((each) => [each.dataset.claim, each.dataset.state])`,
      )
      assert.deepEqual(drawn, states)
      assert.deepEqual(await audit(page), [])
    })
  }
  await visit('', { origin, locale: 'ar-EG' }, async (page) => {
    assert.equal(await page.locator('html').getAttribute('dir'), 'rtl', 'the browser asked for Arabic')
    await page.locator('.language').click()
    assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  })
})
