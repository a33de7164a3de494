import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { world } from '#kernel/testing'
import type { Answer, World } from '#kernel/testing'
import { jeweller } from '../../editions/jeweller/edition.ts'

/** The counter's day and the stock by its tags: what was counted, what should have been there, and who may say so. */
let w: World
let customerId: string
before(async () => {
  w = await world(jeweller)
  customerId = (await does('shop.customer.create', { name: 'Farida Rahman' })).id
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

const open = (counter: string) => call('shop.till.open', { counter, currency: 'INR', floatMinor: 100_000 }, 'cashier')
const pay = (counter: string, amountMinor: number, way = 'cash') =>
  call('shop.payment.take', { customerId, currency: 'INR', counter, parts: [{ way, amountMinor }] }, 'cashier')
const count = (id: string, pieces: number) =>
  call('shop.till.close', { id, counts: [{ denominationMinor: 500, pieces }] }, 'cashier')

test('a day closes with what came in and went out in cash, and says what is over or short', async () => {
  refused(await pay('A', 5_000), 'till_not_open')
  const { id } = ok(await open('A'))
  refused(await open('A'), 'till_is_open')
  ok(await pay('A', 30_000))
  ok(await pay('A', 7_000, 'card'))
  const paid = ok(await pay('A', 2_000))
  const back = { id: paid.id, reason: 'called off', counter: 'A', parts: [{ way: 'cash', amountMinor: 500 }] }
  await does('shop.payment.refund', back, 'manager')
  const slip = ok(await pay('A', 9_000))
  await does('shop.payment.void', { id: slip.id, reason: 'a slip' }, 'manager')
  const [drawer] = await does('shop.till.current', { counter: 'A' }, 'cashier')
  assert.equal(drawer.id, id)
  assert.ok(!('expectedMinor' in drawer), 'whoever counts is not told beforehand')

  const closed = ok(await count(id, 262))
  assert.deepEqual([closed.expectedMinor, closed.countedMinor, closed.differenceMinor], [131_500, 131_000, -500])
  refused(await count(id, 263), 'till_is_closed')
  refused(await call('shop.payment.void', { id: paid.id, reason: 'too late' }), 'payment_is_refunded')
  refused(await pay('A', 1), 'till_not_open')
  const { id: next } = ok(await open('A'))
  assert.notEqual(next, id)
  assert.equal((await does('shop.till.list', { counter: 'A' }, 'manager')).data.length, 2)
})

test('what was counted stays counted: a payment of a closed day is not made void', async () => {
  const { id } = ok(await open('B'))
  const paid = ok(await pay('B', 4_000))
  ok(await count(id, 208))
  refused(await call('shop.payment.void', { id: paid.id, reason: 'too late' }), 'till_is_closed')
})

test('of many who open a counter one does, and a payment while it closes is counted or refused', async () => {
  const opened = await Promise.all(Array.from({ length: 10 }, () => open('C')))
  assert.equal(opened.filter(({ status }) => status === 200).length, 1)
  const { id } = opened.find(({ status }) => status === 200)!.body
  const answers = await Promise.all([
    ...Array.from({ length: 10 }, () => pay('C', 1_000)),
    count(id, 200),
    ...Array.from({ length: 10 }, () => pay('C', 1_000)),
  ])
  const taken = answers.filter(({ status, body }) => status === 200 && body.number !== undefined).length
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, 'till_not_open')
  assert.equal(ok(answers[10]!).expectedMinor, 100_000 + taken * 1_000)
})

let next = 0
const piece = async (location = 'Shop') => {
  const tag = `C-${++next}`
  const gold = { metal: 'gold', purity: 916, grossMg: 1_000 }
  return { tag, id: (await does('shop.piece.add', { tag, description: 'Ring', location, ...gold })).id as string }
}
const statusOf = async (id: string) => (await does('shop.piece.get', { id })).status

test('a count tells what is missing and what should not be there, and a manager’s approval makes it so', async () => {
  const [here, lost, away] = [await piece('Safe'), await piece('Safe'), await piece('Window')]
  const { id } = await does('shop.stocktake.begin', { location: 'Safe' }, 'manager')
  refused(await call('shop.stocktake.begin', { location: 'Safe' }, 'manager'), 'stock_take_is_open')
  const scan = (tags: string[]) => call('shop.stocktake.scan', { id, tags }, 'cashier')
  assert.equal(ok(await scan([here.tag, here.tag, away.tag])).scanned, 2)
  const twice = await Promise.all(Array.from({ length: 8 }, () => scan([here.tag, 'NO-SUCH'])))
  assert.equal(
    twice.reduce((total, answer) => total + ok(answer).scanned, 0),
    1,
  )
  const expected = [
    { tag: lost.tag, variance: 'missing', pieceId: lost.id },
    { tag: away.tag, variance: 'elsewhere', pieceId: away.id },
    { tag: 'NO-SUCH', variance: 'unknown', pieceId: null },
  ]
  const compared = async () => (await does('shop.stocktake.compare', { id }, 'manager')).data
  assert.deepEqual(await compared(), expected)
  const paged = await does('shop.stocktake.compare', { id, limit: 1 }, 'manager')
  const second = await does('shop.stocktake.compare', { id, limit: 1, cursor: paged.nextCursor }, 'manager')
  assert.deepEqual([paged.data[0].tag, second.data[0].tag], [lost.tag, away.tag])

  for (const name of ['shop.stocktake.approve', 'shop.stocktake.compare'])
    assert.equal((await call(name, { id }, 'cashier')).status, 403, name)
  const answers = await Promise.all(Array.from({ length: 5 }, () => call('shop.stocktake.approve', { id }, 'manager')))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  refused(await scan(['LATE']), 'stock_take_is_over')
  assert.deepEqual(
    [await statusOf(here.id), await statusOf(lost.id), await statusOf(away.id)],
    ['stock', 'out', 'stock'],
  )
  await does('shop.piece.restore', { id: lost.id })
  assert.deepEqual(await compared(), expected, 'as it was seen')
})

test('the neighbour’s day and count are not there', async () => {
  const { id } = ok(await open('D'))
  const take = await does('shop.stocktake.begin', { location: 'Vault' })
  const south = (name: string, input: object) => call(name, input, 'owner', 'south')
  assert.deepEqual(ok(await south('shop.till.current', { counter: 'D' })), [])
  assert.equal((await south('shop.till.close', { id, counts: [{ denominationMinor: 1, pieces: 1 }] })).status, 404)
  assert.equal((await south('shop.stocktake.scan', { id: take.id, tags: ['A'] })).status, 404)
  assert.equal((await south('shop.stocktake.approve', { id: take.id })).status, 404)
  assert.deepEqual(ok(await south('shop.stocktake.compare', { id: take.id })).data, [])
  ok(await call('shop.till.open', { counter: 'D', currency: 'INR', floatMinor: 0 }, 'owner', 'south'))
})
