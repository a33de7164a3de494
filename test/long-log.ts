/**
 * An export of as many entries as one likes, of which a third no longer say who it was, with an entry for each hundred
 * that says so: to see that all of it is verified, and how fast. `node test/long-log.ts 1000000 > FILE` writes it.
 */
import { generateKeyPairSync } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { checkpointText } from '../kernel/audit/log/checkpoint.ts'
import { exportOf, tallyText, type Row } from '../kernel/audit/log/export.ts'
import { KIND, verifierKey } from '../kernel/audit/log/key.ts'
import { leafOf } from '../kernel/audit/log/leaf.ts'
import { noteSigner, signNote } from '../kernel/audit/log/note.ts'
import { grown, HASH_BYTES, inclusionProof, rootOf } from '../kernel/audit/log/tree.ts'
import { forget, WORKSPACES } from './sample-log.ts'

export async function* longLog(entries: number): AsyncGenerator<Buffer> {
  const { nodeAt, keep } = storeFor(entries)
  const root = rootOf(grown({ size: 0, hashes: [] }, hashesOf(rowsOf(entries)), keep))
  const { privateKey } = generateKeyPairSync('ed25519')
  const signed = (text: string) => signNote(text, [noteSigner(ORIGIN, privateKey)])
  const checkpoint = checkpointText({ origin: ORIGIN, size: entries, root })
  const tally = { workspace: WORKSPACE, epoch: 1, entries, last: nodeAt(0, entries - 1) }
  const header = {
    workspace: WORKSPACE,
    epoch: 1,
    origin: ORIGIN,
    key: verifierKey(ORIGIN, privateKey, KIND.note),
    checkpoint: signed(checkpoint),
    tally: signed(tallyText(tally, checkpoint)),
    consistency: null,
  }
  const prove = (index: number) => inclusionProof(index, entries, nodeAt)
  for await (const line of exportOf(header, rowsOf(entries), prove)) yield Buffer.from(line)
}

const ORIGIN = 'log.example/long'
const WORKSPACE = WORKSPACES[0]!

/** A buffer for each level of the tree: millions of small ones would be slower than what is measured. */
function storeFor(entries: number) {
  const levels = Array.from({ length: 54 }, (_, level) => Buffer.alloc(Math.floor(entries / 2 ** level) * HASH_BYTES))
  const nodeAt = (level: number, index: number) => levels[level]!.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES)
  return {
    nodeAt,
    keep: (level: number, index: number, node: Buffer) => levels[level]!.set(node, index * HASH_BYTES),
  }
}

type Hashed = Row & { hash: Buffer }

function* hashesOf(rows: Iterable<Hashed>): Generator<Buffer> {
  for (const { hash } of rows) yield hash
}

function* rowsOf(entries: number): Generator<Hashed> {
  let previous: Buffer | null = null
  for (let index = 0; index < entries; index++) {
    const row: Hashed = rowOf(index, previous)
    previous = row.hash
    yield row
  }
}

const BLOCK_entries = 100

function rowOf(index: number, previous: Buffer | null): Hashed {
  const [seq, isReceipt] = [index + 1, index % BLOCK_entries === BLOCK_entries - 1]
  const who = {
    actorName: 'Nadia Haddad',
    address: '192.0.2.7',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0)',
  }
  const input = isReceipt
    ? receiptAt(seq)
    : { id: uuid(index), name: 'A customer', note: 'paid', lines: [{ amount: index }] }
  const what = {
    input,
    changes: isReceipt ? null : [{ of: 'shop.customer', id: uuid(index), before: null, after: { seq } }],
  }
  const salts = { who: Buffer.alloc(HASH_BYTES, index), what: Buffer.alloc(HASH_BYTES, index + 1) }
  const facts = {
    workspace: WORKSPACE,
    id: uuid(index),
    transaction: String(index),
    at: '2026-11-20T13:55:39.123456Z',
    action: isReceipt ? 'audit.log.forget' : 'shop.customer.create',
    outcome: 'done',
    actorKind: isReceipt ? 'system' : 'person',
    actorId: uuid(index % 50),
    target: uuid(index),
    requestId: uuid(index),
  }
  const leaf = leafOf({ ...facts, who, what }, seq, previous, salts)
  const value = isErased(seq) ? null : who
  const halves = {
    who: { hash: leaf.who, value, salt: salts.who },
    what: { hash: leaf.what, value: what, salt: salts.what },
  }
  return { facts, seq, previous, index, ...halves, hash: leaf.hash }
}

/** Every third is named by the next entry that names any; those after the last such stay. */
const isErased = (seq: number) => seq % 3 === 0 && seq % BLOCK_entries !== 0

function receiptAt(seq: number): unknown {
  const block = Array.from({ length: BLOCK_entries - 1 }, (_, at) => seq - BLOCK_entries + 1 + at)
  return forget(1, block.filter(isErased).join(), '').input([])
}

const uuid = (number: number) => `0199b000-0000-7000-8000-${String(number).padStart(12, '0')}`

const [, script, entries] = process.argv
if (script === import.meta.filename) await pipeline(Readable.from(longLog(Number(entries))), process.stdout)
