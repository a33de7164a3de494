import type { Result, Statement } from '../../postgres/batch.ts'
import type { Alert } from './judge.ts'
import type { Seen } from './rule.ts'

/** Under the id that no workspace has lies how far a realm has been looked at. */
const NO_WORKSPACE = '00000000-0000-0000-0000-000000000000'

/** The last leaf that was looked at. */
export type Place = { epoch: number; index: string }

/** Whoever has it looks, and nobody else until they are done. */
export const TAKE_PLACE: readonly Statement[] = [
  {
    text: `insert into audit.watch (workspace_id) values ('${NO_WORKSPACE}') on conflict (workspace_id) do nothing`,
    name: 'first watch',
  },
  {
    text: `select epoch, index::text as index from audit.watch where workspace_id = '${NO_WORKSPACE}' for update`,
    name: 'take watch',
  },
]

export const keepPlace = ({ epoch, index }: Place): Statement => ({
  text: `update audit.watch set epoch = $1, index = $2 where workspace_id = '${NO_WORKSPACE}'`,
  name: 'keep watch',
  values: [epoch, index],
})

/**
 * The leaves that come next, as one look: the last of them, and of those that a rule could count what they say. Nearly
 * all are what people do all day, and are passed over without being read.
 */
export const nextFrom = ({ epoch, index }: Place): Statement => ({
  text: NEXT,
  name: 'watch next',
  values: [epoch, index, MOST_LEAVES],
})

/** Nothing where there is nothing more. */
export function nextIn({ rows }: Result): { place: Place; entries: Seen[]; isAll: boolean } | undefined {
  const last = rows[0]
  if (!last) return undefined
  return {
    place: { epoch: last['lastEpoch'] as number, index: last['lastIndex'] as string },
    entries: rows.filter(({ id }) => id !== null).map(seenIn),
    isAll: (last['found'] as number) < MOST_LEAVES,
  }
}

/** What was looked at before in these workspaces, as far as rules count it. */
export const beforeThese = ({ epoch, index }: Place, workspaces: readonly string[], from_ms: number): Statement => ({
  text: BEFORE,
  name: 'watched before',
  values: [epoch, index, workspaces, new Date(from_ms).toISOString()],
})

export const seenFrom = ({ rows }: Result): Seen[] => rows.map(seenIn)

export const alertsSince = (workspaces: readonly string[], from_ms: number): Statement => ({
  text: ALERTS,
  name: 'alerts since',
  values: [workspaces, new Date(from_ms).toISOString()],
})

export const alertsIn = ({ rows }: Result): Alert[] =>
  (rows as StoredAlert[]).map((row) => ({ ...row, times: Number(row.times) }))

type StoredAlert = Omit<Alert, 'times'> & { times: string }

/** A look ends within a fraction of a second, however many there are. */
const MOST_LEAVES = 2_000
/** Of one workspace, newest first: by then every threshold was reached. */
const MOST_BEFORE = 1_000

const SEEN = `e.workspace_id as workspace, e.id, floor(extract(epoch from e.at) * 1000)::float8 as at_ms, e.action,
  e.outcome, e.actor_kind as "actorKind", e.actor_id as "actorId", e.address, e.target, e.input, e.changes`

/** The words by which rules know what they count; a rule that waits for others is never asked. */
const COUNTED = `(e.outcome <> 'done' or e.action like '%.export')`
const LOOKED_AT = `(${COUNTED} or e.action in (
  'identity.session.begin', 'identity.member.join', 'identity.member.changeRoles', 'identity.support.enter'))`

/** The member that was given other roles is the person who gave them, as it stood when they joined. */
const IS_OWN = `e.action = 'identity.member.changeRoles' and e.outcome = 'done' and exists (
  select from audit.entry j where j.workspace_id = e.workspace_id and j.target = e.actor_id
    and j.action = 'identity.member.join'
    and j.changes @> jsonb_build_array(jsonb_build_object('of', 'identity.member', 'id', e.target)))`

const NEXT = `
  with next as materialized (
    select f.workspace_id, f.id, f.epoch, f.index from audit.leaf f where (f.epoch, f.index) > ($1::int, $2::bigint)
    order by f.epoch, f.index limit $3),
  last as (
    select epoch, index, (select count(*)::int from next) as found from next order by epoch desc, index desc limit 1)
  select last.epoch as "lastEpoch", last.index::text as "lastIndex", last.found, e.*
  from last left join lateral (
    select n.epoch, n.index, ${SEEN}, ${IS_OWN} as "isOwn"
    from next n join audit.entry e on e.workspace_id = n.workspace_id and e.id = n.id
    where ${LOOKED_AT}) e on true
  order by e.epoch, e.index`

const BEFORE = `
  select e.* from unnest($3::uuid[]) as w (id) cross join lateral (
    select ${SEEN}, false as "isOwn"
    from audit.entry e join audit.leaf f on f.workspace_id = e.workspace_id and f.id = e.id
    where e.workspace_id = w.id and e.at > $4::timestamptz and ${COUNTED}
      and (f.epoch, f.index) <= ($1::int, $2::bigint)
    order by e.at desc limit ${MOST_BEFORE}) e
  order by e.at_ms`

const ALERTS = `
  select workspace_id as workspace, id, rule, severity, subject, extract(epoch from from_at)::float8 * 1000 as from_ms,
    extract(epoch from to_at)::float8 * 1000 as to_ms, times::text as times, entries,
    acknowledged_at is null as "isOpen"
  from audit.alert where workspace_id = any($1::uuid[]) and to_at > $2::timestamptz`

function seenIn(row: Record<string, unknown>): Seen {
  const { input, changes, ...rest } = row as Seen & { input: Seen['input'] | null; changes: Seen['changes'] | null }
  return { ...rest, input: input ?? {}, changes: changes ?? [] }
}
