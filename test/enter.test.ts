import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { helpdesk } from '../editions/helpdesk/edition.ts'
import { suite } from '../editions/suite/edition.ts'
import { world } from '../kernel/testing.ts'
import type { World } from '../kernel/testing.ts'
import problemsAr from '../kernel/serve/locales/ar.json' with { type: 'json' }
import problemsEn from '../kernel/serve/locales/en.json' with { type: 'json' }
import { browser, missing } from './browser.ts'
import { Guest } from './enter-page.ts'
import { sql } from './people.ts'
import { owner, PASSWORD, shown, signIn } from './visitors.ts'

/** Coming in, staying in and leaving, in a real browser. */
const unavailable = { skip: missing }
const problems = { en: problemsEn, ar: problemsAr }
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

/** Sets one up, and forgets that its code was used, so that it may be shown again. One step late is early enough. */
async function addApp(guest: Guest): Promise<{ secret: string; codes: string[] }> {
  await guest.press('app.add')
  await guest.sees('app.add')
  const secret = (await guest.page.locator('.secret code').innerText()).replaceAll(' ', '')
  const codes = await guest.page.locator('.codes li').allInnerTexts()
  await guest.fill('code.totp', shown(secret))
  await guest.fill('kept', codes[0]!)
  await guest.press('app.press')
  await guest.hears('app.added')
  await sql(guest.here)('update identity.factor set last_step = 0')
  return { secret, codes }
}

for (const [lang, colorScheme, width] of [
  ['en', 'light', 1280],
  ['ar', 'dark', 320],
  ['en', 'dark', 320],
  ['ar', 'light', 1280],
] as const)
  test(
    `from the owner's link to a second factor and back, in ${lang}, ${colorScheme}, ${width} wide`,
    unavailable,
    async () => {
      await using guest = await Guest.arrive(here, chrome, { lang, colorScheme, viewport: { width, height: 800 } })
      const { page } = guest
      await guest.open()
      assert.equal(await page.locator('html').getAttribute('dir'), lang === 'ar' ? 'rtl' : 'ltr')
      await guest.isWell('signing in')
      const email = await guest.becomeOwner()
      await guest.isWell('inside')
      await guest.press('app.add')
      await guest.sees('app.add')
      await guest.isWell('an app')
      await guest.press('app.press')
      assert.equal(await page.locator('[aria-invalid]').count(), 2)
      assert.equal(await page.evaluate('document.activeElement.name'), 'code', 'the first that is wrong has the focus')
      await guest.isWell('what is missing')
      await guest.press('cancel')
      await guest.sees('inside')
      const { secret, codes } = await addApp(guest)
      await guest.press('sign-out')
      await guest.hears('signed-out')
      assert.deepEqual(await guest.context.cookies(), [])
      await guest.signIn(email, 'not the password')
      assert.ok((await guest.trouble()).startsWith(problems[lang]['sign-in-failed'].title))
      await guest.isWell('a wrong password')
      await guest.signIn(email)
      await guest.sees('factor')
      await guest.fill('code.totp', '000000')
      await guest.press('go')
      assert.ok((await guest.trouble()).startsWith(problems[lang]['wrong-code'].title))
      await guest.isWell('a wrong code')
      await guest.press('use.recovery')
      await guest.fill('code.recovery', codes[1]!)
      await guest.press('use.totp')
      await guest.fill('code.totp', shown(secret))
      await guest.press('go')
      await guest.sees('inside')
    },
  )

test(
  'a password that will not do is told beside its field, and the field has the focus (ASVS 6.2.1)',
  unavailable,
  async () => {
    await using guest = await Guest.arrive(here, chrome)
    await guest.becomeOwner()
    await guest.press('password.change')
    await guest.fill('password.present', PASSWORD)
    await guest.fill('password.new', 'short')
    await guest.press('save')
    const wrong = guest.page.locator('.wrong:not(:empty)')
    assert.ok((await wrong.innerText()).startsWith(problemsEn['password_too_short'].title))
    assert.equal(await guest.page.evaluate('document.activeElement.name'), 'password')
    await guest.isWell('a short password')
  },
)

test(
  'passwords may be pasted and looked at, and password managers know which is which (ASVS 6.2.6, 6.2.7)',
  unavailable,
  async () => {
    await using guest = await Guest.arrive(here, chrome, { permissions: ['clipboard-read', 'clipboard-write'] })
    await guest.open()
    const [email, password] = [guest.field('email'), guest.field('password')]
    assert.equal(await email.getAttribute('autocomplete'), 'username')
    assert.equal(await password.getAttribute('autocomplete'), 'current-password')
    assert.equal(await password.getAttribute('type'), 'password')
    await guest.page.evaluate(`navigator.clipboard.writeText('pasted from elsewhere')`)
    await password.focus()
    await guest.page.keyboard.press('ControlOrMeta+V')
    assert.equal(await password.inputValue(), 'pasted from elsewhere')
    await guest.page.getByRole('button', { name: 'Show Password' }).press('Space')
    assert.equal(await password.getAttribute('type'), 'text')
    await guest.open('#owner=vst_x')
    assert.equal(await guest.field('password.new').getAttribute('autocomplete'), 'new-password')
  },
)

