import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { jeweller } from '../editions/jeweller/edition.ts'
import { world } from '../kernel/testing.ts'
import type { World } from '../kernel/testing.ts'
import { browser, missing } from './browser.ts'

/** Markup that somebody got into a page of ours, in a real browser: what the policy says is what happens. */
const unavailable = { skip: missing }
let here: World
let chrome: Browser
const asked: string[] = []
const elsewhere = createServer((request, reply) => {
  asked.push(request.url!)
  reply.writeHead(200, { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' }).end('window.hit = 1')
})

before(async () => {
  if (missing !== false) return
  await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
  here = await world(jeweller)
  chrome = await browser()
})
after(async () => {
  if (missing !== false) return
  await chrome.close()
  elsewhere.close()
  await here[Symbol.asyncDispose]()
})

/** Opens our page with that markup at its end, under the headers with which we sent it. */
async function visit(markup: string, look: (page: Page) => Promise<void>) {
  const context = await chrome.newContext()
  try {
    const page = await context.newPage()
    await page.route('**/security', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replace('</body>', `${markup}</body>`) })
    })
    await page.goto(`http://localhost:${here.served.listening.port}/security`, { waitUntil: 'load' })
    await look(page)
  } finally {
    await context.close()
  }
}

const hit = (page: Page) => page.evaluate<boolean>(`'hit' in window`)
const there = () => `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`

test('no injected markup runs, loads or sends anything (ASVS 3.4.3)', unavailable, async () => {
  const injections: Record<string, string> = {
    'a script': '<script>window.hit = 1</script>',
    'a script with a guessed nonce': '<script nonce="a">window.hit = 1</script>',
    'a script of elsewhere': `<script src="${there()}/script"></script>`,
    'a module of elsewhere': `<script type="module" src="${there()}/module"></script>`,
    'a script of data': '<script src="data:text/javascript,window.hit=1"></script>',
    'an answer of ours as a script': '<script src="/robots.txt"></script>',
    'a handler': '<img src="data:," onerror="window.hit = 1">',
    'a picture that tells': `<img src="${there()}/picture">`,
    'a style that tells': `<style>body { background: url(${there()}/style) }</style>`,
    'a sheet of elsewhere': `<link rel="stylesheet" href="${there()}/sheet">`,
    'a frame': `<iframe src="${there()}/frame"></iframe>`,
    'a frame of its own': '<iframe srcdoc="<script>parent.hit = 1</script>"></iframe>',
    'a plugin': `<object data="${there()}/object"></object>`,
    'another base': `<base href="${there()}/"><link rel="stylesheet" href="based">`,
    'a form that sends itself': `<form action="${there()}/form"></form>`,
  }
  for (const [what, markup] of Object.entries(injections))
    await visit(markup, async (page) => {
      await page.evaluate('document.forms[0]?.submit()')
      assert.equal(await hit(page), false, what)
      assert.match(page.url(), /\/security$/, what)
    })
  assert.deepEqual(asked, [])
})

/** Each way from text to code that a browser has, and what became of it. */
const TRY_ALL = `
  const script = 'window.hit = 1'
  const markup = '<img src="data:," onerror="' + script + '">'
  const ways = [
    () => (document.body.innerHTML = markup),
    () => (document.querySelector('main').outerHTML = markup),
    () => document.body.insertAdjacentHTML('beforeend', markup),
    () => document.write(markup),
    () => (document.createElement('iframe').srcdoc = markup),
    () => (document.createElement('script').text = script),
    () => (document.createElement('script').src = '/robots.txt'),
    () => document.body.setAttribute('onclick', script),
    () => trustedTypes.createPolicy('default', { createHTML: (text) => text }),
    () => trustedTypes.createPolicy('any', { createScript: (text) => text }),
  ]
  ways.map((way) => {
    try {
      way()
      return 'went through: ' + way
    } catch (error) {
      return error.name
    }
  })`

test('text does not become code, even where a script of ours would make it so', unavailable, async () => {
  await visit('', async (page) => {
    const refused = await page.evaluate<string[]>(TRY_ALL)
    for (const said of refused) assert.match(said, /^TypeError$/)
    assert.equal(await hit(page), false)
  })
})
