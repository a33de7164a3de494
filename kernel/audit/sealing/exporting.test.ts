import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { exportOf, NO_COPIES, quietWorld, verified, type Quiet } from '../../../test/sealed.ts'
import { checkpointText } from '../log/checkpoint.ts'
import { EMPTY_ROOT } from '../log/tree.ts'
import { headIn } from './copies.ts'

let here: Quiet
before(async () => (here = await quietWorld()))
after(async () => await here[Symbol.asyncDispose]())

const keysIn = (text: string) => lines(text).flatMap(({ key }) => (typeof key === 'string' ? [key] : []))
const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

async function trade(customers: number) {
  await here.act(customers)
  await here.act(Math.ceil(customers / 2), undefined, 'south')
}

test('a workspace’s log is what strangers can verify, and holds nothing of anybody else’s', async () => {
  await trade(20)
  for (const side of ['north', 'south'] as const) {
    const text = await exportOf(here.parts, here[side])
    const { status, said } = await verified(text, '--key', keysIn(text)[0]!)
    assert.equal(status, 0, said)
    const entries = lines(text).filter((line) => 'leaf' in line)
    const [{ n }] = (await here.sql('select count(*)::int as n from audit.entry where workspace_id = $1', [
      here[side].workspace,
    ])) as [{ n: number }]
    assert.ok(entries.length > 6)
    assert.equal(entries.length, n)
    assert.ok(!text.includes(here[side === 'north' ? 'south' : 'north'].workspace))
  }
})

test('it proves to continue an earlier one, and an earlier head', async () => {
  const earlier = await exportOf(here.parts, here.north)
  const { checkpoint } = lines(earlier)[0] as { checkpoint: string }
  await trade(9)
  const later = await exportOf(here.parts, here.north, [checkpoint])
  for (const since of [earlier, checkpoint]) {
    const { status, said } = await verified(later, '--since', since)
    assert.equal(status, 0, said)
    assert.match(said, /continues/)
  }
  const unproven = await verified(await exportOf(here.parts, here.north), '--since', checkpoint)
  assert.equal(unproven.status, 5)
})

test('halves that were forgotten are gone, and the rest is as provable as before', async () => {
  const before = await exportOf(here.parts, here.north)
  await here.sql(
    `update audit.entry set actor_name = null, address = null, user_agent = null where workspace_id = $1`,
    [here.north.workspace],
  )
  await here.sql('update audit.leaf set who_salt = null where workspace_id = $1', [here.north.workspace])
  const text = await exportOf(here.parts, here.north)
  const entries = lines(text).filter((line) => 'leaf' in line)
  assert.ok(entries.every(({ who, what }) => who === null && what !== null))
  assert.equal(entries.length, lines(before).filter((line) => 'leaf' in line).length)
  // Nothing in the log says that they were to be forgotten.
  const { status, said } = await verified(text)
  assert.equal(status, 5)
  assert.match(said, /nothing says that it was erased/)
})

test('a copy that is ahead of the tables, or says something else, keeps the log from vouching', async () => {
  const south = () => exportOf(here.parts, here.south)
  const [{ checkpoint, size }] = (await here.sql('select checkpoint, size from audit.log')) as [
    { checkpoint: string; size: string },
  ]
  const copyOf = (note: string) => ({ newest: async () => ({ ...headIn(note), note }) })
  const withCopy = (note: string) => exportOf(here.parts, here.south, [], copyOf(note))
  assert.equal(lines(await withCopy(checkpoint)).length, lines(await south()).length)
  await trade(3)
  const [{ checkpoint: later }] = (await here.sql('select checkpoint from audit.log')) as [{ checkpoint: string }]
  await withCopy(checkpoint)
  await withCopy(later)
  assert.equal(headIn(checkpoint).size, Number(size))
  await assert.rejects(withCopy(later.replace(/\n\d+\n/, '\n99999\n')), /not to be believed/)
})

test('nobody waits for a realm that has no log yet, nor for a workspace without entries', async () => {
  await assert.rejects(
    exportOf(here.parts, here.north, [
      checkpointText({ origin: 'another/log', size: 0, root: EMPTY_ROOT }) + '\n— a AAAAAAAA\n',
    ]),
    /of another log, another\/log/,
  )
  const text = await exportOf(
    here.parts,
    { ...here.north, workspace: '0199a000-0000-7000-8000-000000000000' },
    [],
    NO_COPIES,
  )
  assert.equal(lines(text).length, 2)
  assert.equal((await verified(text)).status, 0)
})
