import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { helpdesk } from '../editions/helpdesk/edition.ts'
import { ask } from '../kernel/serve/live/ask.ts'
import { world } from '../kernel/testing.ts'
import type { World } from '../kernel/testing.ts'
import { browser, missing } from './browser.ts'
import { Guest } from './enter-page.ts'
import { lettersTo } from './letters.ts'
import { baseOf, PASSWORD } from './visitors.ts'

/** What our pages ask for, of whom, and what they leave behind, while somebody comes, stays and goes. */
const unavailable = { skip: missing }
let here: World
let chrome: Browser

before(async () => {
  here = await world(helpdesk)
  if (missing === false) chrome = await browser()
})
after(async () => {
  if (missing === false) await chrome.close()
  await here[Symbol.asyncDispose]()
})

const PUBLIC = ['/', '/security', '/security?lang=ar', '/enter', '/problems/not-found', '/mail']

test(
  'nothing is asked of anybody else, and nothing secret is in an address (ASVS 14.2.1, 14.2.3)',
  unavailable,
  async () => {
    await using guest = await Guest.arrive(here, chrome)
    const asked: { url: string; referer: string }[] = []
    guest.context.on('request', (request) =>
      asked.push({ url: request.url(), referer: request.headers()['referer'] ?? '' }),
    )
    const email = await guest.becomeOwner()
    await guest.press('sign-out')
    await guest.hears('signed-out')
    await guest.press('forgotten')
    await guest.fill('email', email)
    await guest.press('send')
    await guest.sees('sent')
    const { ticket } = (await lettersTo(here, email)).find(({ template }) => template === 'reset')!
    assert.ok(ticket)
    await guest.open(`#reset=${ticket}`)
    await guest.sees('reset')
    assert.equal(new URL(guest.page.url()).hash, '', 'what opens something is taken out of the address at once')
    await guest.open()
    await guest.signIn(email)
    await guest.sees('inside')
    for (const path of PUBLIC) await guest.page.goto(`${guest.origin}${path}`)
    assert.ok(asked.length > 20)
    for (const { url, referer } of asked) {
      const { origin, searchParams } = new URL(url)
      assert.equal(origin, guest.origin, url)
      const named = [...searchParams.keys()].filter((name) => name && !['lang', 'workspace'].includes(name))
      assert.deepEqual(
        named.filter((name) => !/^[0-9a-f]{12}$/.test(name)),
        [],
        url,
      )
      const told = decodeURIComponent(`${url.replace(/#.*/, '')} ${referer}`)
      for (const secret of [ticket, 'vst_', email, PASSWORD]) assert.ok(!told.includes(secret), told)
    }
  },
)

test(
  'whoever is in sees how to leave, and after it nothing of theirs is left (ASVS 7.4.4, 14.3.1, 14.3.3)',
  unavailable,
  async () => {
    for (const lang of ['en', 'ar'] as const) {
      await using guest = await Guest.arrive(here, chrome, { lang })
      await guest.becomeOwner()
      assert.ok(await guest.button('sign-out').isVisible())
      await guest.press('sign-out')
      await guest.hears('signed-out')
      assert.deepEqual(await guest.context.cookies(), [])
      const left = `Promise.all([caches.keys(), indexedDB.databases()]).then((all) =>
      [...all.flat(), ...Object.values(localStorage), ...Object.values(sessionStorage)])`
      assert.deepEqual(await guest.page.evaluate(left), [])
      await guest.page.goBack()
      assert.equal(await guest.button('sign-out').count(), 0, 'the way back leads to nothing')
    }
  },
)

test('our scripts speak with no other window, and need nothing that browsers gave up (ASVS 3.5.5, 3.7.1)', async () => {
  const script = (await ask(baseOf(here), '/enter.js')).text
  assert.ok(script.length > 10_000)
  for (const pattern of [BETWEEN_WINDOWS, GIVEN_UP]) assert.doesNotMatch(script, pattern)
  for (const path of PUBLIC) {
    const { text } = await ask(baseOf(here), path)
    for (const pattern of FOREIGN) assert.doesNotMatch(text, pattern, path)
  }
})

const BETWEEN_WINDOWS =
  /\bpostMessage\b|['"]message['"]|MessageChannel|BroadcastChannel|window\.(?:open|opener|parent)\b/
const GIVEN_UP = /document\.(?:domain|write|cookie)|\beval\(|new Function|innerHTML|outerHTML|importScripts/
/** Handlers and scripts inside the page, what opens another document in it, and an address that is a script. */
const FOREIGN = [
  /<[^>]*\son[a-z]+=/i,
  /<script(?![^>]* src="\/)/i,
  /<(?:object|embed|applet|iframe|frame|portal)\b/i,
  /="\s*javascript:/i,
]
