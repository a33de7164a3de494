import { Trouble } from '../../../base/trouble.ts'
import type { Tally } from '../../log/export.ts'
import type { Nodes } from '../../log/tree.ts'
import { firstsOf, hashOf, placesBehind, type Reader, type StoredRow } from './rows.ts'
import type { StoredTree } from './stored.ts'

/**
 * How many entries of a workspace a log has, and which is the last: what the log puts its name to, and so nothing that
 * the tables merely say. Whoever can write them could take away a workspace's last entries with all that points at
 * them. But then what is left does not account for the tree: behind the last entry stand those of others, which is
 * looked at one by one, and in all as many are missing as were removed from the front of somebody's sequence.
 */
export async function tallyOf(reader: Reader, log: Counted): Promise<Tally> {
  const { workspace, epoch } = log
  const { rows } = await reader.run({ text: LAST, values: [workspace, epoch] })
  const [last] = rows as { entries: number; last: Buffer; index: number | null }[]
  if (log.isOpen) await insistOnAllOthers(reader, log, last?.index ?? -1)
  return { workspace, epoch, entries: last?.entries ?? 0, last: last?.last ?? null }
}

export type Counted = { workspace: string; epoch: number; size: number; isOpen: boolean; tree: StoredTree }

/** Where all that it had in a log was removed, the entry that says so has the number and the hash. */
const LAST = `select * from (
    select seq as entries, hash as last, index from audit.leaf where workspace_id = $1 and epoch = $2
    union all
    select (input ->> 'through')::bigint, decode(input ->> 'last', 'base64'), null from audit.entry
      where workspace_id = $1 and action = 'audit.log.thin' and input ->> 'epoch' = $2::text
  ) l order by entries desc limit 1`

async function insistOnAllOthers(reader: Reader, { workspace, epoch, size, tree }: Counted, index: number) {
  for await (const rows of placesBehind(reader, epoch, index, size)) {
    await insistOnLeaves(tree, rows)
    if (rows.some(({ facts }) => facts.workspace === workspace)) throw tampered('an entry stands where none can be')
  }
  const firsts = await firstsOf(reader, epoch)
  await insistOnLeaves(tree, firsts)
  const removed = firsts.reduce((sum, { seq }) => sum + seq - 1, 0)
  const [counts] = (await reader.run({ text: THERE, values: [epoch, size] })).rows as { there: number; rows: number }[]
  if (counts!.there !== counts!.rows || counts!.there + removed !== size)
    throw tampered(`of ${size} leaves ${counts!.there} are there and ${removed} were removed`)
}

const THERE = `select count(distinct index) filter (where index >= 0) as there, count(*) as rows from audit.leaf
  where epoch = $1 and index < $2::bigint`

/** That these are the leaves of the tree in these places. */
async function insistOnLeaves(tree: StoredTree, rows: readonly StoredRow[]) {
  if (rows.length === 0) return
  if (rows.some(({ isWhole }) => !isWhole)) throw tampered('a leaf is without its entry')
  const stored = await tree((nodes: Nodes) => rows.map(({ index }) => nodes(0, index)))
  const wrong = rows.find((row, at) => !hashOf(row).equals(stored[at]!))
  if (wrong) throw tampered(`entry ${wrong.facts.id} is not what was sealed in place ${wrong.index}`)
}

/** What the log would have to lie about is not signed. */
export const tampered = (what: string) =>
  new Trouble(`The log cannot vouch for its entries: ${what}. Somebody has changed what was sealed; find out who.`, 5)
