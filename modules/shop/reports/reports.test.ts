import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { world } from '#kernel/testing'
import type { Answer, World } from '#kernel/testing'
import { jeweller } from '../../../editions/jeweller/edition.ts'

/** An owner's month end: each report is held against what was done, and against the papers themselves. */
let w: World
let customerId: string
let other: string
before(async () => {
  w = await world(jeweller)
  customerId = (await does('shop.customer.create', { name: 'Farida Rahman' })).id
  other = (await does('shop.customer.create', { name: 'Arjun Menon' })).id
  await trade()
})
after(() => w[Symbol.asyncDispose]())

const call = (name: string, input: object, role = 'owner', side: 'north' | 'south' = 'north') =>
  w.as(role, side).call(name, input)
const ok = ({ status, body, text }: Answer) => {
  assert.equal(status, 200, text)
  return body
}
const does = async (name: string, input: object, role = 'owner') => ok(await call(name, input, role))
const today = new Date().toISOString().slice(0, 10)
const days = { from: today, to: today }
const inr = { ...days, currency: 'INR' }
const rows = async (noun: string, input: object, role = 'manager') =>
  (await does(`shop.${noun}.list`, input, role)).data

const ring = { description: 'Ring', metal: 'gold', purity: 916, weightMg: 1_000, rateMinor: 100_000, taxPerMille: 30 }
const sold = async (of: string, lines: object[], role = 'owner') => {
  const { id } = await does('shop.invoice.draft', { customerId: of, currency: 'INR', lines }, role)
  return await does('shop.invoice.issue', { id }, role)
}

/** Three invoices, one of them void and one partly credited; two payments, one of them void; and some metal. */
async function trade() {
  const first = await sold(customerId, [ring, { ...ring, description: 'Chain', weightMg: 2_000 }], 'cashier')
  const gone = await sold(other, [ring])
  await sold(other, [{ ...ring, discountMinor: 10_000 }])
  await does('shop.invoice.void', { id: gone.id, reason: 'billed twice' }, 'manager')
  await does('shop.credit.give', { invoiceId: first.id, positions: [1], reason: 'clasp' })
  const pay = (amountMinor: number) =>
    does('shop.payment.take', { customerId, currency: 'INR', parts: [{ way: 'cash', amountMinor }] })
  const { id } = await pay(150_000)
  await does('shop.payment.allocate', { id, invoiceId: first.id, amountMinor: 100_000 })
  await does('shop.payment.void', { id: (await pay(70)).id, reason: 'a slip' }, 'manager')
  const piece = { description: 'Ring', metal: 'gold', purity: 750, grossMg: 4_100, stoneMg: 100 }
  for (const tag of ['A', 'B']) await does('shop.piece.add', { ...piece, tag })
  await does('shop.oldgold.keep', { customerId, metal: 'gold', grossMg: 1_000, purity: 900 })
}

const byText = (one: unknown, another: unknown) => (String(one) < String(another) ? -1 : 1)

test('the day book tells everything of the day, with who did it', async () => {
  type Told = { what: string; amountMinor: number; status: string; byName: string }
  const book = (await rows('daybook', days)) as Told[]
  assert.deepEqual(book.map(({ what, amountMinor, status }) => [what, amountMinor, status]).toSorted(byText), [
    ['credit', -103_000, 'issued'],
    ['invoice', 103_000, 'void'],
    ['invoice', 309_000, 'issued'],
    ['invoice', 92_700, 'issued'],
    ['payment', 150_000, 'taken'],
    ['payment', 70, 'void'],
  ])
  assert.equal(book.filter(({ byName }) => byName === 'cashier').length, 1)
  assert.deepEqual(await rows('daybook', { from: '2026-01-01', to: '2026-01-02' }), [])
})

test('sales are what was sold less what came back, by item and by staff', async () => {
  const items = await rows('sales', inr)
  assert.deepEqual(items, [
    { ...gold, description: 'Chain', lines: 1, weightMg: 2_000, discountMinor: 0, taxableMinor: 200_000 },
    { ...gold, description: 'Ring', lines: 1, weightMg: 1_000, discountMinor: 10_000, taxableMinor: 90_000 },
  ])
  const staff = await rows('staff', inr)
  assert.deepEqual(
    staff.map(({ byName, papers, totalMinor }: Record<string, unknown>) => [byName, papers, totalMinor]),
    [
      ['cashier', 1, 309_000],
      ['owner', 2, -10_300],
    ],
  )
})
const gold = { metal: 'gold', purity: 916 }

test('what is owed, by invoice and by age, and what was paid in advance', async () => {
  const owed = (await rows('outstanding', {})) as { customerId: string; dueMinor: number; days: number }[]
  assert.deepEqual(owed.map(({ dueMinor, days: old }) => [dueMinor, old]).toSorted(byText), [
    [106_000, 0],
    [92_700, 0],
  ])
  assert.equal((await rows('outstanding', { customerId })).length, 1)
  const ages = (await rows('ageing', { currency: 'INR' })) as Record<string, number>[]
  assert.equal(ages.length, 2)
  for (const age of ages) assert.deepEqual([age['upTo30Minor'], age['olderMinor']], [age['dueMinor'], 0])
  assert.deepEqual(
    (await rows('advances', {})).map(({ leftMinor }: { leftMinor: number }) => leftMinor),
    [50_000],
  )
})

