import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { world } from '#kernel/testing'
import type { Answer, World } from '#kernel/testing'

import { jeweller } from '../../editions/jeweller/edition.ts'
import { FAULTS } from './ledgers/books.ts'

/** What customers owe, after whatever happened and however much of it at once: the entries are the balance. */
let w: World
before(async () => {
  w = await world(jeweller)
})
after(() => w[Symbol.asyncDispose]())

const call = (name: string, input: object, role = 'owner', side: 'north' | 'south' = 'north') =>
  w.as(role, side).call(name, input)
const ok = ({ status, body, text }: Answer) => {
  assert.equal(status, 200, text)
  return body
}
const refused = ({ status, body }: Answer, code: string) => assert.deepEqual([status, body.code], [409, code])
const does = async (name: string, input: object, role = 'owner') => ok(await call(name, input, role))

const customer = async () => (await does('shop.customer.create', { name: 'Farida Rahman' })).id as string
const work = (makingMinor: number) => ({
  description: 'Work',
  metal: 'gold',
  purity: 916,
  weightMg: 0,
  rateMinor: 1,
  makingMinor,
  taxPerMille: 0,
})
async function issued(customerId: string, ...amounts: number[]): Promise<string> {
  const { id } = await does('shop.invoice.draft', { customerId, currency: 'INR', lines: amounts.map(work) })
  return (await does('shop.invoice.issue', { id })).id
}
const cash = (amountMinor: number, way = 'cash') => ({ way, amountMinor })
const paying = (customerId: string, amountMinor: number, more: object = {}) => ({
  customerId,
  currency: 'INR',
  parts: [cash(amountMinor)],
  ...more,
})
const balance = async (customerId: string) =>
  (await does('shop.ledger.balance', { customerId })).money[0]?.balanceMinor ?? 0
const invoiceOf = (id: string) => does('shop.invoice.get', { id })
const paymentOf = (id: string) => does('shop.payment.get', { id })

test('a payment is split over ways and used for invoices; too much of it is refused, and the rest stays', async () => {
  const customerId = await customer()
  const [one, other] = [await issued(customerId, 10_000), await issued(customerId, 5_000)]
  assert.equal(await balance(customerId), 15_000)
  const parts = [cash(6_000), cash(4_000, 'card'), cash(3_000, 'upi'), cash(1_000, 'bank')]
  const allocations = [
    { invoiceId: one, amountMinor: 10_000 },
    { invoiceId: other, amountMinor: 3_000 },
  ]
  const payment = await does('shop.payment.take', { ...paying(customerId, 1), parts, allocations }, 'cashier')
  assert.deepEqual([payment.totalMinor, payment.allocatedMinor], [14_000, 13_000])
  assert.equal(await balance(customerId), 1_000)
  const more = (amountMinor: number) =>
    call('shop.payment.allocate', { id: payment.id, invoiceId: other, amountMinor }, 'cashier')
  refused(await more(1_001), 'payment_overspent')
  refused(await call('shop.payment.allocate', { id: payment.id, invoiceId: one, amountMinor: 1 }), 'invoice_overpaid')
  ok(await more(1_000))
  assert.equal((await invoiceOf(other)).settledMinor, 4_000)
  const whole = await paymentOf(payment.id)
  assert.deepEqual([whole.parts.length, whole.allocations.length], [4, 3])
  await soundBooks()
})

test('what is refused leaves neither an entry nor a number behind', async () => {
  const [customerId, stranger] = [await customer(), await customer()]
  const invoiceId = await issued(customerId, 5_000)
  const theirs = await issued(stranger, 5_000)
  const before = await does('shop.payment.take', paying(customerId, 100))
  const take = (more: object) => call('shop.payment.take', paying(customerId, 6_000, more))
  refused(await take({ allocations: [{ invoiceId, amountMinor: 5_001 }] }), 'invoice_overpaid')
  refused(await take({ allocations: [{ invoiceId: theirs, amountMinor: 10 }] }), 'other_customer')
  refused(await take({ currency: 'AED', allocations: [{ invoiceId, amountMinor: 10 }] }), 'other_currency')
  refused(
    await take({
      allocations: [
        { invoiceId, amountMinor: 5_000 },
        { invoiceId, amountMinor: 1 },
      ],
    }),
    'invoice_overpaid',
  )
  assert.equal((await take({ parts: [cash(0)] })).status, 400)
  assert.equal(await balance(customerId), 4_900)
  assert.equal((await does('shop.payment.take', paying(customerId, 100))).number, before.number + 1)
  await soundBooks()
})

