import { randomUUID } from 'node:crypto'
import type { AlertRule } from '../../contract/control.ts'
import type { Statement } from '../../postgres/batch.ts'
import type { Pool } from '../../postgres/pool.ts'
import { judge } from './judge.ts'
import type { Alert } from './judge.ts'
import { alertsIn, alertsSince, beforeThese, keepPlace, nextFrom, nextIn, seenFrom, TAKE_PLACE } from './reading.ts'
import type { Place } from './reading.ts'
import type { Rule } from './rule.ts'

/**
 * Looks at a realm's entries once they are sealed, each exactly once and in the order of the log: how far it came and
 * what it found are one commit, and whoever comes second goes on from there. What is found is a row for those who read
 * the log, an entry in it, and where the edition says so a job that writes to the workspace's owners.
 */
export async function watch(pool: Pool, watching: Watching): Promise<Watched> {
  await using lease = await pool.lease()
  const [, , taken] = await lease.run([{ text: 'begin', name: 'begin' }, ...TAKE_PLACE])
  const place = taken!.rows[0] as Place
  const next = nextIn((await lease.run([nextFrom(place)]))[0]!)
  const commit = { text: 'commit', name: 'commit' }
  if (!next) {
    await lease.run([commit])
    return { raised: 0, isAll: true }
  }
  const workspaces = [...new Set(next.entries.map(({ workspace }) => workspace))]
  const from_ms = Math.min(...next.entries.map(({ at_ms }) => at_ms))
  const [before, alerts] = workspaces.length
    ? await lease.run([
        beforeThese(place, workspaces, from_ms - longest_ms(watching.rules)),
        alertsSince(workspaces, from_ms - DAY_ms),
      ])
    : []
  const found = before
    ? judge(watching.rules, { before: seenFrom(before), entries: next.entries, alerts: alertsIn(alerts!) })
    : []
  await lease.run([...found.map((alert) => keep(alert, watching.mailed)), keepPlace(next.place), commit])
  return { raised: found.filter(({ id }) => id === undefined).length, isAll: next.isAll }
}

export type Watching = {
  rules: readonly Rule[]
  /** Those that the owners are written to about. */
  mailed: ReadonlySet<AlertRule>
}

export type Watched = {
  /** Where there are any, there may be letters to write. */
  raised: number
  isAll: boolean
}

/** Removed a year after they were raised, unless the log is held: by then it has what there is to know. */
export const PRUNE_ALERTS: Statement = {
  text: `delete from audit.alert a where created_at < now() - interval '365 days'
    and not exists (select from audit.hold h where h.workspace_id = a.workspace_id and h.released_at is null)`,
  name: 'prune alerts',
}

const DAY_ms = 24 * 60 * 60_000
const longest_ms = (rules: readonly Rule[]) => Math.max(...rules.map((rule) => rule.window_minutes)) * 60_000

const keep = (alert: Alert, mailed: ReadonlySet<AlertRule>) =>
  alert.id === undefined ? raise(alert, mailed) : extend(alert)

function raise(alert: Alert, mailed: ReadonlySet<AlertRule>): Statement {
  const { workspace, rule, severity, subject, times, entries } = alert
  const [from, to] = [alert.from_ms, alert.to_ms].map((ms) => new Date(ms).toISOString())
  const input = JSON.stringify({ rule, severity, subject, times, entries })
  const told = JSON.stringify({ rule, times, from, to })
  // Nobody asked for it: a request is answered before anybody looks at what it left.
  const by = [randomUUID(), mailed.has(rule)]
  return {
    text: RAISE,
    name: 'raise alert',
    values: [workspace, rule, severity, subject, from, to, times, entries, input, told, ...by],
  }
}

const extend = ({ workspace, id, to_ms, times, entries }: Alert): Statement => ({
  text: `update audit.alert set to_at = $3, times = $4, entries = $5 where workspace_id = $1 and id = $2`,
  name: 'extend alert',
  values: [workspace, id, new Date(to_ms).toISOString(), times, entries],
})

/** The alert, its entry and its letter are one statement, since all of them need the number that it gets. */
const RAISE = `
  with raised as (
    insert into audit.alert (workspace_id, rule, severity, subject, from_at, to_at, times, entries)
    values ($1, $2, $3, $4, $5, $6, $7, $8::text[]) returning workspace_id, id),
  noted as (
    insert into audit.entry (workspace_id, action, actor_kind, actor_id, actor_name, request_id, target, input)
    select workspace_id, 'audit.alert.raise', 'system', 'watch', 'Watch over the audit log', $11, id, $9::jsonb
    from raised)
  insert into events.job (workspace_id, name, input, request_id, asked_by)
  select workspace_id, 'identity.alert.tell', $10::jsonb || jsonb_build_object('id', id), $11, id from raised
  where $12::boolean`
