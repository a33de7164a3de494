import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { world } from '#kernel/testing'
import type { Answer, World } from '#kernel/testing'
import { jeweller } from '../../editions/jeweller/edition.ts'

/** Pieces and what was paid for them: what the tag says, who may see the cost, and what a sold piece allows. */
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

let next = 0
const ring = () => ({
  tag: `T-${++next}`,
  description: 'Ring',
  metal: 'gold',
  purity: 916,
  grossMg: 5_000,
  stoneMg: 300,
})
const stone = { description: 'Diamond', caratPoints: 25, grade: 'VS', priceMinor: 4_000_000 }
const added = async (more: object = {}) => ok(await call('shop.piece.add', { ...ring(), ...more }))

test('a piece weighs what is left without its stones, and its stones are lines', async () => {
  const piece = await added({ stones: [stone, { ...stone, count: 6, caratPoints: 12 }] })
  assert.deepEqual([piece.grossMg, piece.stoneMg, piece.netMg, piece.status], [5_000, 300, 4_700, 'stock'])
  assert.deepEqual(ok(await call('shop.piece.get', { id: piece.id })), piece)
  assert.deepEqual(
    piece.stones.map(({ count, caratPoints }: typeof stone & { count: number }) => [count, caratPoints]),
    [
      [1, 25],
      [6, 12],
    ],
  )
  refused(await call('shop.piece.add', { ...ring(), stoneMg: 5_001 }), 'stones_above_gross')
})

test('a tag is on one piece of a workspace, and twenty who add it at once make one', async () => {
  const piece = ring()
  const answers = await Promise.all(Array.from({ length: 20 }, () => call('shop.piece.add', piece)))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, 'piece_tag_taken')
  ok(await call('shop.piece.add', piece, 'owner', 'south'))
  assert.equal(ok(await call('shop.piece.list', { tag: piece.tag })).data.length, 1)
})

test('a piece leaves the stock with a reason and comes back; meanwhile nothing about it changes', async () => {
  const { id, ...piece } = await added()
  assert.equal((await call('shop.piece.withdraw', { id, reason: ' ' })).status, 400)
  assert.equal(ok(await call('shop.piece.withdraw', { id, reason: 'lent out' })).outReason, 'lent out')
  const known = { tag: piece.tag, description: 'Changed', metal: 'gold', purity: 916, grossMg: 1 }
  refused(await call('shop.piece.update', { id, ...known }), 'piece_is_out')
  refused(await call('shop.piece.withdraw', { id, reason: 'again' }), 'piece_is_out')
  assert.equal(ok(await call('shop.piece.restore', { id })).status, 'stock')
  refused(await call('shop.piece.restore', { id }), 'piece_is_not_out')
  assert.equal(ok(await call('shop.piece.update', { id, ...known })).description, 'Changed')
})

test('nothing that a cashier may call answers what a piece cost', async () => {
  const { id } = await added()
  const costMinor = 7_654_321
  ok(await call('shop.cost.set', { pieceId: id, currency: 'INR', costMinor, note: 'maker' }, 'manager'))
  ok(await call('shop.cost.set', { pieceId: id, currency: 'INR', costMinor: costMinor + 1 }, 'manager'))
  assert.equal(ok(await call('shop.cost.get', { pieceId: id }, 'manager')).costMinor, costMinor + 1)
  assert.equal(ok(await call('shop.cost.list', { currency: 'INR' }, 'manager')).data[0].pieceId, id)
  for (const [name, input] of [
    ['shop.cost.get', { pieceId: id }],
    ['shop.cost.list', {}],
    ['shop.cost.set', { pieceId: id, currency: 'INR', costMinor: 1 }],
  ] as const)
    assert.equal((await call(name, input, 'cashier')).status, 403, name)
  const { north } = w.served.live.canaries[0]!
  const queries = w.served.live.operations.filter(({ kind }) => kind === 'query')
  let heard = 0
  for (const { name, example } of queries) {
    const told = await north.call(name, example(north), 'cashier')
    assert.ok(told.status === 200 || told.status === 403, name)
    if (told.status === 200) heard++
    assert.doesNotMatch(told.text, /7100000|costMinor/, name)
  }
  assert.ok(heard > 5)
  assert.match((await north.call('shop.cost.list', {}, 'manager')).text, /7100000/, 'it was there to be seen')
})

test('the neighbour’s pieces and costs are not there', async () => {
  const { id } = await added()
  ok(await call('shop.cost.set', { pieceId: id, currency: 'INR', costMinor: 5 }))
  const south = (name: string, input: object) => call(name, input, 'owner', 'south')
  assert.equal((await south('shop.piece.get', { id })).status, 404)
  assert.equal((await south('shop.cost.get', { pieceId: id })).status, 404)
  assert.equal((await south('shop.cost.set', { pieceId: id, currency: 'INR', costMinor: 1 })).status, 404)
  assert.equal((await south('shop.piece.withdraw', { id, reason: 'not ours' })).status, 404)
})
