import assert from 'node:assert/strict'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { helpdesk } from '../editions/helpdesk/edition.ts'
import { jeweller } from '../editions/jeweller/edition.ts'
import { world } from '../kernel/testing.ts'
import type { World } from '../kernel/testing.ts'
import { dashboard } from '../web/build.ts'
import { browser, missing } from './browser.ts'
import { Guest } from './enter-page.ts'
import type { Lang } from './enter-page.ts'
import { owner } from './visitors.ts'
import type { Visitor } from './visitors.ts'

/** The dashboard as people meet it: a real browser, the real policy of pages, both languages and both themes. */
const WORDS = { en: words('en'), ar: words('ar') }

function words(lang: Lang): Record<string, string> {
  return JSON.parse(readFileSync(`web/dashboard/locales/${lang}.json`, 'utf8')) as Record<string, string>
}

test('both languages have the same words, Arabic all six forms of a number, and none is left over', () => {
  const [forms, plain] = [/_(zero|one|two|few|many|other)$/, (key: string) => key.replace(forms, '')]
  const keys = (lang: Lang) => [...new Set(Object.keys(WORDS[lang]).map(plain))].sort()
  assert.deepEqual(keys('ar'), keys('en'))
  for (const key of Object.keys(WORDS.en)
    .filter((one) => forms.test(one))
    .map(plain))
    for (const form of ['zero', 'one', 'two', 'few', 'many', 'other'])
      assert.ok(WORDS.ar[`${key}_${form}`], `${key} ${form}`)
  const said = globSync('web/**/*.{ts,tsx}')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  const isSaid = (key: string) => said.includes(`'${key}'`) || BUILT.some((prefix) => key.startsWith(prefix))
  assert.deepEqual(
    keys('en').filter((key) => !isSaid(key)),
    [],
  )
})

const SCREENS = [
  '',
  'people',
  'people?tab=invitations',
  'roles',
  'roles?role=manager',
  'keys',
  'alerts',
  'audit',
  'settings',
]

/** Keys that are put together where they are said. */
const BUILT = [
  'alert.',
  'alerts.state.',
  'act.',
  'audit.export.',
  'audit.filter.',
  'group.',
  'hold.',
  'people.state.',
  'problem.',
  'prove.',
  'screen.',
  'settings.factor.',
  'shortcut.',
  'theme.',
]

