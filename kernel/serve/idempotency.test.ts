import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { world } from '../testing.ts'
import type { Answer, Side, World } from '../testing.ts'

/** Asking again with the same key: one change, the same bytes, and nothing of it for anybody else. */
let here: World
before(async () => {
  here = await world(jeweller)
})
after(() => here[Symbol.asyncDispose]())

let keys = 0
const newKey = () => `"key-${process.pid}-${keys++}"`
type Who = { role?: string; side?: Side; name?: string }
const ask = (key: string, input: object, { role = 'owner', side = 'north', name = 'shop.customer.create' }: Who = {}) =>
  here.as(role, side).call(name, input, { 'idempotency-key': key })

const sql = (text: string, values: unknown[] = []) => here.served.live.canaries[0]!.north.catalogue(text, values)
const countNamed = async (name: string) =>
  Number((await sql('select count(*)::int as n from shop.customer where name = $1', [name]))[0]!['n'])
const countEntries = async () => Number((await sql('select count(*)::int as n from audit.entry'))[0]!['n'])

const ok = (answer: Answer) => {
  assert.equal(answer.status, 200, answer.text)
  return answer.text
}
const refused = ({ status, body }: Answer, expected: number, code: string) =>
  assert.deepEqual([status, body.code], [expected, code])

test('the same key twice gives the same bytes and one change, in the log as well', async () => {
  const key = newKey()
  const first = ok(await ask(key, { name: 'Twice' }))
  const entries = await countEntries()
  assert.equal(ok(await ask(key, { name: 'Twice' })), first)
  assert.equal(ok(await ask(key.slice(1, -1), { name: 'Twice' })), first, 'with or without its quotes')
  assert.equal(await countNamed('Twice'), 1)
  assert.equal(await countEntries(), entries)
})

test('sixty-four at once make exactly one change; the others hear that it runs, or its answer', async () => {
  const key = newKey()
  const answers = await Promise.all(Array.from({ length: 64 }, () => ask(key, { name: 'At once' })))
  const texts = new Set(answers.filter(({ status }) => status === 200).map(({ text }) => text))
  assert.equal(texts.size, 1)
  for (const answer of answers.filter(({ status }) => status !== 200)) {
    refused(answer, 409, 'idempotency-key-in-use')
    assert.equal(answer.headers.get('retry-after'), '1')
  }
  assert.equal(await countNamed('At once'), 1)
  assert.equal(ok(await ask(key, { name: 'At once' })), [...texts][0])
})

test('another payload under the same key is refused; the same one in other words is the same', async () => {
  const key = newKey()
  const first = ok(await ask(key, { name: 'Payload', note: 'x' }))
  refused(await ask(key, { name: 'Payload', note: 'y' }), 422, 'idempotency-key-reused')
  refused(await ask(key, { name: 'Payload' }), 422, 'idempotency-key-reused')
  assert.equal(
    ok(await ask(key, { note: 'x', name: ' Payload ' })),
    first,
    'the order of fields and spaces around say nothing',
  )
  assert.equal(await countNamed('Payload'), 1)
})

test('another workspace, another caller and another operation have keys of their own', async () => {
  const key = newKey()
  const texts = [
    ok(await ask(key, { name: 'Mine' })),
    ok(await ask(key, { name: 'Mine' }, { side: 'south' })),
    ok(await ask(key, { name: 'Mine' }, { role: 'manager' })),
    ok(await ask(key, { name: 'Mine', role: 'cashier' }, { name: 'identity.key.create' })),
  ]
  assert.equal(new Set(texts).size, 4)
  assert.equal(await countNamed('Mine'), 3)
  refused(
    await ask(key, { name: 'Someone', role: 'owner' }, { role: 'cashier', name: 'identity.key.create' }),
    403,
    'forbidden',
  )
})

test('what was refused is not kept: with the same key it can be put right', async () => {
  const [key, phone] = [newKey(), '+919800000777']
  const { id } = JSON.parse(ok(await ask(newKey(), { name: 'First', phone }))) as { id: string }
  refused(await ask(key, { name: 'Later', phone }), 409, 'customer_phone_taken')
  refused(await ask(key, { name: '', phone }), 400, 'invalid')
  await sql('update shop.customer set phone = null where id = $1', [id])
  ok(await ask(key, { name: 'Later', phone }))
  const draft = { name: 'shop.invoice.issue' }
  refused(await ask(key, { id }, draft), 404, 'not-found')
  refused(await ask(key, { id: '01a1f848-da0a-77a5-b12d-19e77fbb8427' }, draft), 404, 'not-found')
})

test('a key that is none is refused before anything happens', async () => {
  for (const key of ['', '""', '"', 'a b', 'ü', 'x'.repeat(256), '"a", "b"', 'a"b'])
    refused(await ask(key, { name: 'No key' }), 400, 'invalid')
  ok(await ask('x'.repeat(255), { name: 'Long key' }))
  assert.equal(await countNamed('No key'), 0)
})

test('after a day a key is free again, and until then the answer stays', async () => {
  const key = newKey()
  const first = ok(await ask(key, { name: 'Yesterday' }))
  const age = (interval: string) => sql(`update serve.answer set created_at = now() - interval '${interval}'`)
  await age('23 hours 59 minutes')
  assert.equal(ok(await ask(key, { name: 'Yesterday' })), first)
  await age('24 hours 1 minute')
  assert.notEqual(ok(await ask(key, { name: 'Yesterday' })), first)
  assert.equal(await countNamed('Yesterday'), 2)
})

test('answers of yesterday are cleared away by many at once, and nobody is held up by it', async () => {
  for (let i = 0; i < 30; i++) ok(await ask(newKey(), { name: 'Old' }))
  await sql(`update serve.answer set created_at = now() - interval '2 days'`)
  const answers = await Promise.all(Array.from({ length: 40 }, () => ask(newKey(), { name: 'New' })))
  answers.forEach(ok)
  assert.deepEqual(await sql(`select from serve.answer where created_at < now() - interval '1 day'`), [])
})

test('a secret that is shown once is not lying about in what is kept (ASVS 14.2.2)', async () => {
  const key = newKey()
  const input = { name: 'Shown once', role: 'cashier' }
  const told = ok(await ask(key, input, { name: 'identity.key.create' }))
  const { token } = JSON.parse(told) as { token: string }
  const kept = JSON.stringify(await sql('select * from serve.answer'))
  assert.ok(kept.length > 100 && !kept.includes(token) && !kept.includes('Shown once'))
  assert.equal(ok(await ask(key, input, { name: 'identity.key.create' })), told)
})

test('a query takes no notice of a key', async () => {
  const told = await here.as('owner').call('identity.workspace.get', {}, { 'idempotency-key': 'a b' })
  assert.equal(told.status, 200)
})
