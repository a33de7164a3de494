import { randomUUID } from 'node:crypto'
import assert from 'node:assert/strict'
import pg from 'pg'
import { canonical } from '../kernel/audit/log/canonical.ts'
import { readCheckpoint } from '../kernel/audit/log/checkpoint.ts'
import { definedLeaf, definedRoot } from '../kernel/audit/log/definition.ts'
import { halfHash, leafFrom, sealable } from '../kernel/audit/log/leaf.ts'
import type { Copies } from '../kernel/audit/sealing/copies.ts'
import { pass } from '../kernel/audit/sealing/sequencer.ts'
import { ENTRY, type Written } from '../kernel/audit/sealing/sequencing/backlog.ts'
import { newMemory, type Memory } from '../kernel/audit/sealing/sequencing/belief.ts'
import { NO_WORKSPACE, type Means } from '../kernel/audit/sealing/sequencing/ledger.ts'
import { asAdmin } from '../kernel/tenancy/cluster.ts'
import type { Realm } from '../kernel/tenancy/realms.ts'
import { openStage, type Stage } from '../kernel/testing.ts'
import { trialEdition } from './trial.ts'

/** A realm with a log and nobody who seals it but the test. */
export type Logbook = AsyncDisposable & {
  stage: Stage
  realm: Realm
  means: Means
  /** As the one who owns the tables, and whom nothing stops. */
  sql: Sql
  connect: () => Promise<pg.Client>
}
export type Sql = (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>

export const nowhere: Copies = { newest: async () => undefined, keep: () => undefined }

export async function openLogbook(copies = nowhere): Promise<Logbook> {
  const stage = await openStage(trialEdition({}, {}, 'select 1'))
  const { deployment, vault } = stage.parts
  const realm = deployment.known.at(-1)!
  const connect = async () => {
    const client = new pg.Client({ ...deployment.admin, database: realm.database })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  return {
    stage,
    realm,
    means: { keeper: deployment.keeper, vault, copies, tell: () => undefined },
    connect,
    sql: (text, values = []) =>
      asAdmin(deployment.admin, realm.database, async (client) => (await client.query(text, values)).rows as never),
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}

export const workspaces = (count: number) => Array.from({ length: count }, () => randomUUID())

/** Entries of these workspaces in turn. */
export const ENTRIES = `insert into audit.entry
    (workspace_id, action, actor_kind, actor_id, actor_name, address, request_id, target, input, changes)
  select ($1::uuid[])[1 + n % cardinality($1::uuid[])], 'trial.thing.create', 'person', gen_random_uuid(), 'نور Noor',
    '192.0.2.1', gen_random_uuid(), gen_random_uuid(), jsonb_build_object('name', 'Thing ' || n),
    jsonb_build_array(jsonb_build_object('of', 'trial.thing', 'id', gen_random_uuid(), 'before', null))
  from generate_series(0, $2::int - 1) n`

/** Until nothing is left to be sealed; what waits for a transaction of another test is waited for. */
export async function drain({ means, realm, sql }: Logbook, memory: Memory = newMemory()): Promise<Memory> {
  for (const until_ms = Date.now() + 60_000; ;) {
    const { isAll } = await pass(means, realm, memory)
    if (isAll && (await sql(`select from audit.entry e where not exists ${LEAF} limit 1`)).length === 0) return memory
    assert.ok(Date.now() < until_ms, 'entries wait in vain to be sealed')
    if (isAll) await new Promise((done) => setTimeout(done, 20))
  }
}

const LEAF = '(select from audit.leaf f where f.workspace_id = e.workspace_id and f.id = e.id)'

/**
 * Everything that is stored, hashed again from the entries by the slow definition: each entry is one leaf, each
 * workspace counts from one without a gap and names its last, and the head that is signed is the root over them.
 * Answers the sizes.
 */
export async function examined({ sql }: Pick<Logbook, 'sql'>): Promise<number[]> {
  const leaves = (await sql(`select ${ENTRY}, f.epoch, f.seq::int, f.index::int, f.hash as leaf_hash, f.who as who_hash,
      f.what as what_hash, f.who_salt, f.what_salt, l.size::int, l.root, l.checkpoint
    from audit.leaf f left join audit.log l on l.epoch = f.epoch
    full join audit.entry e on e.workspace_id = f.workspace_id and e.id = f.id
    order by f.epoch, f.index`)) as (Written & StoredLeaf)[]
  for (const leaf of leaves) assert.ok(leaf.id && leaf.leaf_hash, 'an entry is no leaf, or a leaf no entry')
  const sizes: number[] = []
  for (const own of Map.groupBy(leaves, ({ epoch }) => epoch).values()) {
    const { epoch, size, root, checkpoint } = own[0]!
    insistOnChains(own)
    assert.equal(own.length, size)
    assert.deepEqual(definedRoot(own.map(({ leaf_hash }) => leaf_hash)), root)
    const signed = readCheckpoint(checkpoint.slice(0, checkpoint.lastIndexOf('\n\n') + 1))
    assert.deepEqual([signed.size, signed.root], [size, root])
    await insistOnTiles(sql, epoch, own)
    sizes.push(own.length)
  }
  return sizes
}

type StoredLeaf = {
  epoch: number
  seq: number
  index: number
  leaf_hash: Buffer
  who_hash: Buffer
  what_hash: Buffer
  who_salt: Buffer
  what_salt: Buffer
  /** Of its log. */
  size: number
  root: Buffer
  checkpoint: string
}

function insistOnChains(leaves: readonly (Written & StoredLeaf)[]) {
  const last = new Map<string, StoredLeaf>()
  for (const [at, leaf] of leaves.entries()) {
    const before = last.get(leaf.workspace)
    assert.deepEqual([leaf.index, leaf.seq], [at, (before?.seq ?? 0) + 1])
    const { actorName, address, userAgent } = leaf
    const who = { actorName, address, userAgent }
    const what = { input: sealable(leaf.input), changes: sealable(leaf.changes) }
    assert.deepEqual([halfHash(who, leaf.who_salt), halfHash(what, leaf.what_salt)], [leaf.who_hash, leaf.what_hash])
    const halves = { who: leaf.who_hash, what: leaf.what_hash }
    const bytes = canonical(leafFrom(leaf, leaf.seq, before?.leaf_hash ?? null, halves))
    assert.deepEqual(definedLeaf(Buffer.from(bytes)), leaf.leaf_hash)
    last.set(leaf.workspace, leaf)
  }
}

/**
 * Each level as one row of hashes, of which the next holds the roots of whole tiles. It may have grown since the leaves
 * were read.
 */
async function insistOnTiles(sql: Sql, epoch: number, leaves: readonly StoredLeaf[]) {
  let row = leaves.map(({ leaf_hash }) => leaf_hash)
  for (let level = 0; row.length > 0; level++) {
    const tiles = await sql(
      `select hashes from audit.tile where workspace_id = $1 and epoch = $2 and level = $3 order by n`,
      [NO_WORKSPACE, epoch, level],
    )
    const expected = Buffer.concat(row)
    assert.deepEqual(Buffer.concat(tiles.map(({ hashes }) => hashes as Buffer)).subarray(0, expected.length), expected)
    row = Array.from({ length: Math.floor(row.length / 256) }, (_, n) => definedRoot(row.slice(n * 256, n * 256 + 256)))
  }
}