test('the keyboard is enough, and the view that comes next has the focus', unavailable, async () => {
  await using guest = await Guest.arrive(here, chrome)
  const { email } = await owner(here)
  const { keyboard } = guest.page
  await guest.open()
  const focused = () => guest.page.evaluate<string>('document.activeElement.textContent || document.activeElement.name')
  await keyboard.press('Tab')
  assert.equal(await focused(), 'email')
  await keyboard.type(email)
  await keyboard.press('Tab')
  await keyboard.type(PASSWORD)
  await keyboard.press('Enter')
  await guest.sees('inside')
  assert.match(await focused(), /^You are in/)
  for (let steps = 0; (await focused()) !== guest.word('sign-out') && steps < 30; steps++) await keyboard.press('Tab')
  await keyboard.press('Enter')
  await guest.hears('signed-out')
})

test('a passkey is added, and is all that is needed to come in (ASVS 6.3.3)', unavailable, async () => {
  await using guest = await Guest.arrive(here, chrome)
  const cdp = await guest.context.newCDPSession(guest.page)
  await cdp.send('WebAuthn.enable')
  const kind = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true } as const
  await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { ...kind, isUserVerified: true } })
  const email = await guest.becomeOwner()
  await guest.press('passkey.add')
  await guest.fill('passkey.name', 'Work laptop')
  await guest.press('passkey.press')
  await guest.hears('passkey.added')
  await guest.page.getByText('Work laptop').waitFor()
  await guest.isWell('a passkey')
  await guest.press('sign-out')
  await guest.hears('signed-out')
  await guest.press('with.passkey')
  await guest.sees('inside')
  await guest.press('sign-out')
  await guest.hears('signed-out')
  await guest.signIn(email)
  await guest.sees('factor')
  await guest.press('use.passkey')
  await guest.sees('inside')
})

test(
  'cookies are out of reach of scripts, and nothing else is kept but ids (ASVS 3.3.1, 3.3.2, 3.3.4, 14.3.3)',
  unavailable,
  async () => {
    await using guest = await Guest.arrive(here, chrome)
    await guest.becomeOwner()
    const cookies = await guest.context.cookies()
    assert.deepEqual(cookies.map(({ name }) => name.slice(0, 9)).toSorted(), ['__Host-a-', '__Host-r-'])
    for (const { httpOnly, secure, sameSite, path } of cookies)
      assert.deepEqual(
        { httpOnly, secure, sameSite, path },
        { httpOnly: true, secure: true, sameSite: 'Lax', path: '/' },
      )
    assert.equal(await guest.page.evaluate('document.cookie'), '')
    const kept = await guest.page.evaluate('[...Object.values(localStorage), ...Object.values(sessionStorage)]')
    assert.deepEqual(kept, [here.north.place.workspace])
  },
)

test(
  'two tabs find the short half of the session gone at once, and both go on (ASVS 7.4.1, row 13)',
  unavailable,
  async () => {
    await using guest = await Guest.arrive(here, chrome)
    await guest.becomeOwner()
    const other = await guest.tab()
    await other.open()
    await other.sees('inside')
    await guest.context.clearCookies({ name: /^__Host-a-/ })
    await Promise.all([guest.press('profile'), other.press('profile')])
    await Promise.all([guest.press('save'), other.press('save')])
    await Promise.all([guest.hears('saved'), other.hears('saved')])
    await guest.context.clearCookies()
    await guest.press('profile')
    await guest.press('save')
    await guest.hears('session-over')
  },
)

test(
  'sessions are seen and ended, and what deserves it is asked for once more (ASVS 7.5.2, 7.5.3)',
  unavailable,
  async () => {
    await using guest = await Guest.arrive(here, chrome)
    const email = await guest.becomeOwner()
    const elsewhere = (await signIn(here, email)).body.session as { accessToken: string }
    const reaches = async () => {
      const headers = { authorization: `Bearer ${elsewhere.accessToken}` }
      return (await fetch(`${guest.origin}/v1/identity.workspace.get`, { headers })).status
    }
    await guest.page.reload()
    await guest.sees('inside')
    await sql(here)(`update identity.session set proved_at = now() - interval '1 day'`)
    await sql(here)(`update identity.epoch set n = n + 1`)
    assert.equal(await reaches(), 200)
    await guest.press('session.end')
    const dialog = guest.page.getByRole('dialog')
    await dialog.waitFor()
    await guest.isWell('once more')
    await guest.page.keyboard.press('Escape')
    assert.match(await guest.trouble(), /once more/)
    await guest.press('session.end')
    await guest.fill('password', PASSWORD)
    await dialog.getByRole('button', { name: guest.word('go') }).click()
    await guest.hears('session.ended')
    assert.equal(await reaches(), 401)
  },
)

test('who owes a second factor sees how to add one and nothing else, until there is one', unavailable, async () => {
  await using other = await world(suite)
  await using guest = await Guest.arrive(other, chrome)
  await guest.becomeOwner()
  await guest.hears('required')
  assert.equal(await guest.button('password.change').count(), 0)
  await guest.isWell('what is owed')
  await addApp(guest)
  await guest.button('password.change').waitFor()
  assert.equal(await guest.page.getByText(guest.word('required')).count(), 0)
})
