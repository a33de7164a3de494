import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { helpdesk } from '../editions/helpdesk/edition.ts'
import { world } from '../kernel/testing.ts'
import type { World } from '../kernel/testing.ts'
import { browser, missing } from './browser.ts'
import { Guest } from './enter-page.ts'
import { ticketFor } from './letters.ts'
import { sql } from './people.ts'
import { owner, PASSWORD, post, signIn, someAddress } from './visitors.ts'

/** What links in letters do in a real browser, and what pages of strangers do not. */
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

const FRESH = 'nine slow kettles on a ferry'

test(
  'a link that is opened sends nothing, and is gone from the address and the history (rows 18, 19)',
  unavailable,
  async () => {
    await using guest = await Guest.arrive(here, chrome)
    const sent: string[] = []
    guest.page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`))
    const ticket = `vst_${'A'.repeat(65)}`
    for (const kind of ['owner', 'link', 'invitation', 'reset', 'address', 'sign-up']) {
      // Elsewhere first: the same page with another fragment is not loaded anew.
      await guest.page.goto('about:blank')
      await guest.open(`#${kind}=${ticket}`)
      await guest.page.locator('#enter button').first().waitFor()
      assert.equal(await guest.page.evaluate('location.hash'), '')
      await guest.isWell(kind)
    }
    assert.deepEqual(
      [...new Set(sent)].filter(
        (one) => !/^GET \/(?:enter(?:\.js|\.css|\.json)?|security\.css|favicon\.ico)$/.test(one),
      ),
      [],
    )
    await guest.open(`#owner=${ticket}`)
    await guest.page.evaluate(`location.hash = 'reset=${ticket}'`)
    await guest.sees('reset')
    const cdp = await guest.context.newCDPSession(guest.page)
    const { entries } = await cdp.send('Page.getNavigationHistory')
    assert.ok(
      entries.every(({ url }) => !url.includes('vst_')),
      JSON.stringify(entries),
    )
  },
)

test('whoever changes the language does not lose what they came with', unavailable, async () => {
  await using guest = await Guest.arrive(here, chrome)
  await guest.open(`#reset=vst_${'A'.repeat(65)}`)
  await guest.page.getByRole('link', { name: 'العربية' }).click()
  await guest.page.getByRole('heading', { name: 'اختر كلمة مرور جديدة' }).waitFor()
  assert.equal(await guest.page.evaluate('location.hash'), '')
})

test(
  'a link by e-mail lets in the browser that asked for it, and no other (ASVS 6.6.2, 6.6.3)',
  unavailable,
  async () => {
    const { email } = await owner(here)
    await using guest = await Guest.arrive(here, chrome)
    await using stranger = await Guest.arrive(here, chrome)
    await guest.open()
    await guest.press('with.link')
    await guest.fill('email', email)
    await guest.press('send')
    await guest.sees('sent')
    const hash = `#link=${await ticketFor(here, email, 'sign-in-link')}`
    await stranger.open(hash)
    await stranger.hears('link.elsewhere')
    const tab = await guest.tab()
    await tab.open(hash)
    await tab.hears('link.why')
    await tab.press('go')
    await tab.sees('inside')
  },
)

test(
  'a forgotten password is replaced with a link, and does not let in by itself (ASVS 6.4.3)',
  unavailable,
  async () => {
    const { email } = await owner(here)
    await using guest = await Guest.arrive(here, chrome)
    await guest.open()
    await guest.press('forgotten')
    await guest.fill('email', email)
    await guest.press('send')
    await guest.sees('sent')
    await guest.open(`#reset=${await ticketFor(here, email, 'reset')}`, '&again=1')
    await guest.fill('password.new', FRESH)
    await guest.press('reset.press')
    await guest.hears('reset.done')
    assert.deepEqual(await guest.context.cookies(), [])
    await guest.signIn(email, FRESH)
    await guest.sees('inside')
  },
)

test('somebody new accepts an invitation, and somebody known is in two workspaces then', unavailable, async () => {
  const inviter = await owner(here, 'south')
  const known = await owner(here, 'north')
  const email = someAddress()
  for (const to of [email, known.email]) {
    const told = await inviter.call('identity.invitation.create', { email: to, roles: ['agent'] })
    assert.equal(told.status, 200, told.text)
  }
  await using guest = await Guest.arrive(here, chrome)
  await guest.open(`#invitation=${await ticketFor(here, email, 'invitation')}`)
  await guest.press('invitation.open')
  await guest.hears('invitation.new')
  await guest.isWell('an invitation')
  await guest.fill('name', 'Noor')
  await guest.fill('password.new', PASSWORD)
  await guest.press('invitation.press')
  await guest.sees('inside')
  await guest.page.getByText('South').waitFor()

  await using second = await Guest.arrive(here, chrome)
  await second.open(`#invitation=${await ticketFor(here, known.email, 'invitation')}`)
  await second.press('invitation.open')
  await second.fill('password', PASSWORD)
  await second.press('invitation.press')
  await second.sees('inside')
  await second.press('sign-out')
  await second.hears('signed-out')
  await second.page.goto('about:blank')
  await second.open()
  await second.signIn(known.email)
  await second.sees('choose')
  await second.isWell('choosing')
  await second.page.getByRole('button', { name: 'North' }).click()
  await second.sees('inside')
  assert.match(second.page.url(), new RegExp(here.north.place.workspace))
  await second.page.getByRole('button', { name: 'South' }).click()
  await second.hears('switched')
  assert.match(second.page.url(), new RegExp(here.south.place.workspace))
})

