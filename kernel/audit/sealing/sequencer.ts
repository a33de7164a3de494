import { inside } from '../../base/log.ts'
import { checkpointText } from '../log/checkpoint.ts'
import { signNote } from '../log/note.ts'
import { edgeTiles, extended } from '../log/tiles.ts'
import { rootOf } from '../log/tree.ts'
import { backlog, type Backlog } from './backlog.ts'
import { believed, type Believed, type Memory } from './belief.ts'
import { compared, lastLeaves, sealed, trim, type Links } from './chain.ts'
import { ledgerFrom, openFirst, TAKE_LOG, Unsealable, type Means, type Sealable } from './ledger.ts'
import { insistOnEdge, insistOnLeaves, tilesAt, tilesIn } from './stored.ts'
import { cursorRow, headRow, leafRows, tileRows } from './storing.ts'

/**
 * Brings a realm's entries into its log: each gets its place in its workspace's sequence and in one tree, and the tree's
 * new head is signed. It promises that every entry of a transaction that ended is sealed once and none is passed over,
 * however many do this at once and wherever one of them dies: leaves, tiles, head and how far it came are one commit.
 * And it signs only what goes on from what was signed before.
 */
export async function pass(means: Means, realm: Sealable, memory: Memory, ahead?: Backlog): Promise<Passed> {
  const found = ahead ?? (await look(means, realm, memory))
  const log = ahead ? memory.log! : await believed(means, realm, memory, found.log)
  if (found.looked === 0) {
    const isAll = log.foreign === undefined
    if (found.isForeign) log.foreign = undefined
    return { sealed: 0, isBusy: false, isAll, isWaiting: found.isWaiting }
  }
  const isMine = await seal(means, realm, memory, log, found)
  const isAll = found.isAll && log.foreign === undefined
  return { sealed: isMine ? found.entries.length : 0, isBusy: !isMine, isAll, isWaiting: found.isWaiting }
}

export type Passed = {
  sealed: number
  /** Another sequencer has the log, or had it meanwhile. */
  isBusy: boolean
  /** All that could be read was. */
  isAll: boolean
  /** Something waits for a transaction to end. */
  isWaiting: boolean
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

/** In one transaction; false where somebody else was quicker. */
async function seal(means: Means, realm: Sealable, memory: Memory, log: Believed, found: Backlog): Promise<boolean> {
  await using lease = await means.keeper.open(realm).lease()
  const workspaces = [...new Set(found.entries.map(({ workspace }) => workspace))]
  const [, taken, edge, last] = await lease.run([
    { text: 'begin', name: 'begin' },
    TAKE_LOG,
    tilesAt(log.epoch, edgeTiles(log.head.size)),
    lastLeaves(log.epoch, workspaces),
  ])
  if (!isAsKnown(taken!.rows[0], log, found)) return false
  const tree = insistOnEdge(log.head, tilesIn(edge!))
  const others = compared(last!, workspaces, memory.links)
  await insistOnLeaves(lease, log.epoch, log.head, others)
  const links: Links = new Map(others.map(({ workspace, seq, hash }) => [workspace, { seq, hash }]))
  for (const workspace of workspaces)
    if (!links.has(workspace) && memory.links.has(workspace)) links.set(workspace, memory.links.get(workspace)!)
  const leaves = await sealed(found.entries, links)
  const grown = extended(
    tree,
    leaves.map(({ hash }) => hash),
  )
  const head = { size: grown.edge.frontier.size, root: rootOf(grown.edge.frontier) }
  const cursor = found.isForeign ? log.cursor : found.cursor
  const note =
    leaves.length === 0 ? log.note : signNote(checkpointText({ origin: log.origin, ...head }), [log.keys.signer])
  const commit = { text: 'commit', name: 'commit' }
  await lease.run(
    leaves.length === 0
      ? [cursorRow(log.epoch, cursor), commit]
      : [
          leafRows(log.epoch, log.head.size, leaves),
          tileRows(log.epoch, grown.tiles),
          headRow(log.epoch, head, cursor, note),
          commit,
        ],
  )
  Object.assign(log, { head, note, cursor }, found.isForeign && { foreign: found.cursor })
  memory.seen = { origin: log.origin, head }
  for (const [workspace, link] of links) {
    memory.links.delete(workspace)
    memory.links.set(workspace, link)
  }
  trim(memory.links)
  if (leaves.length > 0) keep(means, realm, log)
  return true
}

/** Nothing happened to it since it was looked at. */
function isAsKnown(row: Record<string, unknown> | undefined, log: Believed, found: Backlog): boolean {
  if (!row) return false
  const { epoch, checkpoint, cursor, size, root } = ledgerFrom(row)
  const isFrom = found.isForeign ? log.cursor : found.after
  return (
    epoch === log.epoch &&
    checkpoint === log.note &&
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
