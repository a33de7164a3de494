import { inside } from '../../base/log.ts'
import type { Lease } from '../../postgres/lease.ts'
import { checkpointText } from '../log/checkpoint.ts'
import { signNote } from '../log/note.ts'
import { edgeTiles, extended, type Edge, type WrittenTile } from '../log/tiles.ts'
import { rootOf, type Head } from '../log/tree.ts'
import { backlog, type Backlog } from './sequencing/backlog.ts'
import { believed, isOf, type Believed, type Memory } from './sequencing/belief.ts'
import { compared, insistOnEntries, lastLeaves, linked, remember, sealed, type NewLeaf } from './sequencing/chain.ts'
import {
  ledgerFrom,
  openFirst,
  TAKE_LOG,
  Unsealable,
  type Cursor,
  type Means,
  type Sealable,
} from './sequencing/ledger.ts'
import { insistOnEdge, insistOnLeaves, tilesAt, tilesIn } from './sequencing/stored.ts'
import { cursorRow, headRow, leafRows, refusedRow, tileRows } from './sequencing/storing.ts'

/**
 * Brings a realm's entries into its log: each gets its place in its workspace's sequence and in one tree, and the
 * tree's new head is signed. It promises that every entry of a transaction that ended is sealed once and none is passed
 * over, however many do this at once and wherever one of them dies: leaves, tiles, head and how far it came are one
 * commit. And it signs only what goes on from what was signed before.
 */
export async function pass(means: Means, realm: Sealable, memory: Memory, ahead?: Backlog): Promise<Passed> {
  const found = ahead ?? (await look(means, realm, memory))
  const log = ahead ? memory.log! : await believed(means, realm, memory, found.log)
  if (found.log?.refused) await means.keeper.open(realm).run([refusedRow(null)])
  if (found.looked === 0) {
    const isAll = log.foreign === undefined
    if (found.isForeign) log.foreign = undefined
    return { sealed: 0, isBusy: false, isAll, isWaiting: found.isWaiting, ahead: undefined }
  }
  const next = await seal(means, realm, memory, log, found)
  const isAll = found.isAll && log.foreign === undefined
  const { isWaiting } = found
  if (next === 'busy') return { sealed: 0, isBusy: true, isAll, isWaiting, ahead: undefined }
  return { sealed: found.entries.length, isBusy: false, isAll, isWaiting, ahead: next }
}

export type Passed = {
  sealed: number
  /** Another sequencer has the log, or had it meanwhile. */
  isBusy: boolean
  /** All that could be read was. */
  isAll: boolean
  /** Something waits for a transaction to end. */
  isWaiting: boolean
  /** What comes next, where it was read already. */
  ahead: Backlog | undefined
}

async function look(means: Means, realm: Sealable, memory: Memory): Promise<Backlog> {
  const pool = () => means.keeper.open(realm)
  const foreign = memory.log?.foreign
  const found = await backlog(pool(), foreign ? { after: foreign, isForeign: true } : {})
  if (found.log) return found
  await openFirst(pool(), means.vault, realm)
  const again = await backlog(pool())
  if (!again.log) throw new Unsealable('no log is open, though there was one')
  return again
}

/** In one transaction; answers what was read of the next meanwhile. */
async function seal(means: Means, realm: Sealable, memory: Memory, log: Believed, found: Backlog) {
  await using lease = await means.keeper.open(realm).lease()
  const from = await take(lease, memory, log, found)
  if (!from) return 'busy'
  const leaves = await sealed(found.entries, from.links)
  const grown = grownBy(log, from.tree, leaves)
  const cursor = found.isForeign ? log.cursor : found.cursor
  const rows = leaves.length === 0 ? [cursorRow(log.epoch, cursor)] : rowsOf(log, leaves, grown, cursor)
  const done = lease.run([...rows, { text: 'commit', name: 'commit' }])
  const [next] = await Promise.all([readAhead(means, realm, found), done])
  Object.assign(log, { head: grown.head, note: grown.note, cursor }, found.isForeign && { foreign: found.cursor })
  memory.seen = { origin: log.origin, head: grown.head }
  remember(memory.links, from.links)
  if (leaves.length > 0) keep(means, realm, log)
  return next
}

/** While the one connection writes, the other reads: of a long backlog only. */
async function readAhead({ keeper }: Means, realm: Sealable, { isAll, isForeign, cursor }: Backlog) {
  return isAll || isForeign ? undefined : await backlog(keeper.open(realm), { after: cursor })
}

/** The log and what it goes on from, checked; undefined where somebody else is or was quicker. */
async function take(lease: Lease, memory: Memory, log: Believed, found: Backlog) {
  const workspaces = [...new Set(found.entries.map(({ workspace }) => workspace))]
  const [, taken, edge, last] = await lease.run([
    { text: 'begin', name: 'begin' },
    TAKE_LOG,
    tilesAt(log.epoch, edgeTiles(log.head.size)),
    lastLeaves(log.epoch, workspaces),
  ])
  if (!isAsKnown(taken!.rows[0], log, found)) return undefined
  const tree = insistOnEdge(log.head, tilesIn(edge!))
  const others = compared(last!, workspaces, memory.links)
  if (others.length > 0) {
    await insistOnLeaves(lease, log.epoch, log.head, others)
    await insistOnEntries(lease, log.epoch, others)
  }
  return { tree, links: linked(workspaces, others, memory.links) }
}

type Grown = { head: Head; note: string; tiles: readonly WrittenTile[] }

/** The tree with these leaves, and its head, signed. */
export function grownBy(
  { origin, keys, note }: Pick<Believed, 'origin' | 'note'> & { keys: Pick<Believed['keys'], 'signer'> },
  tree: Edge,
  leaves: readonly NewLeaf[],
): Grown {
  const hashes = leaves.map(({ hash }) => hash)
  const { edge, tiles } = extended(tree, hashes)
  const head = { size: edge.frontier.size, root: rootOf(edge.frontier) }
  if (leaves.length === 0) return { head, note, tiles }
  return { head, note: signNote(checkpointText({ origin, ...head }), [keys.signer]), tiles }
}

export const rowsOf = (
  log: Pick<Believed, 'epoch' | 'head'>,
  leaves: readonly NewLeaf[],
  { head, note, tiles }: Grown,
  cursor: Cursor,
) => [leafRows(log.epoch, log.head.size, leaves), tileRows(log.epoch, tiles), headRow(log.epoch, head, cursor, note)]

/** Nothing happened to it since it was looked at. */
function isAsKnown(row: Record<string, unknown> | undefined, log: Believed, found: Backlog): boolean {
  if (!row) return false
  const now = ledgerFrom(row)
  const { epoch, cursor, size, root } = now
  const isFrom = found.isForeign ? log.cursor : found.after
  return (
    epoch === log.epoch &&
    isOf(log, now) &&
    size === log.head.size &&
    root.equals(log.head.root) &&
    cursor.xid === isFrom.xid &&
    cursor.id === isFrom.id
  )
}

/** Nobody waits for it, and whatever comes of it, the log goes on. */
function keep({ copies, tell }: Means, realm: Sealable, { origin, epoch, note }: Believed) {
  const failed = (error: unknown) => tell('a head was not copied', { origin, ...inside(error) })
  try {
    Promise.resolve(copies.keep({ origin, realm: realm.id, epoch }, note)).catch(failed)
  } catch (error) {
    failed(error)
  }
}