test('a void payment is owed again, a void invoice frees its payment, and what is free can be given back', async () => {
  const customerId = await customer()
  const invoiceId = await issued(customerId, 8_000)
  const pay = async () =>
    (await does('shop.payment.take', paying(customerId, 8_000, { allocations: [{ invoiceId, amountMinor: 8_000 }] })))
      .id
  const bounced = await pay()
  assert.equal((await call('shop.payment.void', { id: bounced, reason: 'bounced' }, 'cashier')).status, 403)
  await does('shop.payment.void', { id: bounced, reason: 'bounced' }, 'manager')
  refused(await call('shop.payment.void', { id: bounced, reason: 'again' }), 'payment_is_void')
  assert.deepEqual([await balance(customerId), (await invoiceOf(invoiceId)).settledMinor], [8_000, 0])
  const paid = await pay()
  const back = (amountMinor: number) =>
    call('shop.payment.refund', { id: paid, reason: 'called off', parts: [cash(amountMinor)] }, 'manager')
  refused(await back(1), 'payment_overspent')
  await does('shop.invoice.void', { id: invoiceId, reason: 'called off' }, 'manager')
  assert.deepEqual([await balance(customerId), (await paymentOf(paid)).allocatedMinor], [-8_000, 0])
  refused(await back(8_001), 'payment_overspent')
  const refund = ok(await back(3_000))
  assert.deepEqual([refund.direction, refund.refundOf, await balance(customerId)], ['out', paid, -5_000])
  refused(await call('shop.payment.void', { id: paid, reason: 'not paid' }), 'payment_is_refunded')
  refused(await call('shop.payment.allocate', { id: refund.id, invoiceId, amountMinor: 1 }), 'payment_is_refund')
  await does('shop.payment.void', { id: refund.id, reason: 'the bank sent it back' })
  assert.deepEqual([await balance(customerId), (await paymentOf(paid)).refundedMinor], [-8_000, 0])
  await soundBooks()
})

test('crediting a paid invoice frees what was paid for it', async () => {
  const customerId = await customer()
  const invoiceId = await issued(customerId, 6_000, 4_000)
  const allocations = [{ invoiceId, amountMinor: 9_000 }]
  const { id } = await does('shop.payment.take', paying(customerId, 9_000, { allocations }))
  await does('shop.credit.give', { invoiceId, positions: [1], reason: 'clasp' })
  const { settledMinor, creditedMinor } = await invoiceOf(invoiceId)
  assert.deepEqual([settledMinor, creditedMinor, (await paymentOf(id)).allocatedMinor], [4_000, 6_000, 4_000])
  assert.equal(await balance(customerId), -5_000)
  await does('shop.payment.refund', { id, reason: 'returned', parts: [cash(5_000)] })
  assert.equal(await balance(customerId), 0)
  await soundBooks()
})

