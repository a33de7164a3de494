import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { jeweller } from '../editions/jeweller/edition.ts'
import { world } from '../kernel/testing.ts'
import type { Side, World } from '../kernel/testing.ts'
import { dashboard } from '../web/build.ts'
import { browser, missing } from './browser.ts'
import { Clerk } from './clerk.ts'
import type { Lang } from './enter-page.ts'
import { ticketFor } from './letters.ts'
import { owner, PASSWORD, post, someAddress } from './visitors.ts'
import type { Visitor } from './visitors.ts'

/** A jeweller's counter as people meet it: a real browser, from the first rate to a paid invoice, in both languages. */
let here: World
let chrome: Browser
const owners = {} as Record<Lang, Visitor>
const SIDES: Record<Lang, Side> = { en: 'north', ar: 'south' }

before(async () => {
  if (missing) return
  here = await world(jeweller, 'pool', undefined, await dashboard())
  owners.en = await owner(here, SIDES.en)
  owners.ar = await owner(here, SIDES.ar)
  chrome = await browser()
})
after(async () => {
  await chrome?.close()
  await here?.[Symbol.asyncDispose]()
})

describe('a jeweller’s day', { skip: missing }, () => {
  for (const lang of ['en', 'ar'] as const) {
    test(`an owner goes from the first rate to a paid invoice, in ${lang}`, async () => {
      const clerk = await Clerk.arrive(here, chrome, owners[lang], lang)
      await settle(clerk)
      await setRate(clerk)
      await addCustomer(clerk)
      await addPiece(clerk)
      await sell(clerk)
      await dayAndReports(clerk)
      await clerk.leave()
    })

    test(`every screen of the shop can be read by all, in ${lang}`, async () => {
      const clerk = await Clerk.arrive(here, chrome, owners[lang], lang)
      for (const width of [1280, 360]) {
        await clerk.page.setViewportSize({ width, height: 900 })
        for (const path of await pathsOf(owners[lang])) {
          await clerk.go(path)
          await clerk.guest.isWell(`${path} at ${width}`)
        }
      }
      await clerk.leave()
    })
  }
})

describe('an invoice', { skip: missing }, () => {
  test('an invoice that is made void asks for its number and a reason, and keeps the number', async () => {
    const { id, number } = await issued(owners.en)
    const clerk = await Clerk.arrive(here, chrome, owners.en, 'en')
    const { page } = clerk
    await clerk.go(`invoices?invoice=${id}`)
    await clerk.press('invoices.void')
    const confirm = page.getByRole('dialog').getByRole('button', { name: clerk.word('invoices.void') })
    assert.equal(await confirm.getAttribute('aria-disabled'), 'true')
    await page.getByRole('dialog').getByRole('textbox').last().fill(number)
    assert.equal(await confirm.getAttribute('aria-disabled'), 'true', 'without a reason nothing happens')
    await clerk.fill('reason', 'the customer chose another piece')
    await confirm.click()
    await page
      .getByRole('strong')
      .filter({ hasText: clerk.word('paper.void') })
      .waitFor()
    await page.getByRole('heading', { level: 1, name: number }).waitFor()
    await clerk.leave()
  })

  test('an invoice fits on a sheet of A4, in both languages, without what is only for the screen', async () => {
    for (const lang of ['en', 'ar'] as const) {
      const { id } = await issued(owners[lang])
      const clerk = await Clerk.arrive(here, chrome, owners[lang], lang)
      const { page } = clerk
      await clerk.go(`invoices?invoice=${id}`)
      await page.setViewportSize(SHEET)
      await page.emulateMedia({ media: 'print' })
      const lines = page.getByRole('region', { name: clerk.word('lines') })
      await lines.getByText('Bangle').waitFor()
      const hidden_px = await lines.evaluate((region) => region.scrollWidth - region.clientWidth)
      assert.ok(hidden_px <= 0, `${lang}: ${hidden_px} pixels of the lines would be cut off`)
      await page.getByRole('button', { name: clerk.word('print') }).waitFor({ state: 'hidden' })
      await page.getByRole('navigation').waitFor({ state: 'hidden' })
      await clerk.leave()
    }
  })
})

