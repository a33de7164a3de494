import type { Lease } from '../../../postgres/lease.ts'
import type { Head } from '../../log/tree.ts'
import { BEGINNING } from './backlog.ts'
import type { Links } from './chain.ts'
import { keysOf, Unsealable, type Cursor, type Keys, type Ledger, type Means, type Sealable } from './ledger.ts'
import { insistOnContinuation, insistOnHead, read } from './stored.ts'

/** A log whose stored head was signed by it, and goes on from every other head that is known of it. */
export type Believed = {
  epoch: number
  origin: string
  keys: Keys
  head: Head
  note: string
  cursor: Cursor
  /** How far it is through what another server had numbered; undefined once it is through. */
  foreign: Cursor | undefined
}

/** What a process remembers of a realm's log, and holds against what is stored. */
export type Memory = {
  log: Believed | undefined
  /** The largest head it knows of a log, from whomever. */
  seen: { origin: string; head: Head } | undefined
  links: Links
}

export const newMemory = (): Memory => ({ log: undefined, seen: undefined, links: new Map() })

/** What was looked at is held against what this process, and whoever keeps copies of heads, know of the log. */
export async function believed(means: Means, realm: Sealable, memory: Memory, row: Ledger | undefined) {
  if (!row) throw new Unsealable('no log is open, though there was one')
  const known = memory.log
  if (row.isAhead)
    throw new Unsealable('the log has come further than this server: its entries were brought here from another')
  if (known && isSame(known, row)) return known
  const { epoch, origin, size, root, cursor } = row
  const keys = keysOf(means.vault, realm, row)
  insistOnHead(row, keys.verifier)
  const head = { size, root }
  await using lease = await means.keeper.open(realm).lease()
  if (memory.seen?.origin !== origin) {
    const copy = await copied(means, origin, keys)
    if (copy) await insistOnContinuation(lease, epoch, copy, head, 'a copy outside of the database')
    memory.links.clear()
  } else await insistOnContinuation(lease, epoch, memory.seen.head, head, 'this process')
  if (epoch === 1) await insistOnCursor(lease, row)
  const isNew = known?.origin !== origin
  memory.seen = { origin, head }
  const foreign = isNew && epoch > 1 ? BEGINNING : known?.foreign
  memory.log = { epoch, origin, keys, head, note: row.checkpoint!, cursor, foreign }
  return memory.log
}

/** Witnesses add lines to a note that is signed already. */
export const isOf = ({ note }: Pick<Believed, 'note'>, { checkpoint }: Ledger): boolean =>
  checkpoint?.startsWith(note) ?? false

/** Nothing that matters has changed since this process saw it last. */
function isSame(known: Believed, row: Ledger): boolean {
  const isSigned = isOf(known, row) && row.epoch === known.epoch && row.origin === known.origin
  if (!isSigned || keysIn(row) !== keysIn(known.keys)) return false
  if (row.size !== known.head.size || !row.root.equals(known.head.root)) return false
  return row.cursor.xid === known.cursor.xid && row.cursor.id === known.cursor.id
}

async function copied({ copies }: Means, origin: string, { verifier }: Keys): Promise<Head | undefined> {
  const copy = await copies.newest(origin)
  if (!copy) return undefined
  const head = read(copy.note, origin, verifier)
  if (!head) throw new Unsealable('a copy outside of the database was signed by another key than the log has')
  return head
}

/** In a first log the entry that it came to last is the last leaf of the tree. */
async function insistOnCursor(lease: Lease, { size, cursor }: Ledger): Promise<void> {
  const [found] = await lease.run([{ text: LAST, name: 'last entry', values: [cursor.xid, cursor.id] }])
  const isLast = size === 0 ? cursor.xid === '0' : found!.rows[0]?.['index'] === size - 1
  if (!isLast) throw new Unsealable('how far the log has come was altered')
}

const LAST = `select f.index from audit.entry e join audit.leaf f on f.workspace_id = e.workspace_id and f.id = e.id
  where e.xid = $1::xid8 and e.id = $2::uuid and f.epoch = 1`

const keysIn = ({ secret, publicKey }: Pick<Ledger, 'secret' | 'publicKey'>) => `${publicKey} ${secret}`
