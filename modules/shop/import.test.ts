import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { world } from '#kernel/testing'
import type { Answer, World } from '#kernel/testing'
import { jeweller } from '../../editions/jeweller/edition.ts'

/** Tables that somebody brings along: all of it or nothing, and every row is told what is wrong with it. */
let w: World
before(async () => {
  w = await world(jeweller)
})
after(() => w[Symbol.asyncDispose]())

const call = (name: string, input: object, role = 'owner') => w.as(role).call(name, input)
const ok = ({ status, body, text }: Answer) => {
  assert.equal(status, 200, text)
  return body
}
const bring = async (noun: string, csv: string, dryRun = false) =>
  ok(await call(`shop.${noun}.import`, { csv, dryRun }, 'manager'))
const count = async (noun: string) => ok(await call(`shop.${noun}.list`, { limit: 200 })).data.length as number

test('a dry run adds nothing and says how many it would; the same table then adds them all', async () => {
  const csv = 'name,phone,note\r\nأمل,+971500000991,"one, two"\r\nBert,,\r\n'
  assert.deepEqual(await bring('customer', csv, true), { rows: 2, added: 0, problems: [] })
  assert.equal(await count('customer'), 0)
  assert.deepEqual(await bring('customer', csv), { rows: 2, added: 2, problems: [] })
  const { data } = ok(await call('shop.customer.list', { phone: '+971500000991' }))
  assert.deepEqual([data[0].name, data[0].note, data[0].email], ['أمل', 'one, two', null])
})

test('one bad row keeps all of them out, and every bad row is told', async () => {
  const before = await count('customer')
  const csv = [
    'name,phone',
    'Carl,+971500000881',
    ',+971500000882',
    'Dora,0500',
    'Emil,+971500000881',
    'Fatima,+971500000991',
  ].join('\n')
  const { added, rows, problems } = await bring('customer', csv)
  assert.deepEqual([added, rows, await count('customer')], [0, 5, before])
  assert.deepEqual(
    problems.map(({ row, column }: { row: number; column: string }) => [row, column]),
    [
      [3, 'name'],
      [4, 'phone'],
      [5, 'phone'],
      [6, 'phone'],
    ],
  )
})

test('pieces come with their terms, and a tag or a weight that cannot be is told', async () => {
  const head = 'tag,description,metal,purity,grossMg,stoneMg,makingPerGramMinor\n'
  const good = `${head}I-1,Ring,gold,916,4120,120,65000\nI-2,Chain,silver,925,9000,,\n`
  assert.deepEqual(await bring('piece', good), { rows: 2, added: 2, problems: [] })
  const { data } = ok(await call('shop.piece.list', { tag: 'I-1' }))
  assert.deepEqual([data[0].netMg, data[0].makingPerGramMinor, data[0].status], [4_000, 65_000, 'stock'])
  const odd = [
    'I-2,Chain,silver,925,9000,,',
    'I-3,Ring,brass,916,1,,',
    'I-4,Ring,gold,916,10,11,',
    'I-5,Ring,gold,9.5,10,,',
  ]
  const bad = head + odd.join('\n')
  const { added, problems } = await bring('piece', bad)
  assert.equal(added, 0)
  assert.deepEqual(
    (problems as { row: number; column: string }[])
      .toSorted((one, other) => one.row - other.row)
      .map(({ row, column }) => [row, column]),
    [
      [2, 'tag'],
      [3, 'metal'],
      [4, 'stoneMg'],
      [5, 'purity'],
    ],
  )
})

test('a table of a thousand rows is taken by one of five who bring it at once', async () => {
  const rows = Array.from({ length: 1_000 }, (_, at) => `M-${at},Ring,gold,916,1000`)
  const csv = ['tag,description,metal,purity,grossMg', ...rows].join('\n')
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => call('shop.piece.import', { csv, dryRun: false }, 'manager')),
  )
  const added = answers.map(({ status, body }) => (status === 200 ? body.added : 0) as number)
  assert.deepEqual(
    added.toSorted((a, b) => b - a),
    [1_000, 0, 0, 0, 0],
  )
  for (const { status, body } of answers)
    assert.ok(status === 200 || body.code === 'piece_tag_taken', `${status} ${body.code}`)
})

test('a cashier brings no tables and takes none', async () => {
  const csv = 'name\nGita\n'
  for (const noun of ['customer', 'piece']) {
    assert.equal((await call(`shop.${noun}.import`, { csv, dryRun: true }, 'cashier')).status, 403)
    assert.equal((await call(`shop.${noun}.export`, {}, 'cashier')).status, 403)
  }
})
