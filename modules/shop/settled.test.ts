import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { world } from '#kernel/testing'
import type { Answer, World } from '#kernel/testing'
import { jeweller } from '../../editions/jeweller/edition.ts'

/** What a shop settles from a day on, and what a paper of a day makes of it. */
let w: World
let customerId: string
before(async () => {
  w = await world(jeweller)
  customerId = ok(await call('shop.customer.create', { name: 'Farida Rahman' })).id
})
after(() => w[Symbol.asyncDispose]())

const call = (name: string, input: object, role = 'owner') => w.as(role).call(name, input)
const ok = ({ status, body, text }: Answer) => {
  assert.equal(status, 200, text)
  return body
}
const refused = ({ status, body }: Answer, code: string) => assert.deepEqual([status, body.code], [409, code])

const shop = {
  name: 'Lotus Lane',
  address: '5 Lotus Lane',
  taxNumber: null,
  currency: 'INR',
  yearStartsIn: 1,
  roundOffMinor: 1,
  pricesIncludeTax: false,
  discountLimitPerMille: null,
  estimateDays: 7,
}
const settle = async (effectiveOn: string, more: object = {}) =>
  ok(await call('shop.setting.set', { ...shop, effectiveOn, ...more }))
const settleTax = async (component: string, name: string, perMillion: number, more: object = {}) =>
  ok(
    await call('shop.tax.set', {
      effectiveOn: '2026-01-01',
      component,
      name,
      perMillion,
      place: 'within',
      code: '7113',
      ...more,
    }),
  )
const ring = {
  description: 'Ring',
  metal: 'gold',
  purity: 916,
  weightMg: 10_000,
  rateMinor: 1_000_000,
  makingMinor: 555_555,
}
const draft = (more: object = {}) => call('shop.invoice.draft', { customerId, currency: 'INR', lines: [ring], ...more })
const drafted = async (more: object = {}) => {
  const { id } = ok(await draft(more))
  return ok(await call('shop.invoice.get', { id }))
}

test('the last thing said for a day counts, and what begins later does not yet', async () => {
  assert.equal((await call('shop.setting.current', {})).status, 404)
  await settle('2026-02-01', { name: 'First' })
  await settle('2026-03-01', { name: 'Second' })
  await settle('2026-02-01', { name: 'Corrected' })
  await settle('2999-01-01', { name: 'Far away' })
  const named = async (on?: string) => ok(await call('shop.setting.current', on ? { on } : {})).name
  assert.equal(await named(), 'Second')
  assert.equal(await named('2026-02-15'), 'Corrected')
  assert.equal((await call('shop.setting.current', { on: '2026-01-31' })).status, 404)
  assert.equal(ok(await call('shop.setting.list', {})).data.length, 4)
})

test('a paper is taxed by the parts of its lines, by two taxes at home and one across the border', async () => {
  refused(await draft(), 'tax_not_set')
  for (const part of ['metal', 'making', 'stones']) {
    for (const name of ['CGST', 'SGST']) await settleTax(part, name, part === 'making' ? 25_000 : 15_000)
    await settleTax(part, 'IGST', part === 'making' ? 50_000 : 30_000, { place: 'across' })
  }
  const within = await drafted()
  assert.deepEqual(
    within.taxes.map(({ component, name, taxableMinor, taxMinor }: Record<string, unknown>) => [
      component,
      name,
      taxableMinor,
      taxMinor,
    ]),
    [
      ['metal', 'CGST', 10_000_000, 150_000],
      ['metal', 'SGST', 10_000_000, 150_000],
      ['making', 'CGST', 555_555, 13_889],
      ['making', 'SGST', 555_555, 13_889],
    ],
  )
  assert.equal(within.totalMinor, 10_555_555 + 327_778)
  const across = await drafted({ place: 'across' })
  assert.deepEqual([across.place, across.taxMinor], ['across', 327_778])
  ok(await call('shop.invoice.issue', { id: across.id }))
})

test('a later tax changes the next paper and no earlier one', async () => {
  const before = await drafted()
  await settleTax('metal', 'CGST', 20_000, { effectiveOn: '2026-03-01' })
  await settleTax('metal', 'CGST', 90_000, { effectiveOn: '2999-01-01' })
  assert.deepEqual(ok(await call('shop.invoice.get', { id: before.id })), before)
  assert.equal((await drafted()).taxMinor, before.taxMinor + 50_000)
  const inEffect = ok(await call('shop.tax.current', { place: 'within' })) as {
    component: string
    perMillion: number
  }[]
  assert.equal(inEffect.filter(({ component }) => component === 'metal').length, 2)
  assert.ok(!inEffect.some(({ perMillion }) => perMillion === 90_000))
})

test('prices may include the tax, totals are rounded to coins, and issuing checks the sums', async () => {
  await settle('2026-03-02', { pricesIncludeTax: true, roundOffMinor: 100 })
  const { id, ...included } = await drafted()
  assert.equal(included.taxableMinor + included.taxMinor, 10_555_555)
  assert.deepEqual([included.totalMinor, included.roundOffMinor], [10_555_600, 45])
  assert.equal(ok(await call('shop.invoice.issue', { id })).totalMinor, 10_555_600)
  const plain = await drafted({ pricesIncludeTax: false })
  assert.equal(plain.taxableMinor, 10_555_555)
})

test('numbers count within the shop’s own year', async () => {
  const today = new Date().toISOString().slice(0, 10)
  const [year, month] = today.split('-').map(Number) as [number, number]
  const issue = async () => ok(await call('shop.invoice.issue', { id: (await drafted({ series: 'FY' })).id }))
  await settle('2026-03-03', { yearStartsIn: month })
  assert.deepEqual([(await issue()).year, (await issue()).number], [year, 2])
  // A year that begins next month is still last year's; in December there is no later month to begin in.
  if (month === 12) return
  await settle('2026-03-03', { yearStartsIn: month + 1 })
  const issued = await issue()
  assert.deepEqual([issued.year, issued.number], [year - 1, 1])
})

test('a cashier sees what is settled and settles nothing', async () => {
  ok(await call('shop.setting.current', {}, 'cashier'))
  ok(await call('shop.tax.current', {}, 'cashier'))
  const setting = { ...shop, effectiveOn: '2026-03-04' }
  assert.equal((await call('shop.setting.set', setting, 'cashier')).status, 403)
  const tax = {
    effectiveOn: '2026-03-04',
    component: 'metal',
    place: 'within',
    name: 'CGST',
    code: null,
    perMillion: 0,
  }
  assert.equal((await call('shop.tax.set', tax, 'cashier')).status, 403)
})
