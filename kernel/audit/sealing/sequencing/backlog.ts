import type { Statement } from '../../../postgres/batch.ts'
import type { Pool } from '../../../postgres/pool.ts'
import type { Facts, Who } from '../../log/leaf.ts'
import { FROM_OPEN_LOG, ledgerFrom, NO_WORKSPACE, OPEN_LOG, type Cursor, type Ledger } from './ledger.ts'
import { whatText, whoText } from './text.ts'

/**
 * Entries that are in no log yet, in an order in which nothing can be missed: by transaction, and of those only what
 * lies below the oldest that is still under way. A number that rises with each row would not do: a transaction that
 * took a lower one may end later.
 */
export async function backlog(
  pool: Pool,
  { after, isForeign = false, most = MOST_ENTRIES }: Asked = {},
): Promise<Backlog> {
  const values = [after?.xid, after?.id]
  const [open, read, waiting] = await pool.run([
    OPEN_LOG,
    { ...(isForeign ? FOREIGN : NEXT), values: [...values, most] },
    { ...WAITING, values },
  ])
  const log = open!.rows[0] && ledgerFrom(open!.rows[0])
  const rows = read!.rows as Row[]
  const last = rows.at(-1)
  const from = after ?? log?.cursor ?? BEGINNING
  return {
    log,
    after: from,
    cursor: last ? { xid: last.transaction, id: last.id } : from,
    isForeign,
    entries: rows.filter(({ isSealed }) => !isSealed).map(entryFrom),
    looked: rows.length,
    isAll: rows.length === (last?.found ?? 0) && rows.length < most,
    isWaiting: waiting!.rows.length > 0,
  }
}

/** From where on, if not from where the log stands; and whether those that another server had numbered. */
type Asked = { after?: Cursor | undefined; isForeign?: boolean; most?: number }

export const BEGINNING: Cursor = { xid: '0', id: NO_WORKSPACE }

export type Backlog = {
  /** The log as it stood just before. */
  log: Ledger | undefined
  after: Cursor
  /** The last one that was looked at. */
  cursor: Cursor
  isForeign: boolean
  entries: Unsealed[]
  /** With those that were sealed already. */
  looked: number
  /** No more could be read yet … */
  isAll: boolean
  /** … but there is something, of a transaction that is not over or waits for one that is not. */
  isWaiting: boolean
}

export type Unsealed = Facts & { who: string; what: string }

/** Entries sealed at a time: enough that one more costs what the last one did, and no more than a tenth of a second. */
const MOST_ENTRIES = 5_000

/** And what they may hold together, as text: an act that changes a thousand rows tells of each. */
const MOST_BYTES = 32 * 1024 * 1024
/** What is shorter is not looked at for its length: most entries are. */
const SHORT_BYTES = 2_000

/** Of what is stored compressed nobody knows how long it is until it is opened. */
const sizeOf = (column: string) =>
  `case when pg_column_size(${column}) > ${SHORT_BYTES} then octet_length(${column}::text) else ${SHORT_BYTES} end`

/** Each entry is a leaf once, whichever log it is in. A realm's first log has no other before it. */
const IS_SEALED = `case when (select l.epoch > 1 ${FROM_OPEN_LOG}) then coalesce((
  select true from audit.leaf f where f.workspace_id = e.workspace_id and f.id = e.id), false) else false end`

const AFTER = `(e.xid, e.id) > (
  coalesce($1::xid8, (select l.xid ${FROM_OPEN_LOG})), coalesce($2::uuid, (select l.entry_id ${FROM_OPEN_LOG})))`

/** An entry `e` as it is sealed. */
export const ENTRY = `e.workspace_id as workspace, e.id, e.xid::text as transaction,
  to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, e.action, e.outcome,
  e.actor_kind as "actorKind", e.actor_id as "actorId", e.target, e.request_id as "requestId",
  e.actor_name as "actorName", e.address, e.user_agent as "userAgent", e.input::text as input,
  e.changes::text as changes`

/** Those that this very transaction has written. */
export const OWN: Statement = {
  text: `select ${ENTRY} from audit.entry e where e.xid = pg_current_xact_id() order by e.id`,
  name: 'own entries',
}

const read = (which: string) => `
  select ${ENTRY}, ${IS_SEALED} as "isSealed", e.found
  from (
    select e.*, count(*) over () as found, row_number() over w as place,
      sum(${sizeOf('e.input')} + ${sizeOf('e.changes')}) over w as held
    from (select * from audit.entry e where ${AFTER} and ${which} order by e.xid, e.id limit $3::int) e
    window w as (order by e.xid, e.id rows unbounded preceding)
  ) e
  where e.place = 1 or e.held <= ${MOST_BYTES}
  order by e.xid, e.id`

const NEXT: Statement = { text: read('e.xid < pg_snapshot_xmin(pg_current_snapshot())'), name: 'backlog' }
/** What can be seen and is numbered higher than anything this server has begun. */
const FOREIGN: Statement = { text: read('e.xid >= pg_snapshot_xmax(pg_current_snapshot())'), name: 'foreign backlog' }
const WAITING: Statement = {
  text: `select from audit.entry e where ${AFTER} and e.xid >= pg_snapshot_xmin(pg_current_snapshot())
    and e.xid < pg_snapshot_xmax(pg_current_snapshot()) limit 1`,
  name: 'waiting',
}

/** As it is read: what was said is text still. */
export type Written = Facts & Who & { input: string | null; changes: string | null }
type Row = Written & { isSealed: boolean; found: number }

/** Both halves in their canonical form. */
export const entryFrom = ({ input, changes, ...facts }: Written): Unsealed =>
  Object.assign(facts, { who: whoText(facts), what: whatText(input, changes) })
