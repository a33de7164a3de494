import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Breakable } from '../contract/control.ts'
import { version } from './controls.ts'

/** Servers that answer only the one question; the last of them is the second canary's in a database of its own. */
function serversOf(...versions: [number, ...number[]]): Breakable {
  const answering = (at: number) => async () => [{ version: versions[at] ?? versions[0] }]
  const [north, south] = [{ catalogue: answering(0) }, { catalogue: answering(1) }]
  return { directory: answering(0), canaries: [{ kind: 'pool', north, south }] } as unknown as Breakable
}

const OLD = 'the database server is older than the newest security fixes we know of'
const UNKNOWN = 'which security fixes this database server needs is not known to us'

for (const [given, saw] of [
  [150_019, OLD],
  [150_020, undefined],
  [150_021, undefined],
  [160_015, OLD],
  [160_016, undefined],
  [170_011, OLD],
  [170_012, undefined],
  [180_004, OLD],
  [180_006, OLD],
  [180_007, undefined],
  [180_010, undefined],
  [140_025, UNKNOWN],
  [190_000, UNKNOWN],
  [Number.NaN, UNKNOWN],
] as const)
  test(`${given} ${saw ? 'is not enough' : 'is enough'}`, async () => {
    const finding = await version.probe(serversOf(given))
    assert.equal(finding.holds, saw === undefined)
    if (saw) assert.equal(finding.saw, saw)
  })

test('one old server among good ones is enough to fail', async () => {
  assert.equal((await version.probe(serversOf(180_007, 180_007))).holds, true)
  assert.equal((await version.probe(serversOf(180_007, 180_004))).holds, false)
})

test('a healthy server that is replaced by an old one is noticed, and healed', async () => {
  const servers = serversOf(180_007)
  const heal = await version.sabotage(servers)
  assert.equal((await version.probe(servers)).holds, false)
  await heal()
  assert.equal((await version.probe(servers)).holds, true)
})

test('what anyone may read says nothing of versions', async () => {
  for (const given of [150_000, 180_007, 990_001])
    assert.doesNotMatch((await version.probe(serversOf(given))).saw, /\d/)
})
