import { randomBytes } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import type { Result, Statement } from '../../../postgres/batch.ts'
import type { Lease } from '../../../postgres/lease.ts'
import { canonical } from '../../log/canonical.ts'
import { leafFrom, type Facts, type Halves } from '../../log/leaf.ts'
import { leafHash } from '../../log/tree.ts'
import { ENTRY, type Unsealed } from './backlog.ts'
import { Unsealable } from './ledger.ts'
import { leafText, saltedHash } from './text.ts'

/** The last leaf of each workspace, which its next one names. */
export type Links = Map<string, Link>
export type Link = { seq: number; hash: Buffer }
export type LastLeaf = Link & { workspace: string; index: number }

export const lastLeaves = (epoch: number, workspaces: readonly string[]): Statement => ({
  text: `select w.id as workspace, l.seq, l.index, l.hash from unnest($2::uuid[]) as w (id) cross join lateral (
      select f.seq, f.index, f.hash from audit.leaf f where f.workspace_id = w.id and f.epoch = $1
      order by f.seq desc limit 1
    ) l`,
  name: 'last leaves',
  values: [epoch, workspaces],
})

/**
 * What is stored against what this process wrote itself. Answers those that others have written, or that were written
 * before this process began, which the tree has to bear out.
 */
export function compared({ rows }: Result, workspaces: readonly string[], known: Links): LastLeaf[] {
  const stored = new Map((rows as LastLeaf[]).map((row) => [row.workspace, row]))
  return workspaces.flatMap((workspace) => {
    const [mine, theirs] = [known.get(workspace), stored.get(workspace)]
    if (mine && (!theirs || theirs.seq < mine.seq || (theirs.seq === mine.seq && !theirs.hash.equals(mine.hash))))
      throw new Unsealable(`the last leaf of workspace ${workspace} was altered or removed`)
    return theirs && theirs.seq !== mine?.seq ? [theirs] : []
  })
}

/** That these leaves, where their entries are still there, are what follows from them and from the leaf before. */
export async function insistOnEntries(lease: Lease, epoch: number, leaves: readonly LastLeaf[]): Promise<void> {
  const values = [epoch, leaves.map(({ workspace }) => workspace), leaves.map(({ seq }) => seq)]
  const [found] = await lease.run([{ text: ENTRIES, name: 'entries of last leaves', values }])
  for (const row of found!.rows as (Facts & Halves & LastLeaf & { previous: Buffer | null; before: number | null })[]) {
    // All that came before may have been removed for its age.
    if (row.seq > 1 && row.before === null) continue
    const bytes = canonical(leafFrom(row, row.seq, row.previous, row))
    if ((row.before ?? 0) !== row.seq - 1 || !leafHash(Buffer.from(bytes)).equals(row.hash))
      throw new Unsealable(`the last leaf of workspace ${row.workspace} is not what its entry says`)
  }
}

const ENTRIES = `select ${ENTRY}, f.seq, f.hash, f.who, f.what, p.hash as previous,
    p.seq as before
  from unnest($2::uuid[], $3::bigint[]) as w (id, seq)
  join audit.leaf f on f.workspace_id = w.id and f.epoch = $1 and f.seq = w.seq
  join audit.entry e on e.workspace_id = f.workspace_id and e.id = f.id
  left join lateral (
    select seq, hash from audit.leaf p where p.workspace_id = w.id and p.epoch = $1 and p.seq < w.seq
    order by p.seq desc limit 1
  ) p on true`

export type NewLeaf = Halves & { entry: Unsealed; seq: number; hash: Buffer; salts: Halves }

/** Each entry as the next leaf of its workspace; `links` goes along. */
export async function sealed(entries: readonly Unsealed[], links: Links): Promise<NewLeaf[]> {
  const random = randomBytes(2 * SALT_BYTES * entries.length)
  const leaves: NewLeaf[] = []
  for (const [at, entry] of entries.entries()) {
    // Requests are answered in between.
    if (at % AT_ONCE === AT_ONCE - 1) await turn()
    const last = links.get(entry.workspace)
    const seq = (last?.seq ?? 0) + 1
    const salts = { who: saltIn(random, 2 * at), what: saltIn(random, 2 * at + 1) }
    const who = saltedHash(salts.who, entry.who)
    const what = saltedHash(salts.what, entry.what)
    const hash = leafHash(Buffer.from(leafText(entry, seq, last?.hash ?? null, { who, what })))
    links.set(entry.workspace, { seq, hash })
    leaves.push({ entry, seq, hash, who, what, salts })
  }
  return leaves
}

const SALT_BYTES = 32
const saltIn = (random: Buffer, at: number) => random.subarray(at * SALT_BYTES, (at + 1) * SALT_BYTES)

/** A few milliseconds. */
const AT_ONCE = 128

/** Where these workspaces stand, as far as they stand anywhere. */
export function linked(workspaces: readonly string[], others: readonly LastLeaf[], known: Links): Links {
  const links: Links = new Map(others.map(({ workspace, seq, hash }) => [workspace, { seq, hash }]))
  for (const workspace of workspaces) {
    const mine = known.get(workspace)
    if (mine && !links.has(workspace)) links.set(workspace, mine)
  }
  return links
}

/** Those used last are kept; of others it is read again where they stand. */
export function remember(known: Links, links: Links): void {
  for (const [workspace, link] of links) {
    known.delete(workspace)
    known.set(workspace, link)
  }
  let spare = known.size - MOST_LINKS
  for (const workspace of known.keys()) {
    if (spare-- <= 0) return
    known.delete(workspace)
  }
}

/** About ten megabytes. */
const MOST_LINKS = 50_000
