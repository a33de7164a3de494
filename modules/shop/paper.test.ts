import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { world } from '#kernel/testing'
import type { Answer, World } from '#kernel/testing'
import { jeweller } from '../../editions/jeweller/edition.ts'

/** What becomes of papers and the pieces on them: promises, races, what is taken back, and who may let off how much. */
let w: World
let customerId: string
before(async () => {
  w = await world(jeweller)
  customerId = ok(await call('shop.customer.create', { name: 'Farida Rahman' })).id
  await setRate(1_000_000, '2026-01-05T04:30:00Z')
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

const gold = { metal: 'gold', purity: 916 }
const setRate = (rateMinor: number, effectiveAt: string) =>
  does('shop.rate.set', { ...gold, currency: 'INR', rateMinor, effectiveAt, source: 'board' })
let next = 0
const piece = async (more: object = {}) =>
  (await does('shop.piece.add', { tag: `P-${++next}`, description: 'Ring', ...gold, grossMg: 5_000, ...more })).id
const statusOf = async (id: string) => (await does('shop.piece.get', { id })).status
const ring = { description: 'Ring', ...gold, weightMg: 5_000, taxPerMille: 30 }
const of = (...lines: object[]) => ({ customerId, currency: 'INR', lines })
const ofPiece = (pieceId: string, more: object = {}) => of({ pieceId, taxPerMille: 30, ...more })

test('twenty who draft the same piece at once: one has it, and when that one lets go it can be had again', async () => {
  const id = await piece()
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, at) => call('shop.invoice.draft', ofPiece(id), at % 2 ? 'cashier' : 'manager')),
  )
  const won = answers.filter(({ status }) => status === 200)
  assert.equal(won.length, 1)
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, 'piece_taken')
  assert.equal(await statusOf(id), 'reserved')
  assert.equal((await does('shop.invoice.list', { status: 'draft' })).data.length, 1, 'nothing half-written is left')
  await does('shop.invoice.discard', { id: won[0]!.body.id })
  assert.equal(await statusOf(id), 'stock')
  await does('shop.order.take', ofPiece(id))
  refused(await call('shop.piece.withdraw', { id, reason: 'to be melted' }), 'piece_is_reserved')
})

test('papers that name the same pieces in opposite order wait for each other, and one wins', async () => {
  const [one, other] = [await piece(), await piece()]
  const both = (first: string, second: string) =>
    of({ pieceId: first, taxPerMille: 30 }, { pieceId: second, taxPerMille: 30 })
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, at) => call('shop.invoice.draft', at % 2 ? both(one, other) : both(other, one))),
  )
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, 'piece_taken')
  refused(await call('shop.order.take', both(await piece(), one)), 'piece_taken')
  const twice = await piece()
  refused(await call('shop.order.take', both(twice, twice)), 'piece_taken')
})

test('a piece is sold with the paper, and comes back when that is void or credited', async () => {
  const id = await piece({
    makingMinor: 70_000,
    wastagePerMille: 10,
    stones: [{ description: 'Ruby', caratPoints: 40, priceMinor: 30_000 }],
  })
  const draft = await does('shop.invoice.draft', ofPiece(id))
  const whole = await does('shop.invoice.get', { id: draft.id })
  const { weightMg, makingMinor, stonesMinor, wastagePerMille, pieceId } = whole.lines[0]
  assert.deepEqual([weightMg, makingMinor, stonesMinor, wastagePerMille, pieceId], [5_000, 70_000, 30_000, 10, id])
  await does('shop.invoice.issue', { id: draft.id })
  assert.equal(await statusOf(id), 'sold')
  await does('shop.invoice.void', { id: draft.id, reason: 'billed twice' })
  assert.equal(await statusOf(id), 'stock')

  const again = await does('shop.invoice.draft', ofPiece(id))
  await does('shop.invoice.issue', { id: again.id })
  const credit = await does('shop.credit.give', { invoiceId: again.id, positions: [1], reason: 'clasp' })
  assert.equal(await statusOf(id), 'stock')
  assert.deepEqual([credit.totalMinor, credit.fromId, credit.status], [again.totalMinor, again.id, 'issued'])
  refused(await call('shop.invoice.void', { id: again.id, reason: 'too late' }), 'invoice_is_credited')
})

