import { canonical } from './canonical.ts'
import { leafFrom, type Facts, type Payload } from './leaf.ts'

/**
 * A workspace's whole log as one file that a stranger can verify: JSON Lines, each line canonical JSON (RFC 8785) and
 * ended by one line feed, so that there is one way to write an export, and a byte that differs is a fault.
 *
 *   header   format, workspace, origin, key, checkpoint, tally, consistency
 *   entry    leaf, index, hashes, and either payload and salt or `erased: true`; in the order of the sequence
 *   footer   entries, erased: how many there were, and of how many nothing but the leaf is left
 *
 * Everything in it is checked by `verifier.mjs`; what nobody could check, such as when it was written, is not in it. It
 * is written down as it is found: an export of a log that was tampered with is what shows it.
 */
export async function* exportOf(header: Header, rows: Rows, prove: Prove): AsyncGenerator<string, void, undefined> {
  yield line({ format: EXPORT_FORMAT, ...header, consistency: header.consistency && consistent(header.consistency) })
  let entries = 0
  let erased = 0
  for await (const row of rows) {
    const payload = payloadOf(row)
    entries += 1
    if ('erased' in payload) erased += 1
    const leaf = leafFrom(row.facts, row.seq, row.previous, row.personal)
    yield line({ leaf, index: row.index, hashes: (await prove(row.index)).map(base64), ...payload })
  }
  yield line({ entries, erased })
}

const EXPORT_FORMAT = 'vouchsafe-audit-export/1'

/**
 * `key` is the log's verification key, `checkpoint` and `tally` are notes signed with it, all as C2SP writes them.
 * `consistency` proves that the tree of the checkpoint continues an earlier one.
 */
export type Header = {
  workspace: string
  origin: string
  key: string
  checkpoint: string
  tally: string
  consistency: Consistency | null
}

/** Of a tree of `size` leaves, at least one, with that root: the proof of RFC 6962, 2.1.2. */
export type Consistency = { size: number; root: Buffer; hashes: readonly Buffer[] }

/**
 * An entry as the log keeps it: `index` is its place in the tree, from 0. Without its salt a payload proves nothing.
 */
export type Row = {
  facts: Facts
  seq: number
  previous: Buffer | null
  personal: Buffer
  index: number
  payload: Payload | null
  salt: Buffer | null
}
export type Rows = AsyncIterable<Row> | Iterable<Row>

/** The hashes that lead from a leaf up to the root of the header's checkpoint: RFC 6962, 2.1.1. */
export type Prove = (index: number) => Promise<readonly Buffer[]> | readonly Buffer[]

/**
 * The text by which the log's key vouches that so many entries of a workspace are in the tree of a checkpoint, and
 * which is the last: without it the tail of an export could be cut and its footer rewritten, and nobody would know. A
 * name of a log has no blank, so this can never pass for a checkpoint.
 */
export const tallyText = (workspace: string, entries: number, last: Buffer | null, checkpointText: string) =>
  `workspace ${workspace}\n${entries}\n${last?.toString('base64') ?? '-'}\n${checkpointText}`

const line = (value: unknown) => `${canonical(value)}\n`

const consistent = ({ size, root, hashes }: Consistency) => ({ size, root: base64(root), hashes: hashes.map(base64) })

const payloadOf = ({ payload, salt }: Row) =>
  payload === null || salt === null ? { erased: true } : { payload, salt: base64(salt) }

const base64 = (bytes: Buffer) => bytes.toString('base64')
