import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { jeweller } from '../editions/jeweller/edition.ts'
import { letter } from '../kernel/mail/letter.ts'
import type { Locale } from '../kernel/mail/templates.ts'
import { Writing } from '../kernel/postgres/work.ts'
import { world } from '../kernel/testing.ts'
import type { World } from '../kernel/testing.ts'
import { browser, missing } from './browser.ts'

/** Kept letters in a real browser, on a wide screen and a narrow one, in both languages. */
const axe = readFileSync(join(import.meta.dirname, '..', 'node_modules', 'axe-core', 'axe.min.js'), 'utf8')
const unavailable = { skip: missing }
let here: World
let chrome: Browser
before(async () => {
  here = await world(jeweller)
  for (const locale of ['en', 'ar'] as const) await write(locale)
  if (missing === false) chrome = await browser()
})
after(async () => {
  if (missing === false) await chrome.close()
  await here[Symbol.asyncDispose]()
})

for (const lang of ['en', 'ar'])
  for (const [size, width] of [
    ['wide', 1280],
    ['narrow', 320],
  ] as const)
    test(`letters are read on a ${size} screen (${lang})`, unavailable, async () => {
      await using context = await chrome.newContext({ viewport: { width, height: 800 } })
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(error.message))
      await page.goto(`http://localhost:${here.served.listening.port}/mail?lang=${lang}`)
      await isWell(page, lang)
      const links = page.locator('.letters a')
      assert.equal(await links.count(), 2)
      for (const at of [0, 1]) {
        await links.nth(at).click()
        await isWell(page, lang)
        const link = page.locator('pre.letter a')
        assert.match((await link.getAttribute('href')) ?? '', /^http:\/\/localhost:\d+\/in#invite_/)
        assert.equal(await page.locator('pre.letter').getAttribute('dir'), at === 0 ? 'rtl' : 'ltr')
        await page.goBack()
      }
      assert.deepEqual(complaints, [])
    })

async function isWell(page: Page, lang: string) {
  assert.equal(await page.locator('html').getAttribute('lang'), lang)
  const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
  assert.equal(overflow, 0, 'the page is wider than the screen')
  await page.evaluate(axe)
  const found = await page.evaluate<{ violations: { id: string }[] }>('axe.run()')
  assert.deepEqual(
    found.violations.map(({ id }) => id),
    [],
  )
}

async function write(locale: Locale) {
  const { deployment, vault } = here.served.parts
  const { workspace, realm } = here.north.place
  const scope = { role: deployment.names.recorder, schema: 'audit', workspace }
  const link = `/in#invite_${'0123456789abcdef'.repeat(8)}`
  const values = { workspace: 'ذهب الشمال', inviter: 'Asha Menon', link, expires: new Date() }
  await using work = new Writing(deployment.realms.open(realm), scope)
  const to = 'somebody.with.a.long.name@a.firm.of.many.words.example.com'
  await work.commit(scope, [letter(vault, { workspace, to, template: 'invitation', locale, values })])
}
