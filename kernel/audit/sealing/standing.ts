import type { Statement } from '../../postgres/batch.ts'
import type { Pool } from '../../postgres/pool.ts'
import { NO_WORKSPACE } from './sequencing/ledger.ts'

/** How a realm's log stands, for whoever asks whether all is well; undefined before it was opened. */
export type Standing = {
  origin: string
  epoch: number
  size: number
  root: Buffer
  checkpoint: string
  signedAt: string
  /** Why nothing more is signed. */
  refused: string | null
  /** The age of the oldest entry that is not sealed yet; null where all are. */
  waiting_s: number | null
}

export async function standing(pool: Pool): Promise<Standing | undefined> {
  const [found] = await pool.run([STANDING])
  return found!.rows[0] as Standing | undefined
}

/**
 * Entries that are no leaf though they were written more than so many seconds ago: nothing may be passed over, wherever
 * it stands. All are looked at, for what one would look for stands where nobody expects it.
 */
export const LEFT_OUT = `select e.workspace_id, e.id, e.at from audit.entry e
  left join audit.leaf f on f.workspace_id = e.workspace_id and f.id = e.id
  where f.id is null and e.at < clock_timestamp() - make_interval(secs => $1) order by e.at limit 10`

/** Those that wait longest are among the first. */
const LOOKED_AT = 1_000

/** From where the log stands on; a later one goes again through what was sealed before it. */
const STANDING: Statement = {
  text: `select l.origin, l.epoch, l.size, l.root, l.checkpoint, l.signed_at as "signedAt", l.refused,
      extract(epoch from clock_timestamp() - oldest.at)::float8 as waiting_s
    from audit.log l left join lateral (
      select min(e.at) as at from (
        select w.workspace_id, w.id, w.at from audit.entry w where (w.xid, w.id) > (l.xid, l.entry_id)
        order by w.xid, w.id limit ${LOOKED_AT}
      ) e where not exists (select from audit.leaf f where f.workspace_id = e.workspace_id and f.id = e.id)
    ) oldest on true
    where l.workspace_id = '${NO_WORKSPACE}' and l.closed_at is null`,
  name: 'standing',
}