test('old debts stand where they belong', async () => {
  const { catalogue } = w.served.live.canaries[0]!.north
  const age = (by: number) =>
    catalogue(`do $$ begin
      perform set_config('app.workspace', '${w.north.place.workspace}', true);
      alter table shop.invoice disable trigger keep_final;
      update shop.invoice set issued_on = issued_on - (${by}) where customer_id = '${other}' and status = 'issued';
      alter table shop.invoice enable trigger keep_final;
    end $$`)
  const at = async (by: number, column: string) => {
    await age(by)
    const ages = (await rows('ageing', { currency: 'INR' })) as Record<string, unknown>[]
    assert.equal(ages.find((one) => one['customerId'] === other)![column], 92_700, `${by} ${column}`)
    await age(-by)
  }
  for (const [by, column] of [
    [30, 'upTo30Minor'],
    [31, 'upTo60Minor'],
    [60, 'upTo60Minor'],
    [61, 'upTo90Minor'],
    [90, 'upTo90Minor'],
    [91, 'olderMinor'],
  ] as const)
    await at(by, column)
})

test('voids and overrides name who and why', async () => {
  const told = (await rows('overrides', days)) as { what: string; reason: string; byName: string }[]
  assert.deepEqual(told.map(({ what, reason, byName }) => [what, reason, byName]).toSorted(byText), [
    ['void invoice', 'billed twice', 'manager'],
    ['void payment', 'a slip', 'manager'],
  ])
})

test('the taxes of the papers that stand, and where the metal is', async () => {
  const taxes = (await rows('taxes', inr)) as { kind: string; taxableMinor: number; taxMinor: number }[]
  assert.deepEqual(
    taxes.map(({ kind, taxableMinor, taxMinor }) => [kind, taxableMinor, taxMinor]),
    [
      ['credit', 100_000, 3_000],
      ['invoice', 390_000, 11_700],
    ],
  )
  const metal = (await rows('metalbalance', {})) as { what: string; fineMg: number }[]
  assert.deepEqual(
    metal.map(({ what, fineMg }) => [what, fineMg]),
    [
      ['owed to customers', -900],
      ['stock', 6_000],
    ],
  )
  assert.deepEqual(await rows('stock', {}), [
    { metal: 'gold', purity: 750, fromDays: 0, pieces: 2, grossMg: 8_200, netMg: 8_000, fineMg: 6_000 },
  ])
})

const REPORTS: Record<string, object> = {
  daybook: days,
  sales: inr,
  staff: inr,
  outstanding: {},
  ageing: { currency: 'INR' },
  advances: {},
  overrides: days,
  taxes: inr,
  metalbalance: {},
  stock: {},
}

test('a page at a time is the same as all at once', async () => {
  for (const [noun, input] of Object.entries(REPORTS)) {
    const all = await rows(noun, input)
    const paged: unknown[] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const { data, nextCursor } = await does(`shop.${noun}.list`, { ...input, limit: 1, ...(cursor && { cursor }) })
      paged.push(...data)
      cursor = nextCursor
    }
    assert.deepEqual(paged, all, noun)
    assert.ok(all.length > 0, noun)
  }
})

test('the file of a report has the rows of its list, in their order', async () => {
  const { north } = w.served.live.canaries[0]!
  const gone = await north.call('shop.invoice.void', { id: north.thing('issuedInvoice'), reason: 'billed twice' })
  assert.equal(gone.status, 200, gone.text)
  for (const [noun, input] of Object.entries(REPORTS)) {
    const listed = await north.call(`shop.${noun}.list`, { ...input, limit: 200 })
    const taken = await north.call(`shop.${noun}.export`, { ...input, format: 'jsonl' })
    assert.equal(taken.status, 200, taken.text)
    const lines = taken.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown)
    assert.deepEqual(lines, listed.json()['data'], noun)
    assert.ok(lines.length > 0, noun)
    const csv = await north.call(`shop.${noun}.export`, { ...input, format: 'csv' })
    assert.equal(csv.text.trimEnd().split('\r\n').length, lines.length + 1, noun)
  }
})

test('reports are for those who may see them, and hold nothing of the neighbour', async () => {
  for (const [noun, input] of Object.entries(REPORTS)) {
    assert.equal((await call(`shop.${noun}.list`, input, 'cashier')).status, 403, noun)
    assert.equal((await call(`shop.${noun}.export`, input, 'cashier')).status, 403, noun)
    assert.deepEqual(ok(await call(`shop.${noun}.list`, input, 'owner', 'south')).data, [], noun)
  }
})
