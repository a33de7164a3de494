import type { Result, Statement } from '../../../postgres/batch.ts'
import type { Lease } from '../../../postgres/lease.ts'
import { openCheckpoint } from '../../log/checkpoint.ts'
import { Untrusted, type Verifier } from '../../log/note.ts'
import { edgeOf, edgeTiles, nodesOf, tilesFor, type Edge, type Read, type Tile } from '../../log/tiles.ts'
import {
  consistencyProof,
  inclusionProof,
  isConsistent,
  isIncluded,
  rootOf,
  type Head,
  type Nodes,
} from '../../log/tree.ts'
import { NO_WORKSPACE, Unsealable, type Ledger } from './ledger.ts'

/**
 * What is stored of a log is believed as far as its last signature bears it out: whoever can write to these tables
 * could otherwise have us sign a history that they made up.
 */
export function insistOnHead(row: Ledger, verifier: Verifier): void {
  const { origin, checkpoint, size, root } = row
  const head = checkpoint === null ? undefined : read(checkpoint, origin, verifier)
  if (!head) throw new Unsealable('the head that is stored is not signed by the log')
  if (head.size !== size || !head.root.equals(root))
    throw new Unsealable('the head that is stored is not the one that was signed')
}

/** What a note says, where this log signed it. */
export function read(note: string, origin: string, log: Verifier): Head | undefined {
  try {
    return openCheckpoint(Buffer.from(note), { origin, log: [log] })
  } catch (error) {
    if (error instanceof Untrusted) return undefined
    throw error
  }
}

/** The right edge as it is stored, which must have the root that was signed. */
export function insistOnEdge({ size, root }: Head, stored: Tiles): Edge {
  for (const tile of edgeTiles(size))
    if (stored.get(keyOf(tile))?.length !== tile.width * HASH_BYTES)
      throw new Unsealable(`a tile of the tree (${keyOf(tile)}) is not as long as the tree`)
  const edge = edgeOf(size, reading(stored))
  if (!rootOf(edge.frontier).equals(root))
    throw new Unsealable('the tree that is stored is not the one that was signed')
  return edge
}

const HASH_BYTES = 32

/** That a head known from elsewhere is an earlier one of this tree. */
export async function insistOnContinuation(lease: Lease, epoch: number, known: Head, now: Head, who: string) {
  if (known.size > now.size) throw new Unsealable(`${who} knows ${known.size} entries, and ${now.size} are stored`)
  const prove = (nodes: Nodes) => consistencyProof(known.size, now.size, nodes)
  const proof = prove(await nodesIn(lease, epoch, now.size, prove))
  if (!isConsistent(known, now, proof))
    throw new Unsealable(`${who} knows another tree of ${known.size} entries than is stored`)
}

/** That these leaves are in the tree where they say. */
export async function insistOnLeaves(lease: Lease, epoch: number, head: Head, leaves: readonly Placed[]) {
  const prove = (nodes: Nodes) => leaves.map(({ index }) => inclusionProof(index, head.size, nodes))
  if (leaves.some(({ index }) => index >= head.size)) throw new Unsealable('a leaf stands beyond the end of the tree')
  const proofs = prove(await nodesIn(lease, epoch, head.size, prove))
  for (const [at, { hash, index, workspace }] of leaves.entries())
    if (!isIncluded(hash, index, head, proofs[at]!))
      throw new Unsealable(`the last leaf of workspace ${workspace} is not in the tree`)
}

export type Placed = { workspace: string; index: number; hash: Buffer }

async function nodesIn(lease: Lease, epoch: number, size: number, ask: (nodes: Nodes) => unknown): Promise<Nodes> {
  const [found] = await lease.run([tilesAt(epoch, tilesFor(size, ask))])
  return nodesOf(size, reading(tilesIn(found!)))
}

export const tilesAt = (epoch: number, tiles: readonly Tile[]): Statement => ({
  text: `select level, n as index, hashes from audit.tile where workspace_id = '${NO_WORKSPACE}' and epoch = $1
    and (level, n) in (select level, n from unnest($2::int[], $3::bigint[]) as t (level, n))`,
  name: 'tiles',
  values: [epoch, tiles.map(({ level }) => level), tiles.map(({ index }) => index)],
})

export type Tiles = ReadonlyMap<string, Buffer>

export const tilesIn = ({ rows }: Result): Tiles =>
  new Map(rows.map((row) => [keyOf(row as { level: number; index: number }), row['hashes'] as Buffer]))

const keyOf = ({ level, index }: Pick<Tile, 'level' | 'index'>) => `${level}/${index}`

const reading =
  (stored: Tiles): Read =>
  (tile) => {
    const bytes = stored.get(keyOf(tile))
    if (!bytes || bytes.length < tile.width * HASH_BYTES)
      throw new Unsealable(`a tile of the tree (${keyOf(tile)}) is missing, or cut short`)
    return bytes
  }
