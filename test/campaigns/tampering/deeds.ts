import type pg from 'pg'
import { checkpointText } from '../../../kernel/audit/log/checkpoint.ts'
import { signNote } from '../../../kernel/audit/log/note.ts'
import { EMPTY_EDGE, extended } from '../../../kernel/audit/log/tiles.ts'
import { rootOf } from '../../../kernel/audit/log/tree.ts'
import { keysOf } from '../../../kernel/audit/sealing/sequencing/ledger.ts'
import { asAdmin } from '../../../kernel/tenancy/cluster.ts'
import type { Quiet } from '../../sealed.ts'

/** What somebody does with rows who owns the database and wants it to look as if nothing had been done. */
export type Deed = (here: Quiet) => Promise<() => Promise<void>>

export const TABLES = ['entry', 'leaf', 'tile', 'log'] as const

/** Everything as it is now, to be put back later. */
async function copied({ parts, realm }: Quiet) {
  const each = (text: (table: string) => string) =>
    asAdmin(parts.deployment.admin, realm.database, async (client) => {
      await client.query('set session_replication_role = replica')
      for (const table of TABLES) await client.query(text(table))
    })
  await each((table) => `drop table if exists audit.old_${table}`)
  await each((table) => `create table audit.old_${table} as table audit.${table}`)
  return async () => {
    await each((table) => `delete from audit.${table}`)
    await each((table) => `insert into audit.${table} table audit.old_${table}`)
  }
}

/** Some statements, by somebody whom no trigger sees. */
const does =
  (...statements: string[]): Deed =>
  async (here) => {
    const putBack = await copied(here)
    await asOwner(here, async (client) => {
      for (const statement of statements) await client.query(statement)
    })
    return putBack
  }

const asOwner = ({ parts, realm }: Quiet, work: (client: pg.Client) => Promise<unknown>) =>
  asAdmin(parts.deployment.admin, realm.database, async (client) => {
    await client.query('set session_replication_role = replica')
    return await work(client)
  })

const LAST = `select workspace_id, id from audit.leaf where seq =
  (select max(seq) from audit.leaf b where b.workspace_id = audit.leaf.workspace_id)`
const MIDDLE = `select workspace_id, id from audit.leaf where seq = 9`
const SAID =
  'action, outcome, actor_kind, actor_id, actor_name, address, user_agent, request_id, target, input, changes'

export const deeds: Record<string, Deed> = {
  'two entries changed places':
    does(`with two as (select workspace_id, max(id::text)::uuid as a, min(id::text)::uuid as b
      from (select * from audit.leaf where seq in (8, 9)) l group by 1)
    update audit.entry e set (${SAID}) = (select ${SAID} from audit.entry o
      where o.workspace_id = e.workspace_id and o.id = case e.id when two.a then two.b else two.a end)
    from two where e.workspace_id = two.workspace_id and e.id in (two.a, two.b)`),
  'an entry in the middle was deleted': does(`delete from audit.entry where (workspace_id, id) in (${MIDDLE})`),
  'an entry in the middle was deleted with its leaf': does(
    `delete from audit.entry where (workspace_id, id) in (${MIDDLE})`,
    `delete from audit.leaf where (workspace_id, id) in (${MIDDLE})`,
  ),
  'those behind it were numbered anew': does(
    `delete from audit.entry where (workspace_id, id) in (${MIDDLE})`,
    `delete from audit.leaf where seq = 9`,
    `update audit.leaf set seq = -seq - 1 where false`,
    `alter table audit.leaf drop constraint if exists leaf_seq_check`,
    `update audit.leaf set seq = -seq where seq > 9`,
    `update audit.leaf set seq = -seq - 1 where seq < 0`,
    `alter table audit.leaf add constraint leaf_seq_check check (seq > 0)`,
  ),
  'the last entry was deleted': does(`delete from audit.entry where (workspace_id, id) in (${LAST})`),
  'the last entry was deleted with its leaf': does(
    `create temp table last as ${LAST}`,
    `delete from audit.entry where (workspace_id, id) in (table last)`,
    `delete from audit.leaf where (workspace_id, id) in (table last)`,
  ),
  'the last entry was given to another workspace': does(
    `create temp table last as ${LAST}`,
    `create temp table other as select (select max(workspace_id::text)::uuid from last) as workspace_id`,
    `delete from last where workspace_id = (select workspace_id from other)`,
    `delete from last where ctid <> (select min(ctid) from last)`,
    `update audit.entry e set workspace_id = other.workspace_id from last, other
      where e.workspace_id = last.workspace_id and e.id = last.id`,
    `update audit.leaf l set workspace_id = other.workspace_id, seq = 100000 from last, other
      where l.workspace_id = last.workspace_id and l.id = last.id`,
  ),
  'the first entries were deleted as if they were too old': does(
    `delete from audit.entry where (workspace_id, id) in (select workspace_id, id from audit.leaf where seq < 5)`,
    `delete from audit.leaf where seq < 5`,
  ),
  'an entry was put in': does(
    `insert into audit.entry (workspace_id, xid, action, actor_kind, actor_id, actor_name,
      request_id, input) select workspace_id, xid, action, actor_kind, actor_id, actor_name, request_id, input
      from audit.entry where (workspace_id, id) in (${MIDDLE})`,
    `insert into audit.leaf (workspace_id, id, epoch, seq, index, hash, who, what, who_salt, what_salt)
      select e.workspace_id, e.id, 1, 100000, l.index, l.hash, l.who, l.what, l.who_salt, l.what_salt
      from audit.entry e join audit.leaf l on l.workspace_id = e.workspace_id and l.seq = 9
      where not exists (select from audit.leaf f where f.id = e.id and f.workspace_id = e.workspace_id)`,
  ),
  'an older copy of everything was put back': setBack(0),
  'an older copy was put back, and went on': setBack(400),
  'an entry was rewritten, with leaves, tiles and root to match': rewritten,
}

