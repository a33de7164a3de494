import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { world } from '#kernel/testing'
import type { Answer, World } from '#kernel/testing'
import { jeweller } from '../../editions/jeweller/edition.ts'

/** What the derived tests cannot know: the life of an invoice, and the rules that hold against whoever writes SQL. */
let w: World
before(async () => {
  w = await world(jeweller)
})
after(() => w[Symbol.asyncDispose]())

const owner = (side: 'north' | 'south' = 'north') => w.as('owner', side)

test('an invoice is drafted, issued, made void, and never anything else', async () => {
  const id = await drafted()
  const draft = await shown(id)
  assert.deepEqual([draft.status, draft.number, draft.issuedOn], ['draft', null, null])
  refused(await owner().call('shop.invoice.void', { id, reason: 'too early' }), 'invoice_is_draft')

  const issued = ok(await owner().call('shop.invoice.issue', { id }))
  assert.equal(issued.status, 'issued')
  assert.ok(issued.number > 0 && issued.year === Number(issued.issuedOn.slice(0, 4)))
  refused(await owner().call('shop.invoice.issue', { id }), 'invoice_is_issued')

  const gone = ok(await owner().call('shop.invoice.void', { id, reason: 'billed twice' }))
  assert.deepEqual([gone.status, gone.number, gone.voidReason], ['void', issued.number, 'billed twice'])
  refused(await owner().call('shop.invoice.void', { id, reason: 'again' }), 'invoice_is_void')
  refused(await owner().call('shop.invoice.issue', { id }), 'invoice_is_void')
  assert.equal((await shown(id)).lines.length, 2)
})

test('a void invoice needs a reason', async () => {
  const id = await issuedOne()
  for (const reason of [undefined, '', '  ', 'no'])
    assert.equal((await owner().call('shop.invoice.void', { id, reason })).status, 400)
  assert.equal((await shown(id)).status, 'issued')
})

test('fifty issued at once get fifty numbers without a gap, and a void one keeps its own', async () => {
  const series = 'RUSH'
  const ids = await Promise.all(Array.from({ length: 50 }, () => drafted({ series })))
  const issued = await Promise.all(ids.map((id) => owner().call('shop.invoice.issue', { id })))
  const numbers = issued.map((answer) => ok(answer).number as number).sort((a, b) => a - b)
  assert.deepEqual(
    numbers,
    [...numbers.keys()].map((at) => at + 1),
  )
  ok(await owner().call('shop.invoice.void', { id: ids[0], reason: 'a slip' }))
  assert.equal(ok(await owner().call('shop.invoice.issue', { id: await drafted({ series }) })).number, 51)
})

test('one draft issued twenty times at once is issued once', async () => {
  const id = await drafted({ series: 'RACE' })
  const answers = await Promise.all(Array.from({ length: 20 }, () => owner().call('shop.invoice.issue', { id })))
  assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  for (const answer of answers.filter(({ status }) => status !== 200)) refused(answer, 'invoice_is_issued')
  assert.equal(ok(await owner().call('shop.invoice.issue', { id: await drafted({ series: 'RACE' }) })).number, 2)
})

test('an issue that fails gives its number back', async () => {
  const id = await drafted({ series: 'BACK' })
  await sql(`update invoice_line set making_minor = making_minor + 1, taxable_minor = taxable_minor + 1,
    total_minor = total_minor + 1 where invoice_id = '${id}' and position = 1`)
  assert.equal((await owner().call('shop.invoice.issue', { id })).status, 500, 'it no longer adds up')
  assert.equal((await shown(id)).status, 'draft')
  assert.equal(ok(await owner().call('shop.invoice.issue', { id: await drafted({ series: 'BACK' }) })).number, 1)
})

test('Postgres itself keeps an issued invoice and its lines as they are', async () => {
  const id = await issuedOne()
  const before = await shown(id)
  const other = await drafted()
  const attempts = [
    `update invoice set total_minor = total_minor + 1, taxable_minor = taxable_minor + 1 where id = '${id}'`,
    `update invoice set customer_name = 'Somebody Else' where id = '${id}'`,
    `update invoice set status = 'draft', year = null, number = null, issued_on = null where id = '${id}'`,
    `update invoice set status = 'void', voided_on = issued_on, void_reason = 'x', note = 'y' where id = '${id}'`,
    `delete from invoice where id = '${id}'`,
    `update invoice_line set description = 'Brass' where invoice_id = '${id}'`,
    `update invoice_line set invoice_id = '${other}', position = 9 where invoice_id = '${id}' and position = 1`,
    `update invoice_line set invoice_id = '${id}', position = 9 where invoice_id = '${other}' and position = 1`,
    `delete from invoice_line where invoice_id = '${id}'`,
  ]
  for (const attempt of attempts)
    await assert.rejects(sql(attempt), { code: '23514', constraint: 'invoice_is_issued' }, attempt)
  assert.deepEqual(await shown(id), before)
  const drafts = await sql(`update invoice_line set description = 'Brass' where invoice_id = '${other}' returning 1`)
  assert.equal(drafts.length, 2, 'a draft may still change, so the refusals above were about being issued')
})

test('a later rate or name changes no issued invoice', async () => {
  const customerId = await customer()
  const id = await issuedOne({ customerId })
  const before = await shown(id)
  await setRate(2_000_000, '2026-02-01T00:00:00Z')
  const card = { phone: null, email: null, taxNumber: null, address: null, note: null }
  ok(await owner().call('shop.customer.update', { id: customerId, name: 'Married Name', ...card }))
  assert.deepEqual(await shown(id), before)
  const next = await shown(await issuedOne({ customerId }))
  assert.equal(next.customerName, 'Married Name')
  assert.equal(next.lines[0].rateMinor, 2_000_000)
})

