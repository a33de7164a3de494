import assert from 'node:assert/strict'
import { test } from 'node:test'
import { jeweller } from '../../../editions/jeweller/edition.ts'
import { asAdmin } from '../../tenancy/cluster.ts'
import { openStage } from '../../testing.ts'
import { ensureCanaries } from './canaries.ts'

test('canaries are planted once, and learn what a newer version asks for', async () => {
  await using stage = await openStage(jeweller)
  const { parts } = stage
  const { admin, names } = parts.deployment
  const planted = await ensureCanaries(parts)
  assert.deepEqual(await ensureCanaries(parts), planted)
  await asAdmin(admin, names.deployment, (client) =>
    client.query(`delete from directory.planted where thing in ('ownRole', 'customer')`),
  )
  const again = await ensureCanaries(parts)
  for (const [at, { things, place }] of again.entries()) {
    assert.deepEqual(new Set(things.keys()), new Set(planted[at]!.things.keys()))
    assert.equal(place.workspace, planted[at]!.place.workspace)
    assert.equal(things.get('marker'), planted[at]!.things.get('marker'))
    assert.notEqual(things.get('customer'), planted[at]!.things.get('customer'))
  }
  assert.deepEqual(await ensureCanaries(parts), again)
})

test('under a new master key the people of the canaries are taught what they know anew', async () => {
  await using stage = await openStage(jeweller)
  const { parts } = stage
  const [before] = await ensureCanaries(parts)
  parts.vault.rotate()
  const [after] = await ensureCanaries(parts)
  assert.equal(after!.things.get('people'), parts.vault.ring().current)
  assert.equal(after!.things.get('person:owner'), before!.things.get('person:owner'))
  assert.notEqual(after!.things.get('people'), before!.things.get('people'))
})

test('what the log forgets by itself is planted anew a day later, and nothing else is', async () => {
  await using stage = await openStage(jeweller)
  const { parts } = stage
  const { admin, names } = parts.deployment
  const before = await ensureCanaries(parts)
  const old = '01900000-0000-7000-8000-000000000000'
  await asAdmin(admin, names.deployment, (client) =>
    client.query(`update directory.planted set value = $1 where thing = 'entry'`, [old]),
  )
  const after = await ensureCanaries(parts)
  for (const [at, { things }] of after.entries()) {
    const renewed = [...things.keys()].filter((thing) => things.get(thing) !== before[at]!.things.get(thing))
    assert.deepEqual(new Set(renewed), new Set(['entry', 'alert', 'releasedHold']))
  }
  assert.deepEqual(await ensureCanaries(parts), after)
})
