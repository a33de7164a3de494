import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { insistOnWhole, keptIn, sealed, settle, takeOver } from '../../../test/leaves.ts'
import { somebody, sql } from '../../../test/people.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'

/** A name is many people’s: it goes where the entry is about the one who is forgotten, and nowhere else. */
let here: World
before(async () => {
  here = await world(jeweller)
  await takeOver(here)
  const rate = { ...gold, currency: 'INR', rateMinor: 1_000_000, effectiveAt: '2026-01-05T04:30:00Z', source: 'board' }
  await call('shop.rate.set', rate)
})
after(() => here[Symbol.asyncDispose]())

const call = async (name: string, input: object = {}) => {
  const { status, body, text } = await here.as('owner').call(name, input)
  assert.equal(status, 200, `${name}: ${text}`)
  return body
}
const erase = async (subject: string) => {
  const asked = await call('audit.subject.erase', { subject, reason: 'They asked for it' })
  await settle(here)
  await insistOnWhole(here, here.north.place)
  return asked.id as string
}
const log = () => keptIn(here, here.north.place.workspace)
const saidIn = ({ input, changes }: { input: string | null; changes: string | null }) => `${input} ${changes}`

const NAME = 'Zohra "Zo" de la (Torre) 50% [x]* \\ Ñandú'
const card = { name: NAME, phone: null, email: null, taxNumber: null, address: null, note: null }
const gold = { metal: 'gold', purity: 916 }
const line = { ...gold, taxPerMille: 30, weightMg: 3_000, makingMinor: 100_000 }

const draftFor = async (customerId: string, description: string): Promise<string> =>
  (await call('shop.invoice.draft', { customerId, currency: 'INR', lines: [{ ...line, description }] })).id

test('of a customer nothing stays in any paper of theirs, and all in those of a namesake', async () => {
  const texts = {
    address: 'Mount Road 12\n"Rear" house',
    note: 'Likes pearls. '.repeat(30),
    taxNumber: '29ABCDE1234F1Z5',
  }
  const full = { ...card, ...texts, phone: '+919811111111', email: 'zohra@example.com' }
  const mine = await call('shop.customer.create', full)
  const namesake = await call('shop.customer.create', { ...full, phone: '+919822222222', email: 'other@example.com' })
  const renamed = 'Zohra Sharma'
  const papers = { mine: await draftFor(mine.id, `for ${NAME}`), theirs: await draftFor(namesake.id, `for ${NAME}`) }
  await call('shop.customer.update', { ...full, id: mine.id, name: renamed })
  for (const id of Object.values(papers)) {
    await call('shop.invoice.issue', { id })
    // The customer is not in it, only the name: that the paper is theirs was said when it was made.
    await sql(here)(
      `insert into audit.entry (workspace_id, action, actor_kind, actor_id, actor_name, request_id, target, input)
       values ($1, 'test.paper.rename', 'system', 'test', 'Test', 'test', $2, $3)`,
      [here.north.place.workspace, id, JSON.stringify({ name: renamed })],
    )
  }
  const apart = await call('shop.customer.create', { ...card, name: 'Apart', note: `${NAME} sent them` })
  await sealed(here)
  const before = await log()
  const request = await erase(mine.id)

  const now = await log()
  for (const one of now) {
    if (one.target !== apart.id && one.target !== namesake.id && one.target !== papers.theirs)
      for (const text of [NAME, renamed, ...Object.values(texts), full.phone, full.email])
        assert.ok(!saidIn(one).includes(JSON.stringify(text).slice(1, -1)), `${one.action} says ${text}`)
  }
  for (const target of [apart.id, namesake.id, papers.theirs])
    assert.deepEqual(
      now.filter((one) => one.target === target),
      before.filter((one) => one.target === target),
    )
  const [receipt] = now.filter(({ action, target }) => action === 'audit.log.forget' && target === request)
  assert.ok(receipt)
})

test('what many things have in common empties none of them', async () => {
  const { id } = await call('shop.customer.create', { ...card, name: 'gold', note: 'INR', address: 'a.*' })
  const [named, other] = [
    await draftFor(id, 'A band of silver'),
    await draftFor((await call('shop.customer.create', { ...card, name: 'Else' })).id, 'gold ring, INR, a.*'),
  ]
  await sealed(here)
  const before = await log()
  await erase(id)
  const now = await log()
  assert.deepEqual(
    now.filter(({ target }) => target === other),
    before.filter(({ target }) => target === other),
  )
  assert.equal(now.find(({ target }) => target === named)!.input, null)
  const gone = now.filter(({ input }, at) => input === null && before[at]?.input !== null)
  assert.deepEqual(
    gone.map(({ target }) => target),
    before.filter(({ target }) => target === id || target === named).map(({ target }) => target),
  )
})

test('an alert about a person stays without them, and what was thought of it goes with what was said', async () => {
  const { workspace } = here.north.place
  const asha = await somebody(here, ['owner'])
  assert.equal((await asha.call('shop.customer.create', { ...card, name: 'Their work' })).status, 200)
  const raise = async (subject: string) => {
    const [row] = await sql(here)(
      `insert into audit.alert (workspace_id, rule, severity, subject, from_at, to_at, times, entries)
       values ($1, 'doors', 'alarm', $2, now(), now(), 3, '{}') returning id`,
      [workspace, subject],
    )
    await sql(here)(
      `insert into audit.entry (workspace_id, action, actor_kind, actor_id, actor_name, request_id, target, input)
       values ($1, 'audit.alert.raise', 'system', 'watch', 'Watch', 'test', $2, $3)`,
      [workspace, row!['id'], JSON.stringify({ rule: 'doors', subject })],
    )
    const note = 'Was drunk, we think'
    await call('audit.alert.acknowledge', { id: row!['id'], note })
    return String(row!['id'])
  }
  const [about, other] = [await raise(asha.person), await raise('somebody else')]
  await erase(asha.person)
  const { data } = await call('audit.alert.list', { limit: '200' })
  const alert = (id: string) =>
    (data as { id: string; subject: string; note: string | null; times: number }[]).find((one) => one.id === id)!
  assert.deepEqual([alert(about).subject, alert(about).note, alert(about).times], ['', null, 3])
  assert.deepEqual([alert(other).subject, alert(other).note], ['somebody else', 'Was drunk, we think'])
  const now = await log()
  assert.deepEqual(
    now.filter(({ target }) => target === about).map(({ input }) => input),
    [null, null],
  )
  assert.ok(now.filter(({ target }) => target === other).every(({ input }) => input !== null))
})