test('an estimate keeps its rate until it is over, through order and invoice', async () => {
  const id = await piece()
  const estimate = await does('shop.estimate.give', ofPiece(id), 'cashier')
  assert.equal(await statusOf(id), 'stock', 'an estimate holds nothing')
  assert.ok(estimate.number > 0 && estimate.validUntil > estimate.issuedOn)
  await setRate(3_000_000, '2026-02-01T00:00:00Z')
  const order = await does('shop.order.follow', { id: estimate.id }, 'cashier')
  assert.equal(await statusOf(id), 'reserved')
  refused(await call('shop.order.follow', { id: estimate.id }), 'paper_is_followed')
  refused(await call('shop.invoice.follow', { id: estimate.id }), 'paper_is_followed')
  refused(await call('shop.estimate.withdraw', { id: estimate.id, reason: 'a change' }), 'paper_is_followed')
  const invoice = await does('shop.invoice.follow', { id: order.id }, 'cashier')
  const issued = await does('shop.invoice.issue', { id: invoice.id }, 'cashier')
  assert.deepEqual([issued.totalMinor, issued.fromId], [estimate.totalMinor, order.id])
  assert.equal(await statusOf(id), 'sold')
  await does('shop.invoice.void', { id: invoice.id, reason: 'a slip of the hand' })
  assert.equal(await statusOf(id), 'reserved', 'the order keeps it')
  await does('shop.order.cancel', { id: order.id, reason: 'called off' })
  assert.equal(await statusOf(id), 'stock')
  await setRate(1_000_000, '2026-02-02T00:00:00Z')
})

test('an estimate that is over, or was withdrawn, is followed by nothing', async () => {
  const { id } = await does('shop.estimate.give', of(ring))
  const { id: gone } = await does('shop.estimate.give', of(ring))
  await sql(`alter table invoice disable trigger keep_final;
    update invoice set valid_until = current_date - 2 where id = '${id}';
    alter table invoice enable trigger keep_final`)
  refused(await call('shop.invoice.follow', { id }), 'estimate_is_over')
  await does('shop.estimate.withdraw', { id: gone, reason: 'stone sold' })
  refused(await call('shop.order.follow', { id: gone }), 'paper_is_void')
  refused(await call('shop.estimate.withdraw', { id: gone, reason: 'again' }), 'paper_is_void')
})

test('twenty who follow one order at once draft one invoice', async () => {
  const order = await does('shop.order.take', of(ring))
  const answers = await Promise.all(Array.from({ length: 20 }, () => call('shop.invoice.follow', { id: order.id })))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, 'paper_is_followed')
})

test('each kind of paper counts for itself, and a right to see one is no right to see another', async () => {
  const series = 'MINE'
  const papers = [
    await does('shop.estimate.give', { ...of(ring), series }),
    await does('shop.order.take', { ...of(ring), series }),
    await does('shop.invoice.issue', { id: (await does('shop.invoice.draft', { ...of(ring), series })).id }),
  ]
  assert.deepEqual(
    papers.map(({ number }) => number),
    [1, 1, 1],
  )
  const nouns = ['estimate', 'order', 'invoice', 'credit']
  for (const [at, { id }] of papers.entries())
    for (const noun of nouns)
      assert.equal((await call(`shop.${noun}.get`, { id })).status, noun === nouns[at] ? 200 : 404, noun)
})

