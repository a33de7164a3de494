import type { Snapshot } from '../../../postgres/snapshot.ts'
import type { Statement } from '../../../postgres/batch.ts'
import { canonical } from '../../log/canonical.ts'
import type { Row } from '../../log/export.ts'
import { leafFrom, sealable, type Facts } from '../../log/leaf.ts'
import { leafHash, type Hash } from '../../log/tree.ts'

/** What an export reads from: one state of all rows, as the login that keeps the log sees them. */
export type Reader = Pick<Snapshot, 'run' | 'pieces'>

export type StoredRow = Row & { hash: Buffer; isWhole: boolean }

/** A workspace's rows in one log, in the order of their numbers, so many at a time as memory can hold. */
export async function* rowsOf(
  reader: Reader,
  workspace: string,
  epoch: number,
  size: number,
): AsyncGenerator<StoredRow[]> {
  for (let after = 0; ;) {
    const values = [workspace, epoch, size, after]
    const rows = (await reader.run({ ...ROWS, values })).rows.map(rowFrom)
    if (rows.length === 0) return
    yield rows
    after = rows.at(-1)!.seq
  }
}

/**
 * Rows behind a place in the tree, whosever they are, without what they say. They come as they lie, which is nearly the
 * order in which they were sealed: to sort all of a realm's would cost more than it saves.
 */
export async function* placesBehind(reader: Reader, epoch: number, index: number, size: number) {
  const last = new Map<string, StoredRow>()
  for await (const found of reader.pieces({ text: BEHIND, values: [epoch, index, size] }, MOST_ROWS)) {
    const rows = found.map(rowFrom)
    await linked(reader, epoch, rows, last)
    if (last.size > MOST_WORKSPACES) last.clear()
    yield rows
  }
}

/** Most rows come after the one before them; of the others it is looked for. */
async function linked(reader: Reader, epoch: number, rows: readonly StoredRow[], last: Map<string, StoredRow>) {
  const others: StoredRow[] = []
  for (const row of rows) {
    const before = last.get(row.facts.workspace)
    if (before?.seq === row.seq - 1) row.previous = before.hash
    else if (row.seq > 1) others.push(row)
    last.set(row.facts.workspace, row)
  }
  if (others.length === 0) return
  const values = [epoch, others.map(({ facts }) => facts.workspace), others.map(({ seq }) => seq)]
  const found = await reader.run({ text: BEFORE, name: 'rows before', values })
  for (const [at, { previous }] of found.rows.entries()) others[at]!.previous = previous as Buffer | null
}

/** The first row of each workspace from whose sequence something was removed. */
export async function firstsOf(reader: Reader, epoch: number): Promise<StoredRow[]> {
  return (await reader.run({ text: FIRSTS, values: [epoch] })).rows.map(rowFrom)
}

/** The hash of a leaf, from what is known of it; not what is stored of that. */
export const hashOf = ({ facts, seq, previous, who, what }: StoredRow): Hash =>
  leafHash(Buffer.from(canonical(leafFrom(facts, seq, previous, { who: who.hash, what: what.hash }))))

const MOST_ROWS = 1_000
/** One row of each is kept in mind. */
const MOST_WORKSPACES = 10_000
/** As text, and more only where a single one is longer. */
const MOST_BYTES = 8 * 1024 * 1024
/** What is shorter is not looked at for its length: most entries are. */
const SHORT_BYTES = 2_000

/** Of what stands before a row that is not there any more, the entry that says so has the hash. */
const PREVIOUS = `coalesce(
    (select p.hash from audit.leaf p where p.workspace_id = f.workspace_id and p.epoch = f.epoch and p.seq = f.seq - 1),
    (select decode(t.input ->> 'last', 'base64') from audit.entry t
      where f.seq > 1 and t.workspace_id = f.workspace_id and t.action = 'audit.log.thin'
        and t.input ->> 'epoch' = f.epoch::text and t.input ->> 'through' = (f.seq - 1)::text limit 1))`

const KNOWN = `f.workspace_id as workspace, f.id, f.epoch, f.seq, f.index, f.hash, f.who, f.what, f.who_salt,
  f.what_salt, e.xid::text as transaction, e.action, e.outcome, e.actor_kind as "actorKind", e.actor_id as "actorId",
  to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, e.target, e.request_id as "requestId",
  e.id is not null as "isWhole"`

const joined = (leaves: string) =>
  `(${leaves}) f left join audit.entry e on e.workspace_id = f.workspace_id and e.id = f.id`

const placed = (leaves: string, previous: string) => `
  select ${KNOWN}, ${previous} as previous, null as "actorName", null as address, null as "userAgent", null as input,
    null as changes from ${joined(leaves)}`

const BEHIND = placed(
  'select * from audit.leaf where epoch = $1 and index > $2::bigint and index < $3::bigint',
  'null::bytea',
)

const BEFORE = `select ${PREVIOUS} as previous
  from unnest($2::uuid[], $3::bigint[]) with ordinality w (workspace_id, seq, place)
  cross join lateral (select w.workspace_id, $1::int as epoch, w.seq) f order by w.place`

/** Counted first: beside each leaf all those before it would be looked for. */
const FIRSTS = placed(
  `select l.* from audit.leaf l join (
      select workspace_id, min(seq) as seq from audit.leaf where epoch = $1 group by workspace_id having min(seq) > 1
    ) b using (workspace_id, seq) where l.epoch = $1`,
  PREVIOUS,
)

const ROWS: Statement = {
  text: `select * from (
    select ${KNOWN}, coalesce(case when lag(f.seq) over w = f.seq - 1 then lag(f.hash) over w end, ${PREVIOUS})
      as previous, e.actor_name as "actorName", e.address, e.user_agent as "userAgent",
      e.input::text as input, e.changes::text as changes, row_number() over w as place, sum(
        case when pg_column_size(e.input) > ${SHORT_BYTES} then octet_length(e.input::text) else ${SHORT_BYTES} end
        + case when pg_column_size(e.changes) > ${SHORT_BYTES} then octet_length(e.changes::text) else 0 end
      ) over w as held
    from ${joined(`select * from audit.leaf where workspace_id = $1 and epoch = $2 and index < $3::bigint
      and seq > $4::bigint order by seq limit ${MOST_ROWS}`)}
    window w as (order by f.seq rows unbounded preceding)
  ) r where place = 1 or held <= ${MOST_BYTES} order by seq`,
  name: 'rows of an export',
}

type Read = Facts & {
  seq: number
  index: number
  previous: Buffer | null
  isWhole: boolean
  actorName: string | null
  address: string | null
  userAgent: string | null
  input: string | null
  changes: string | null
} & Record<'hash' | 'who' | 'what', Buffer> &
  Record<'who_salt' | 'what_salt', Buffer | null>

function rowFrom(row: Record<string, unknown>): StoredRow {
  const { seq, index, previous, hash, isWhole, actorName, address, userAgent, input, changes, ...read } = row as Read
  const who = actorName === null ? null : { actorName, address, userAgent }
  const what = input === null ? null : { input: sealable(input), changes: sealable(changes) }
  return {
    facts: read,
    seq,
    index,
    previous,
    hash,
    isWhole,
    who: { hash: read.who, value: who, salt: read.who_salt },
    what: { hash: read.what, value: what, salt: read.what_salt },
  }
}
