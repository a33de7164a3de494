import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { world } from '#kernel/testing'
import type { Answer, World } from '#kernel/testing'

import { jeweller } from '../../editions/jeweller/edition.ts'
import { FAULTS } from './ledgers/books.ts'

/** Much at once on one ledger, and whatever comes in whatever order: the entries are the balance. */
let w: World
before(async () => {
  w = await world(jeweller)
})
after(() => w[Symbol.asyncDispose]())

const call = (name: string, input: object) => w.as('owner').call(name, input)
const ok = ({ status, body, text }: Answer) => {
  assert.equal(status, 200, text)
  return body
}
const refused = ({ status, body }: Answer, code: string) => assert.deepEqual([status, body.code], [409, code])
const does = async (name: string, input: object) => ok(await call(name, input))

/** Whoever is told that the server has too much to do asks again. */
async function patiently(name: string, input: object): Promise<Answer> {
  const answer = await call(name, input)
  return answer.status === 503 ? await patiently(name, input) : answer
}

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
const cash = (amountMinor: number) => ({ way: 'cash', amountMinor })
const paying = (customerId: string, amountMinor: number, more: object = {}) => ({
  customerId,
  currency: 'INR',
  parts: [cash(amountMinor)],
  ...more,
})
const balance = async (customerId: string) =>
  (await does('shop.ledger.balance', { customerId })).money[0]?.balanceMinor ?? 0
const invoiceOf = (id: string) => does('shop.invoice.get', { id })

test('two hundred payments and voids at once on one ledger: sums right, no number lost or doubled', async () => {
  const customerId = await customer()
  const invoiceId = await issued(customerId, 60_000)
  const series = 'RUSH'
  const take = () =>
    patiently(
      'shop.payment.take',
      paying(customerId, 1_000, { series, allocations: [{ invoiceId, amountMinor: 1_000 }] }),
    )
  const first = await Promise.all(Array.from({ length: 50 }, take))
  const voids = first.flatMap((answer) => {
    const { id } = ok(answer)
    return [1, 2].map(() => () => patiently('shop.payment.void', { id, reason: 'a race' }))
  })
  const rush = [...voids, ...Array.from({ length: 50 }, () => take)]
  const answers = await Promise.all(rush.map((one) => one()))
  const [voided, taken] = [answers.slice(0, voids.length), answers.slice(voids.length)]
  assert.equal(voided.filter(({ status }) => status === 200).length, 50)
  for (const answer of voided.filter(({ status }) => status !== 200)) refused(answer, 'payment_is_void')
  for (const answer of taken.filter(({ status }) => status !== 200)) refused(answer, 'invoice_overpaid')
  const made = taken.filter(({ status }) => status === 200)
  const numbers = [...first, ...made].map(({ body }) => body.number as number).toSorted((a, b) => a - b)
  assert.deepEqual(
    numbers,
    [...numbers.keys()].map((at) => at + 1),
  )
  assert.equal(await balance(customerId), 60_000 - made.length * 1_000)
  assert.equal((await invoiceOf(invoiceId)).settledMinor, made.length * 1_000)
  await soundBooks()
})

test('invoices made void, credited and paid for at the same moment end in one truth', async () => {
  const customerId = await customer()
  for (let round = 0; round < 6; round++) {
    const invoiceId = await issued(customerId, 5_000, 3_000)
    const allocations = [{ invoiceId, amountMinor: 2_000 }]
    const take = () => call('shop.payment.take', paying(customerId, 2_000, { allocations }))
    const { id } = ok(await take())
    const answers = await Promise.all([
      take(),
      call('shop.invoice.void', { id: invoiceId, reason: 'a race' }),
      take(),
      call('shop.credit.give', { invoiceId, positions: [1], reason: 'a race' }),
      call('shop.payment.void', { id, reason: 'a race' }),
      take(),
      call('shop.payment.refund', { id, reason: 'a race', parts: [cash(500)] }),
    ])
    for (const { status, text } of answers) assert.ok(status === 200 || status === 409, text)
    await soundBooks()
  }
})

test('after any history each ledger is the sum of its papers and payments', async () => {
  const people = [await customer(), await customer(), await customer()]
  const [invoices, payments]: [string[], string[]] = [[], []]
  const roll = dice(2_026)
  const one = <T>(from: readonly T[]) => from[roll(from.length)]!
  const acts = [
    async () => void invoices.push(await issued(one(people), 1 + roll(9_000), 1 + roll(9_000))),
    async () => void payments.push((await does('shop.payment.take', paying(one(people), 1 + roll(9_000)))).id),
    () => call('shop.payment.allocate', { id: one(payments), invoiceId: one(invoices), amountMinor: 1 + roll(3_000) }),
    () => call('shop.payment.void', { id: one(payments), reason: 'rolled' }),
    () => call('shop.payment.refund', { id: one(payments), reason: 'rolled', parts: [cash(1 + roll(2_000))] }),
    () => call('shop.invoice.void', { id: one(invoices), reason: 'rolled' }),
    () => call('shop.credit.give', { invoiceId: one(invoices), positions: [1 + roll(2)], reason: 'rolled' }),
    () =>
      call('shop.ledger.adjust', {
        customerId: one(people),
        currency: 'INR',
        amountMinor: roll(900) - 450,
        reason: 'rolled',
      }),
  ]
  for (let at = 0; at < 6; at++) await acts[at % 2]!()
  const statuses = new Set<number>()
  for (let at = 0; at < 300; at++) {
    const answer = await one(acts)()
    if (answer) statuses.add(answer.status)
  }
  assert.deepEqual(
    [...statuses].toSorted((a, b) => a - b),
    [200, 409],
  )
  await soundBooks()
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

/** The same throws each time. */
function dice(seed: number) {
  let state = seed
  return (sides: number) => {
    state = (state * 48_271) % 2_147_483_647
    return state % sides
  }
}