test('lines are credited once each, and credit notes never come to more than the invoice', async () => {
  await does('shop.setting.set', { ...shop, effectiveOn: '2026-01-01', roundOffMinor: 100 })
  const odd = (makingMinor: number) => ({ ...ring, weightMg: 0, makingMinor, taxPerMille: 0 })
  const { id } = await does('shop.invoice.draft', of(odd(12_329), odd(20), odd(500)))
  const credit = (positions: number[]) => call('shop.credit.give', { invoiceId: id, positions, reason: 'returned' })
  refused(await credit([1]), 'invoice_is_draft')
  const issued = await does('shop.invoice.issue', { id })
  assert.equal(issued.totalMinor, 12_800)
  refused(await credit([4]), 'line_unknown')
  const answers = await Promise.all(Array.from({ length: 10 }, () => credit([1])))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, 'line_is_credited')
  const rest = ok(await credit([2, 3]))
  assert.equal(ok(answers.find(({ status }) => status === 200)!).totalMinor + rest.totalMinor, 12_800)
  assert.equal((await does('shop.invoice.get', { id })).creditedMinor, 12_800)
  const numbers = (await does('shop.credit.list', {})).data.map(({ number }: { number: number }) => number)
  assert.deepEqual(
    numbers.toSorted((a: number, b: number) => a - b),
    [...numbers.keys()].map((at) => at + 1),
  )
  const whole = await does('shop.credit.get', { id: rest.id })
  assert.equal(whole.lines.length, 2)
  await assert.rejects(sql(`delete from invoice where id = '${rest.id}'`), { constraint: 'invoice_is_issued' })
})

test('what an invoice sold is handed over once, and then it is not void any more', async () => {
  const { id } = await does('shop.invoice.draft', of(ring))
  refused(await call('shop.invoice.deliver', { id, receivedBy: 'Lakshmi' }), 'invoice_is_draft')
  await does('shop.invoice.issue', { id })
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => call('shop.invoice.deliver', { id, receivedBy: 'Lakshmi' }, 'cashier')),
  )
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  refused(await call('shop.invoice.void', { id, reason: 'changed her mind' }), 'invoice_is_delivered')
  await assert.rejects(sql(`update delivery set received_by = 'Somebody' where invoice_id = '${id}'`), {
    constraint: 'written_once',
  })
})

test('a cashier lets off what the shop allows; beyond it a manager must say so', async () => {
  await does('shop.setting.set', { ...shop, effectiveOn: '2026-01-02', discountLimitPerMille: 20 })
  const issue = async (input: object) => {
    const { id } = await does('shop.invoice.draft', input, 'cashier')
    return { id, answer: await call('shop.invoice.issue', { id }, 'cashier') }
  }
  ok((await issue(of({ ...ring, discountMinor: 100_000 }))).answer)
  const beyond = [
    of({ ...ring, discountMinor: 100_001 }),
    of({ ...ring, rateMinor: 979_999 }),
    of({ ...ring, purity: 915, rateMinor: 1 }),
    ofPiece(await piece({ makingMinor: 900_000 }), { makingMinor: 0 }),
  ]
  for (const input of beyond) {
    const { id, answer } = await issue(input)
    refused(answer, 'discount_needs_manager')
    assert.equal((await call('shop.discount.allow', { id, reason: 'a friend' }, 'cashier')).status, 403)
    assert.equal((await call('shop.discount.allow', { id, reason: ' ' }, 'manager')).status, 400)
    await does('shop.discount.allow', { id, reason: 'a regular of ten years' }, 'manager')
    refused(await call('shop.discount.allow', { id, reason: 'and again' }, 'manager'), 'discount_is_allowed')
    await does('shop.invoice.issue', { id }, 'cashier')
  }
  assert.equal((await does('shop.discount.list', {}, 'manager')).data.length, beyond.length)
  await does('shop.setting.set', { ...shop, effectiveOn: '2026-01-02' })
})

test('the neighbour’s pieces and papers cannot be named', async () => {
  const theirs = ok(await call('shop.customer.create', { name: 'Neighbour' }, 'owner', 'south')).id
  const [id, order] = [await piece(), await does('shop.order.take', of(ring))]
  const south = (name: string, input: object) => call(name, input, 'owner', 'south')
  assert.equal((await south('shop.order.take', { ...ofPiece(id), customerId: theirs })).status, 404)
  assert.equal((await south('shop.invoice.follow', { id: order.id })).status, 404)
  assert.equal((await south('shop.order.cancel', { id: order.id, reason: 'not ours' })).status, 404)
  assert.equal(await statusOf(id), 'stock')
})

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

/** As whoever owns the tables, in the north. */
async function sql(statement: string) {
  const { catalogue } = w.served.live.canaries[0]!.north
  return await catalogue(
    `select set_config('search_path', 'shop', true), set_config('app.workspace', '${w.north.place.workspace}', true);
     ${statement}`,
  )
}
