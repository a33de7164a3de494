import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { forgettingIn, insistOnWhole, keptIn, sealed, settle, takeOver } from '../../../test/leaves.ts'
import { sql } from '../../../test/people.ts'
import { NO_COPIES } from '../../../test/sealed.ts'
import { world } from '../../testing.ts'
import type { World } from '../../testing.ts'
import { reopen } from '../sealing/reopening.ts'

/** All that may happen to a log at once: whoever takes an export has one that verifies, or is told to ask again. */
let here: World
before(async () => {
  here = await world(jeweller)
  await takeOver(here)
})
after(() => here[Symbol.asyncDispose]())

const ROUNDS = 3

const call = async (name: string, input: object = {}) => {
  const { status, body, text } = await here.as('owner').call(name, input)
  assert.equal(status, 200, `${name}: ${text}`)
  return body
}

test('erasing, holding, thinning, sealing, exporting and opening anew get in nobody’s way', async () => {
  const { workspace } = here.north.place
  const phones: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const phone = `+9198000000${10 + round}`
    phones.push(phone)
    const { id } = await call('shop.customer.create', { name: 'Races', phone })
    await sql(here)(
      `insert into audit.entry (workspace_id, at, action, actor_kind, actor_id, actor_name, request_id, input)
       select $1, now() - interval '20 years', 'test.old.done', 'system', 'test', 'Test', 'test', '{}'
       from generate_series(1, 20)`,
      [workspace],
    )
    await Promise.all([
      call('audit.subject.erase', { subject: id, reason: 'They asked for it' }),
      holdAWhile(),
      forget(),
      forget(),
      sealed(here),
      vouched(),
      ...(round % 2 ? [openAnew()] : []),
    ])
    await vouched()
  }
  await settle(here)
  await insistOnWhole(here, here.north.place)
  const words = (await keptIn(here, workspace)).map(({ input, changes }) => `${input}${changes}`).join('\n')
  for (const phone of phones) assert.ok(!words.includes(phone), phone)
  const { data } = await call('audit.subject.erasures', { limit: '200' })
  assert.deepEqual(new Set((data as { state: string }[]).map(({ state }) => state)), new Set(['done']))
  const [left] = await sql(here)(
    `select (select count(*)::int from audit.leaf f where workspace_id = $1 and not exists
       (select from audit.entry e where e.workspace_id = $1 and e.id = f.id)) as robbed,
     (select count(*)::int from audit.entry e join audit.leaf f using (workspace_id, id)
       where workspace_id = $1 and (e.actor_name is null) <> (f.who_salt is null)) as half`,
    [workspace],
  )
  assert.deepEqual(left, { robbed: 0, half: 0 })
})

async function holdAWhile() {
  const { id } = await call('audit.hold.place', { reason: 'A dispute' })
  await call('audit.hold.release', { id, reason: 'Settled' })
}

async function forget() {
  const forgetDue = forgettingIn(here)
  while (await forgetDue());
}

/** It verifies, or it is refused in words that say to ask again. */
async function vouched() {
  await insistOnWhole(here, here.north.place).catch((error: Error) => assert.match(error.message, /^Ask again/))
}

function openAnew() {
  const { deployment, vault } = here.served.parts
  const means = { keeper: deployment.keeper, vault, copies: NO_COPIES, tell: () => undefined }
  return reopen(means, here.north.place.realm, 'A restore')
}
