import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { exportOf, NO_COPIES, sealAll, verified } from '../../../test/sealed.ts'
import { asAdmin } from '../../tenancy/cluster.ts'
import { world, type World } from '../../testing.ts'
import { headIn } from './copies.ts'

let here: World
before(async () => (here = await world(jeweller)))
after(async () => await here[Symbol.asyncDispose]())

const parts = () => here.served.parts
const place = (side: 'north' | 'south' = 'north') => here[side].place
const asked = (text: string, values: unknown[] = []) =>
  asAdmin(parts().deployment.admin, place().realm.database, async (client) => (await client.query(text, values)).rows)
const keysIn = (text: string) => lines(text).flatMap(({ key }) => (typeof key === 'string' ? [key] : []))
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

async function trade(customers: number) {
  for (let at = 0; at < customers; at++)
    await here.as('owner', at % 3 ? 'north' : 'south').call('shop.customer.create', { name: `Customer ${at}` })
  await sealAll(parts(), place().realm)
}

test('a workspace’s log is what strangers can verify, and holds nothing of anybody else’s', async () => {
  await trade(20)
  for (const side of ['north', 'south'] as const) {
    const text = await exportOf(parts(), place(side))
    const { status, said } = await verified(text, '--key', keysIn(text)[0]!)
    assert.equal(status, 0, said)
    const entries = lines(text).filter((line) => 'leaf' in line)
    const [{ n }] = (await asked('select count(*)::int as n from audit.entry where workspace_id = $1', [
      place(side).workspace,
    ])) as [{ n: number }]
    assert.ok(entries.length > 6)
    assert.equal(entries.length, n)
    assert.ok(!text.includes(place(side === 'north' ? 'south' : 'north').workspace))
  }
})

test('it proves to continue an earlier one, and an earlier head', async () => {
  const earlier = await exportOf(parts(), place())
  const { checkpoint } = lines(earlier)[0] as { checkpoint: string }
  await trade(9)
  const later = await exportOf(parts(), place(), [headIn(checkpoint)])
  for (const since of [earlier, checkpoint]) {
    const { status, said } = await verified(later, '--since', since)
    assert.equal(status, 0, said)
    assert.match(said, /continues/)
  }
  const unproven = await verified(await exportOf(parts(), place()), '--since', checkpoint)
  assert.equal(unproven.status, 5)
})

test('halves that were forgotten are gone, and the rest is as provable as before', async () => {
  const before = await exportOf(parts(), place())
  await asked(`update audit.entry set actor_name = null, address = null, user_agent = null where workspace_id = $1`, [
    place().workspace,
  ])
  await asked('update audit.leaf set who_salt = null where workspace_id = $1', [place().workspace])
  const text = await exportOf(parts(), place())
  const entries = lines(text).filter((line) => 'leaf' in line)
  assert.ok(entries.every(({ who, what }) => who === null && what !== null))
  assert.equal(entries.length, lines(before).filter((line) => 'leaf' in line).length)
  // Nothing in the log says that they were to be forgotten.
  const { status, said } = await verified(text)
  assert.equal(status, 5)
  assert.match(said, /nothing says that it was erased/)
})

test('a copy that is ahead of the tables, or says something else, keeps the log from vouching', async () => {
  const south = () => exportOf(parts(), place('south'))
  const [{ checkpoint, size }] = (await asked('select checkpoint, size from audit.log')) as [
    { checkpoint: string; size: string },
  ]
  const copyOf = (note: string) => ({ newest: async () => ({ ...headIn(note), note }) })
  const withCopy = (note: string) => exportOf(parts(), place('south'), [], copyOf(note))
  assert.equal(lines(await withCopy(checkpoint)).length, lines(await south()).length)
  await trade(3)
  const [{ checkpoint: later }] = (await asked('select checkpoint from audit.log')) as [{ checkpoint: string }]
  await withCopy(checkpoint)
  await withCopy(later)
  assert.equal(headIn(checkpoint).size, Number(size))
  await assert.rejects(withCopy(later.replace(/\n\d+\n/, '\n99999\n')), /not to be believed/)
})

test('nobody waits for a realm that has no log yet, nor for a workspace without entries', async () => {
  await assert.rejects(
    exportOf(parts(), { ...place(), workspace: '0199a000-0000-7000-8000-000000000000' }, [
      { origin: 'another/log', size: 1, root: Buffer.alloc(32) },
    ]),
    /there is no log another\/log/,
  )
  const text = await exportOf(parts(), { ...place(), workspace: '0199a000-0000-7000-8000-000000000000' }, [], NO_COPIES)
  assert.equal(lines(text).length, 2)
  assert.equal((await verified(text)).status, 0)
})