describe('a cashier', { skip: missing }, () => {
  test('a cashier sees no cost, and of what they may not do which permission is missing', async () => {
    const boss = owners.en
    const piece = (await boss.call('shop.piece.list', {})).body.data[0]
    const cost = await boss.call('shop.cost.set', { pieceId: piece.id, currency: 'INR', costMinor: 987_654 })
    assert.equal(cost.status, 200, cost.text)
    const clerk = await Clerk.arrive(here, chrome, await cashier(boss), 'en')
    const { page } = clerk
    await clerk.go('rates')
    const set = page.getByRole('button', { name: clerk.word('rates.set') })
    assert.equal(await set.getAttribute('aria-disabled'), 'true')
    await set.click({ force: true })
    assert.equal(await page.getByRole('dialog').count(), 0)
    assert.ok((await page.getByText(/shop\.rate\.set/).count()) > 0)
    await clerk.go(`pieces?piece=${piece.id}`)
    await page.getByRole('dialog').getByText(piece.description).first().waitFor()
    assert.equal(await page.getByText(clerk.word('cost')).count(), 0)
    assert.doesNotMatch(await page.content(), /987[.,]?654|9,876\.54/)
    await clerk.open('reports')
    await page.getByText('shop.sales.list').first().waitFor()
    await clerk.leave()
  })
})

/** What a sheet holds between its margins of 14 mm, in CSS pixels. */
const SHEET = { width: 688, height: 1016 }

async function settle(clerk: Clerk) {
  await clerk.go('shop')
  await clerk.fill('settled.name', 'Lotus Lane Jewellers')
  await clerk.fill('address', '5 Lotus Lane, Kochi')
  await clerk.fill('currency', 'INR')
  await clerk.press('save')
  await clerk.hears('saved')
  for (const [component, share] of [
    ['metal', '3'],
    ['making', '٥'],
    ['stones', '3'],
  ] as const) {
    await clerk.press('taxes.set')
    await clerk.fill('name', 'GST')
    await clerk.label('taxes.of').selectOption(component)
    await clerk.fill('taxes.share', share)
    await clerk.send('taxes.set')
    await clerk.page.getByRole('cell', { name: clerk.word(`of.${component}`), exact: true }).waitFor()
  }
}

async function setRate(clerk: Clerk) {
  await clerk.go('rates')
  await clerk.press('rates.set')
  await clerk.fill('purity', '٩١٦')
  await clerk.fill('rates.gram', '11,84')
  await clerk.fill('rates.source', 'Association board')
  await clerk.send('rates.set')
  await clerk.page.getByText(clerk.word('number.wrong').split('{{')[0]!).waitFor()
  await clerk.fill('rates.gram', '11,845.00')
  await clerk.send('rates.set')
  await clerk.page.getByRole('cell', { name: '11,845.00' }).waitFor()
}

async function addCustomer(clerk: Clerk) {
  await clerk.go('customers')
  await clerk.page
    .getByRole('button', { name: clerk.word('customers.add') })
    .first()
    .click()
  await clerk.fill('name', NAME)
  await clerk.fill('phone', '+٩١ 98000 00123')
  await clerk.send('customers.add')
  await clerk.page.getByRole('heading', { level: 1, name: NAME }).waitFor()
  await clerk.page.getByText('+919800000123').waitFor()
}

const NAME = 'Lakshmi Nair'
const TAG = 'RG-0417'

async function addPiece(clerk: Clerk) {
  await clerk.go('pieces')
  await clerk.press('pieces.add')
  const dialog = clerk.page.getByRole('dialog')
  await clerk.fill('tag', 'rg-0417')
  await clerk.fill('description', 'Ring with a leaf')
  await clerk.fill('purity', '916')
  await clerk.fill('gross', '4.120')
  await clerk.fill('stone', '0.1')
  await clerk.fill('makingPiece', '4500')
  await clerk.send('pieces.add')
  await dialog.getByRole('heading', { name: 'Ring with a leaf' }).waitFor()
  await dialog.getByText('4.020').waitFor()
}

/** 4.020 g at 11,845.00 and 4,500.00 of making, with 3 % of the one and 5 % of the other. */
const TOTAL = '53,770.41'