test('a stranger opens a workspace of their own where the edition lets them', unavailable, async () => {
  await using guest = await Guest.arrive(here, chrome)
  const email = someAddress()
  await guest.open()
  await guest.press('sign-up')
  await guest.fill('email', email)
  await guest.press('send')
  await guest.sees('sent')
  await guest.open(`#sign-up=${await ticketFor(here, email, 'confirm-address')}`, '&again=1')
  await guest.fill('workspace.name', 'Ashgrove')
  await guest.fill('name', 'Noor')
  await guest.fill('password.new', PASSWORD)
  await guest.press('sign-up.press')
  await guest.sees('inside')
  await guest.page.getByText('Ashgrove').waitFor()
})

test('another address counts when its mailbox and its session have both been shown', unavailable, async () => {
  await using guest = await Guest.arrive(here, chrome)
  const email = await guest.becomeOwner()
  const next = someAddress()
  await guest.press('address.change')
  await guest.fill('email.new', next)
  await guest.press('send')
  await guest.sees('inside')
  const hash = `#address=${await ticketFor(here, next, 'confirm-address')}`
  await using elsewhere = await Guest.arrive(here, chrome)
  await elsewhere.open(hash)
  await elsewhere.press('address.press')
  await elsewhere.hears('address.sign-in')
  await elsewhere.signIn(email)
  await elsewhere.sees('address')
  await elsewhere.press('address.press')
  await elsewhere.hears('address.done')
  await elsewhere.page.getByText(next).waitFor()
  assert.equal((await signIn(here, email)).status, 401)
  assert.equal((await signIn(here, next)).status, 200)
})

test(
  'a page of another site, or of another port, does nothing with a visitor’s cookies (helpdesk-7.4, ASVS 3.5.1, 3.5.3)',
  unavailable,
  async () => {
    await using guest = await Guest.arrive(here, chrome)
    const email = await guest.becomeOwner()
    const { workspace } = here.north.place
    const before = await done(here)
    const server = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end('<title>A</title>'),
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const answers: string[] = []
    const listen = ({ method, url }: IncomingMessage, response: ServerResponse) =>
      response.once('finish', () => answers.push(`${response.statusCode} ${method} ${url}`))
    here.served.listening.plain.on('request', listen)
    const page = await guest.context.newPage()
    for (const host of ['localhost', '127.0.0.1', 'elsewhere.localhost']) {
      const stranger = `http://${host}:${port}/`
      await page.goto(stranger)
      for (const path of ['/auth/sign-out', '/auth/refresh', '/auth/profile-change', '/v1/identity.workspace.update'])
        await fetchFrom(page, `${guest.origin}${path}`, { name: 'Theirs', locale: 'en' }, workspace)
      await fetchFrom(page, `${guest.origin}/auth/sign-in`, { email, password: PASSWORD, keep: 'cookie' }, workspace)
      for (const path of ['/auth/sign-out', '/auth/sign-in', '/v1/identity.workspace.update']) {
        await page.goto(stranger)
        await postFrom(page, `${guest.origin}${path}`)
      }
    }
    server.close()
    here.served.listening.plain.off('request', listen)
    const posts = answers.filter((answer) => answer.includes(' POST '))
    assert.ok(posts.length >= 3 * 13, `they did arrive: ${posts.length}`)
    const heard = posts.filter((answer) => !/^4\d\d /.test(answer))
    assert.deepEqual(heard, [])
    assert.deepEqual(await done(here), before)
    await guest.page.reload()
    await guest.sees('inside')
    assert.equal((await guest.context.cookies()).length, 2)
    assert.equal((await post(here, '/auth/sign-in', { email, password: PASSWORD })).status, 200, 'it is a good sign-in')
  },
)

/** In every manner that a script has; none may read an answer. */
async function fetchFrom(page: Page, url: string, body: object, workspace: string) {
  const text = JSON.stringify(body)
  const manners = [
    { mode: 'cors', headers: { 'content-type': 'application/json', 'vouchsafe-workspace': workspace } },
    { mode: 'cors', headers: { 'content-type': 'text/plain' } },
    { mode: 'no-cors', headers: { 'content-type': 'text/plain' } },
  ]
  for (const manner of manners) {
    const asked = JSON.stringify({ method: 'POST', credentials: 'include', body: text, ...manner })
    const told = `fetch(${JSON.stringify(url)}, ${asked}).then((answer) => answer.text(), () => '')`
    assert.equal(await page.evaluate<string>(told), '', `${url} was read from ${page.url()}`)
  }
}

/** As a form that a visitor never sees: the text of its only field reads as JSON. */
async function postFrom(page: Page, url: string) {
  await page.evaluate(`(() => {
    const form = document.createElement('form')
    Object.assign(form, { method: 'post', enctype: 'text/plain', action: ${JSON.stringify(url)} })
    const field = document.createElement('input')
    field.name = '{"padding":"'
    field.value = '"}'
    form.append(field)
    document.body.append(form)
    form.submit()
  })()`)
  await page.waitForURL(url)
}

/** What was done; refusals and what is unusual may be told of at any moment. */
const done = (here: World) =>
  sql(here)(`select count(*)::int as entries from audit.entry where outcome = 'done' and action not like 'audit.%'`)