test('old gold counts once, at the value that it was taken at', async () => {
  const customerId = await customer()
  const gold = { customerId, metal: 'gold', grossMg: 6_150, deductionMg: 150, purity: 900 }
  const taken = await does('shop.oldgold.take', { ...gold, currency: 'INR', rateMinor: 1_100_001 }, 'cashier')
  assert.deepEqual([taken.netMg, taken.fineMg, taken.valueMinor], [6_000, 5_400, 6_600_006])
  refused(
    await call('shop.oldgold.take', { ...gold, deductionMg: 6_151, currency: 'INR', rateMinor: 1 }),
    'deduction_above_gross',
  )
  const part = (amountMinor: number) => ({ way: 'old_gold', amountMinor, oldGoldId: taken.id })
  const take = (parts: object[]) => call('shop.payment.take', { ...paying(customerId, 1), parts }, 'cashier')
  refused(await take([part(6_600_007)]), 'old_gold_value')
  const unnamed = await take([{ way: 'old_gold', amountMinor: 5 }])
  assert.deepEqual([unnamed.status, unnamed.body.errors[0].pointer], [400, '/parts/0/oldGoldId'])
  const answers = await Promise.all(Array.from({ length: 10 }, () => take([part(6_600_006), cash(5)])))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, 'old_gold_is_paid')
  assert.equal(await balance(customerId), -6_600_011)
  const { id } = answers.find(({ status }) => status === 200)!.body
  await does('shop.payment.void', { id, reason: 'not gold at all' })
  ok(await take([part(6_600_006)]))
  await soundBooks()
})

test('metal is a ledger of its own: kept, given back, and turned into money', async () => {
  const customerId = await customer()
  const kept = await does('shop.oldgold.keep', { customerId, metal: 'gold', grossMg: 10_000, purity: 916 })
  assert.equal(kept.fineMg, 9_160)
  const fine = { customerId, metal: 'gold' }
  refused(await call('shop.ledger.return', { ...fine, fineMg: 9_161 }), 'metal_not_there')
  assert.equal((await does('shop.ledger.return', { ...fine, fineMg: 160 })).balanceMg, -9_000)
  const money = { currency: 'INR', rateMinor: 1_250_000 }
  refused(await call('shop.ledger.price', { ...fine, ...money, fineMg: 9_001 }), 'metal_not_there')
  const priced = await does('shop.ledger.price', { ...fine, ...money, fineMg: 9_000 })
  assert.deepEqual(priced, { balanceMg: 0, balanceMinor: -11_250_000 })
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => call('shop.oldgold.keep', { ...fine, grossMg: 1_000, purity: 1_000 })),
  )
  answers.forEach(ok)
  const back = await Promise.all(
    Array.from({ length: 12 }, () => call('shop.ledger.return', { ...fine, fineMg: 1_000 })),
  )
  assert.equal(back.filter(({ status }) => status === 200).length, 8)
  const { data } = await does('shop.ledger.metal', { ...fine, limit: 200 })
  assert.equal(data[0].balanceMg, 0)
  await soundBooks()
})

test('the entries of a ledger cannot be changed, and the neighbour’s cannot be seen', async () => {
  const customerId = await customer()
  await issued(customerId, 100)
  for (const statement of [
    `update money_entry set amount_minor = 1 where customer_id = '${customerId}'`,
    `delete from money_entry where customer_id = '${customerId}'`,
  ])
    await assert.rejects(sql(statement), { constraint: 'written_once' })
  const south = (name: string, input: object) => call(name, input, 'owner', 'south')
  assert.deepEqual(ok(await south('shop.ledger.balance', { customerId })), { money: [], metal: [] })
  assert.deepEqual(ok(await south('shop.ledger.money', { customerId, currency: 'INR' })).data, [])
  assert.equal((await south('shop.payment.take', paying(customerId, 1))).status, 404)
  assert.equal(
    (await call('shop.ledger.adjust', { customerId, currency: 'INR', amountMinor: 5, reason: 'mine' }, 'cashier'))
      .status,
    403,
  )
})

/** Everything that must be true of all books of the workspace, asked of what lies in the tables. */
async function soundBooks() {
  for (const [what, statement] of Object.entries(FAULTS)) assert.deepEqual(await sql(statement), [], what)
}

/** As whoever owns the tables, in the north. */
async function sql(statement: string) {
  const { catalogue } = w.served.live.canaries[0]!.north
  return await catalogue(
    `select set_config('search_path', 'shop', true), set_config('app.workspace', '${w.north.place.workspace}', true);
     ${statement}`,
  )
}