test('the board shows the last rate in effect, not the last one set', async () => {
  const rate = (rateMinor: number, effectiveAt: string) => setRate(rateMinor, effectiveAt, { currency: 'AED' })
  await rate(300, '2026-01-03T00:00:00Z')
  await rate(200, '2026-01-02T00:00:00Z')
  await rate(900, '2999-01-01T00:00:00Z')
  const board = async (at?: string) =>
    ok(await owner().call('shop.rate.current', { currency: 'AED', ...(at && { at }) })).map(
      (one: { rateMinor: number }) => one.rateMinor,
    )
  assert.deepEqual(await board(), [300])
  assert.deepEqual(await board('2026-01-02T12:00:00Z'), [200])
  assert.deepEqual(await board('2026-01-01T00:00:00Z'), [])
  await rate(310, '2026-01-03T00:00:00Z')
  assert.deepEqual(await board(), [310], 'of two for one moment, the one said last')
})

test('a draft without a rate, or with a discount above its price, is refused and leaves nothing', async () => {
  const customerId = await customer()
  const lines = (terms: object) => ({ customerId, currency: 'INR', lines: [{ ...ring, ...terms }] })
  refused(await owner().call('shop.invoice.draft', lines({ purity: 999 })), 'rate_not_set')
  refused(await owner().call('shop.invoice.draft', lines({ discountMinor: 900_000_000 })), 'discount_above_price')
  assert.deepEqual(ok(await owner().call('shop.invoice.list', { customerId })).data, [])
})

test('a phone number stands on one card of a workspace, and the neighbour hears nothing of it', async () => {
  const phone = '+919800000999'
  const { id } = ok(await owner().call('shop.customer.create', { name: 'First', phone }))
  refused(await owner().call('shop.customer.create', { name: 'Second', phone }), 'customer_phone_taken')
  ok(await owner('south').call('shop.customer.create', { name: 'Neighbour', phone }))
  const found = ok(await owner().call('shop.customer.list', { phone })).data as { id: string }[]
  assert.deepEqual(
    found.map((one) => one.id),
    [id],
  )
})

test('a row of the neighbour is a row that is not there', async () => {
  const customerId = await customer()
  const id = await drafted({ customerId })
  const nowhere = '01a1f848-da0a-77a5-b12d-19e77fbb8427'
  const south = owner('south')
  for (const foreign of [customerId, nowhere]) {
    assert.equal((await south.call('shop.invoice.draft', { ...order, customerId: foreign })).status, 404)
    assert.equal((await south.call('shop.customer.get', { id: foreign })).status, 404)
    assert.deepEqual(ok(await south.call('shop.invoice.list', { customerId: foreign })).data, [])
  }
  for (const foreign of [id, nowhere]) {
    assert.equal((await south.call('shop.invoice.get', { id: foreign })).status, 404)
    assert.equal((await south.call('shop.invoice.issue', { id: foreign })).status, 404)
    assert.equal((await south.call('shop.invoice.void', { id: foreign, reason: 'not ours' })).status, 404)
  }
  assert.equal((await shown(id)).status, 'draft')
})

test('a cashier sells but neither sets rates nor makes void', async () => {
  const cashier = w.as('cashier')
  const id = await issuedOne()
  assert.equal((await cashier.call('shop.invoice.void', { id, reason: 'not mine to do' })).status, 403)
  const rate = { metal: 'gold', purity: 916, currency: 'INR', rateMinor: 1, effectiveAt: '2026-03-01T00:00:00Z' }
  assert.equal((await cashier.call('shop.rate.set', { ...rate, source: 'a friend' })).status, 403)
  assert.equal((await shown(id)).status, 'issued')
})

const ring = { description: 'Ring', metal: 'gold', purity: 916, weightMg: 3_217, makingMinor: 120_017, taxPerMille: 30 }
const order = { currency: 'INR', lines: [ring, { ...ring, description: 'Chain', weightMg: 8_043 }] }

const ok = ({ status, body, text }: Answer) => {
  assert.equal(status, 200, text)
  return body
}

const refused = ({ status, body }: Answer, code: string) => assert.deepEqual([status, body.code], [409, code])

async function customer(): Promise<string> {
  return ok(await owner().call('shop.customer.create', { name: 'Farida Rahman' })).id
}

const gold = { metal: 'gold', purity: 916, currency: 'INR', source: 'board' }

const setRate = async (rateMinor: number, effectiveAt: string, more: object = {}) =>
  ok(await owner().call('shop.rate.set', { ...gold, rateMinor, effectiveAt, ...more }))

let hasRate: Promise<unknown> | undefined

async function drafted(more: object = {}): Promise<string> {
  await (hasRate ??= setRate(1_179_850, '2026-01-05T04:30:00Z'))
  const given = { ...order, customerId: 'customerId' in more ? more.customerId : await customer(), ...more }
  return ok(await owner().call('shop.invoice.draft', given)).id
}

async function issuedOne(more: object = {}): Promise<string> {
  const id = await drafted(more)
  ok(await owner().call('shop.invoice.issue', { id }))
  return id
}

const shown = async (id: string) => ok(await owner().call('shop.invoice.get', { id }))

/** As code of this module that has lost its manners: its role, its workspace, any statement. */
async function sql(statement: string) {
  const { live, parts } = w.served
  const role = parts.deployment.names.role('shop')
  return await live.canaries[0]!.north.app(
    `select set_config('role', '${role}', true), set_config('search_path', 'shop', true),
       set_config('app.workspace', '${w.north.place.workspace}', true); ${statement}`,
  )
}
