import { canonical } from './canonical.ts'
import { leafFrom, named, type Facts, type What, type Who } from './leaf.ts'

/**
 * A workspace's whole log as one file that a stranger can verify: JSON Lines, each line canonical JSON (RFC 8785) and
 * ended by one line feed, so that there is one way to write an export, and a byte that differs is a fault.
 *
 *   header   format, workspace, epoch, origin, key, checkpoint, tally, consistency
 *   entry    leaf, index, hashes, who, what, each half null where it was erased; in the order of the sequence
 *   footer   entries: how many there were
 *
 * That is one section. The file has one for each epoch of the workspace, the oldest first.
 *
 * Everything in it is checked by `verifier.mjs`; what nobody could check, such as when it was written, is not in it. It
 * is written down as it is found: an export of a log that was tampered with is what shows it.
 */
export async function* exportOf(header: Header, rows: Rows, prove: Prove): AsyncGenerator<string, void, undefined> {
  yield line({ format: EXPORT_FORMAT, ...header, consistency: header.consistency && consistent(header.consistency) })
  let entries = 0
  for await (const { facts, seq, previous, index, who, what } of rows) {
    entries += 1
    const leaf = leafFrom(facts, seq, previous, { who: who.hash, what: what.hash })
    yield line({ leaf, index, hashes: (await prove(index)).map(base64), who: half(who), what: half(what) })
  }
  yield line({ entries })
}

const EXPORT_FORMAT = 'vouchsafe-audit-export/1'

/**
 * `key` is the log's verification key, `checkpoint` and `tally` are notes signed with it, all as C2SP writes them.
 * `consistency` proves that the tree of the checkpoint continues an earlier one.
 */
export type Header = {
  workspace: string
  epoch: number
  origin: string
  key: string
  checkpoint: string
  tally: string
  consistency: Consistency | null
}

/** Of a tree of `size` leaves, at least one, with that root: the proof of RFC 6962, 2.1.2. */
export type Consistency = { size: number; root: Buffer; hashes: readonly Buffer[] }

/**
 * An entry as the log keeps it: `index` is its place in the tree, from 0. The first row of a workspace is number 1, or
 * the one behind those that were removed.
 */
export type Row = {
  facts: Facts
  seq: number
  previous: Buffer | null
  index: number
  who: Half<Who>
  what: Half<What>
}
export type Rows = AsyncIterable<Row> | Iterable<Row>

/** Without its salt a value proves nothing: either of them null means that the half was erased. */
export type Half<T> = { hash: Buffer; value: T | null; salt: Buffer | null }

/** The hashes that lead from a leaf up to the root of the header's checkpoint: RFC 6962, 2.1.1. */
export type Prove = (index: number) => Promise<readonly Buffer[]> | readonly Buffer[]

/**
 * The text by which the log's key vouches that so many entries of a workspace are in the tree of a checkpoint, and
 * which is the last: without it the tail of an export could be cut and its footer rewritten, and nobody would know. It
 * counts what retention has removed as well, and says by which number receipts call this log. A name of a log has no
 * blank, so this can never pass for a checkpoint.
 */
export const tallyText = ({ workspace, epoch, entries, last }: Tally, checkpointText: string): string =>
  `workspace ${workspace}\nepoch ${epoch}\n${entries}\n${last?.toString('base64') ?? '-'}\n${checkpointText}`

export type Tally = { workspace: string; epoch: number; entries: number; last: Buffer | null }

const line = (value: unknown) => `${canonical(value)}\n`

const consistent = ({ size, root, hashes }: Consistency) => ({ size, root: base64(root), hashes: hashes.map(base64) })

const half = ({ value, salt }: Half<Who | What>) =>
  value === null || salt === null ? null : { value: named(value), salt: base64(salt) }

const base64 = (bytes: Buffer) => bytes.toString('base64')