test('what a browser must have before the first screen is small', async () => {
  const folder = await dashboard()
  const index = readFileSync(join(folder, 'index.html'), 'utf8')
  const first = [...index.matchAll(/\/app\/(assets\/[^"]+\.js)/g)].map(([, name]) => readFileSync(join(folder, name!)))
  const bytes = first.reduce((sum, file) => sum + gzipSync(file).length, 0)
  assert.ok(first.length > 0 && bytes < MOST_BYTES, `${bytes} bytes`)
  assert.ok(readdirSync(join(folder, 'assets')).length > first.length, 'screens are files of their own')
})

const MOST_BYTES = 150_000

let here: World
let chrome: Browser
let asha: Visitor

before(async () => {
  if (missing) return
  here = await world(jeweller, 'pool', undefined, await dashboard())
  asha = await owner(here)
  chrome = await browser()
})
after(async () => {
  await chrome?.close()
  await here?.[Symbol.asyncDispose]()
})

describe('every screen', { skip: missing }, () => {
  for (const lang of ['en', 'ar'] as const)
    for (const theme of ['light', 'dark'] as const)
      test(`every screen can be read by all, in ${lang}, ${theme}`, async () => {
        const guest = await inside(lang, theme)
        for (const path of SCREENS) {
          await guest.page.goto(`${guest.origin}/app/${asha.session.workspace}/${path}`)
          await guest.page.locator('h1').waitFor()
          await guest.page.waitForFunction(`document.querySelectorAll('[role=status][aria-label]').length === 0`)
          await guest.isWell(path)
        }
        assert.equal(await guest.page.locator('html').getAttribute('dir'), lang === 'ar' ? 'rtl' : 'ltr')
        assert.deepEqual(guest.complaints, [])
        await guest.context.close()
      })
})

describe('somebody', { skip: missing }, () => {
  test('somebody goes to a screen, opens an entry and takes a file, by keyboard alone', async () => {
    const guest = await inside('en', 'light')
    const { page } = guest
    await page.goto(`${guest.origin}/app/${asha.session.workspace}`)
    await page.locator('h1').waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('audit')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor()
    await page.getByRole('button', { name: 'Joined the workspace' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 2, name: 'Joined the workspace' }).waitFor()
    assert.match(page.url(), /entry=/, 'what is open stands in the address')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.waitForURL((url) => !url.searchParams.has('entry'), { waitUntil: 'commit' })
    const file = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Take as CSV' }).focus()
    await page.keyboard.press('Enter')
    const text = readFileSync(await (await file).path(), 'utf8')
    assert.match(text, /identity\.member\.join/)
    assert.deepEqual(guest.complaints, [])
    await guest.context.close()
  })

  test('somebody is invited, and what one may not do says which permission is missing', async () => {
    const guest = await inside('en', 'light')
    const { page } = guest
    await page.goto(`${guest.origin}/app/${asha.session.workspace}/people`)
    await page.getByRole('button', { name: 'Invite somebody' }).click()
    await page.getByLabel('E-mail').fill('noor@example.com')
    await page.getByRole('checkbox', { name: /cashier/ }).check()
    await page.getByRole('button', { name: 'Send the invitation' }).click()
    await page.getByText(/An invitation is on its way to/).waitFor()
    await page.getByRole('tab', { name: 'Invitations' }).click()
    await page.getByRole('cell', { name: 'noor@example.com' }).waitFor()
    assert.deepEqual(guest.complaints, [])
    await guest.context.close()
  })
})

describe('whoever does not belong', { skip: missing }, () => {
  test('a session that was ended elsewhere leads to the door, and nothing stays on the screen', async () => {
    const guest = await inside('en', 'light')
    const { page } = guest
    await page.goto(`${guest.origin}/app/${asha.session.workspace}/people`)
    await page.locator('h1').waitFor()
    const { status } = await asha.post('/auth/sessions-end-others')
    assert.equal(status, 200)
    await page.getByRole('tab', { name: 'Invitations' }).click()
    await page.waitForURL(/\/enter/)
    await page.locator('#enter h2').waitFor()
    assert.equal(await page.getByText(asha.email).count(), 0)
    await guest.context.close()
  })

  test('a product without a shop says nothing of one', async () => {
    await using other = await world(helpdesk, 'pool', undefined, await dashboard())
    const noor = await owner(other)
    await using guest = await Guest.arrive(other, chrome)
    await guest.open()
    await guest.signIn(noor.email)
    await guest.sees('inside')
    await guest.page.goto(`${guest.origin}/app/${noor.session.workspace}/rates`)
    await guest.page.getByRole('heading', { name: WORDS.en['lost']! }).waitFor()
    const places = await guest.page.getByRole('navigation').getByRole('link').allInnerTexts()
    assert.ok(places.includes(WORDS.en['screen.audit']!))
    assert.deepEqual(
      places.filter((place) => !Object.values(WORDS.en).includes(place)),
      [],
    )
  })
})

async function inside(lang: Lang, theme: 'light' | 'dark'): Promise<Guest> {
  const guest = await Guest.arrive(here, chrome, { lang })
  await guest.open()
  await guest.signIn(asha.email)
  await guest.sees('inside')
  await guest.page.evaluate(
    ([locale, colours]) => {
      localStorage.setItem('locale', locale!)
      localStorage.setItem('theme', colours!)
    },
    [lang, theme],
  )
  return guest
}