async function sell(clerk: Clerk) {
  const { page } = clerk
  await clerk.go('invoices')
  await clerk.press('invoices.draft')
  await page.getByRole('button', { name: NAME }).click()
  await clerk.fill('tag', TAG.toLowerCase())
  await page.keyboard.press('Enter')
  await page.getByText('Ring with a leaf').waitFor()
  await clerk.press('draft.go')
  await page.locator('dl').getByText(TOTAL).first().waitFor()
  await clerk.press('invoices.issue')
  await page.getByRole('heading', { level: 1, name: /^INV\/\d{4}\/1$/ }).waitFor()
  await clerk.press('invoices.pay')
  await clerk.label('amount').fill('50,000')
  await clerk.press('pay.split')
  assert.equal(await clerk.label('amount').nth(1).inputValue(), '3770.41')
  await clerk.send('invoices.pay')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page
    .locator('dl')
    .filter({ hasText: clerk.word('due') })
    .getByText('0.00')
    .first()
    .waitFor()
  assert.equal(await page.getByRole('button', { name: clerk.word('invoices.pay') }).count(), 0)
}

async function dayAndReports(clerk: Clerk) {
  const { page } = clerk
  await clerk.go('day')
  await page.getByRole('cell', { name: /^INV\/\d{4}\/1$/ }).waitFor()
  await clerk.press('till.open')
  await clerk.fill('counter', 'front')
  await clerk.fill('till.float', '500')
  await clerk.send('till.open')
  await page.getByRole('button', { name: clerk.word('till.close') }).click()
  await clerk.fill('till.note', '100')
  await clerk.fill('till.pieces', '4')
  await clerk.send('till.close')
  await page.getByRole('dialog').getByText('−100.00').waitFor()
  await clerk.go('reports?report=sales')
  await page.getByRole('cell', { name: 'Ring with a leaf' }).waitFor()
  const file = page.waitForEvent('download')
  await clerk.press('csv')
  assert.match(readFileSync(await (await file).path(), 'utf8'), /Ring with a leaf/)
}

/** Each screen, with what can be open on it. */
async function pathsOf({ call }: Visitor): Promise<string[]> {
  const first = async (name: string) => (await call(name, {})).body.data[0].id as string
  const customer = await first('shop.customer.list')
  const piece = await first('shop.piece.list')
  const invoice = await first('shop.invoice.list')
  return [
    'rates',
    'rates?set=1',
    'rates?tab=history&metal=gold',
    'customers',
    'customers?search=nobody',
    'customers?new=1',
    `customers?customer=${customer}`,
    `customers?customer=${customer}&tab=metal`,
    `customers?customer=${customer}&tab=invoices`,
    `customers?customer=${customer}&edit=1`,
    'pieces',
    'pieces?status=out',
    'pieces?new=1',
    `pieces?piece=${piece}`,
    'invoices',
    'invoices?status=void',
    `invoices?new=1&customer=${customer}`,
    `invoices?invoice=${invoice}`,
    `invoices?invoice=${invoice}&ask=void`,
    'day',
    'day?ask=open',
    'reports',
    'reports?report=stock',
    'reports?report=taxes',
    'shop',
    'shop?set=tax',
  ]
}

async function issued({ call }: Visitor): Promise<{ id: string; number: string }> {
  const customerId = (await call('shop.customer.list', {})).body.data[0].id
  const line = { description: 'Bangle', metal: 'gold', purity: 916, weightMg: 12_480 }
  const draft = await call('shop.invoice.draft', { customerId, currency: 'INR', lines: [line] })
  const { id, series, year, number } = (await call('shop.invoice.issue', { id: draft.body.id })).body
  return { id, number: `${series}/${year}/${number}` }
}

/** Invited by the owner, as anybody who is to work here. */
async function cashier(boss: Visitor) {
  const email = someAddress()
  const told = await boss.call('identity.invitation.create', { email, roles: ['cashier'] })
  assert.equal(told.status, 200, told.text)
  const ticket = await ticketFor(here, email, 'invitation')
  const accepted = await post(here, '/auth/invitation-accept', { ticket, name: 'Ravi', password: PASSWORD })
  assert.equal(accepted.status, 200, accepted.text)
  return { email, session: boss.session }
}