/** As it was before somebody kept a head: a part of the tree is all that is left, and other things are added to it. */
function setBack(entries: number): Deed {
  return async (here) => {
    const putBack = await copied(here)
    await asOwner(here, async (client) => {
      const leaves = await client.query<{ hash: Buffer; id: string; xid: string }>(
        `select l.hash, e.id, e.xid::text from audit.leaf l join audit.entry e using (workspace_id, id)
          order by index limit 9`,
      )
      await client.query('delete from audit.entry e using audit.leaf l where l.id = e.id and l.index >= 9')
      await client.query('delete from audit.leaf where index >= 9')
      await putTree(
        client,
        leaves.rows.map(({ hash }) => hash),
      )
      const last = leaves.rows.at(-1)!
      await client.query('update audit.log set xid = $1, entry_id = $2', [last.xid, last.id])
    })
    await resigned(here)
    if (entries > 0) await here.act(entries)
    return putBack
  }
}

/** A head of that time, which the log did sign: here it signs it again. */
async function resigned({ parts, realm, sql }: Quiet) {
  const [row] = await sql('select epoch, origin, public_key as "publicKey", secret, size::int, root from audit.log')
  const { origin, size, root } = row as { origin: string; size: number; root: Buffer }
  const { signer } = keysOf(parts.vault, realm, row as never)
  await sql('update audit.log set checkpoint = $1', [signNote(checkpointText({ origin, size, root }), [signer])])
}

async function putTree(client: pg.Client, hashes: readonly Buffer[]) {
  const { edge, tiles } = extended(EMPTY_EDGE, hashes)
  await client.query('delete from audit.tile')
  for (const { level, index, bytes } of tiles)
    await client.query(
      `insert into audit.tile (workspace_id, epoch, level, n, hashes)
        values ('00000000-0000-0000-0000-000000000000', 1, $1, $2, $3)
        on conflict (workspace_id, epoch, level, n) do update set hashes = excluded.hashes`,
      [level, index, bytes],
    )
  await client.query('update audit.log set size = $1, root = $2', [hashes.length, rootOf(edge.frontier)])
}

/** All that can be made to agree without the key. */
async function rewritten(here: Quiet): Promise<() => Promise<void>> {
  const putBack = await copied(here)
  await asOwner(here, async (client) => {
    await client.query(`update audit.leaf set hash = sha256(hash) where seq = 9`)
    const { rows } = await client.query<{ hash: Buffer }>('select hash from audit.leaf order by index')
    await putTree(
      client,
      rows.map(({ hash }) => hash),
    )
  })
  return putBack
}
