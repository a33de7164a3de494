import type { Sql } from '../contract/control.ts'
import type { Evidence, Standing, Standings, Store } from './evidence.ts'

/** Keeps evidence in the control database, through a connection that may write to the schema `trust`. */
export const databaseStore = (sql: Sql): Store => ({
  save: async (evidence) => {
    await sql(SAVE, values(evidence))
  },
  latest: async () => new Map((await sql(LATEST)).map((row) => [String(row['control']), standing(row)])),
  prune: async (now) => {
    await sql(PRUNE, [now.toISOString()])
  },
})

/** Keeps the newest verdicts only, for a deployment that ends with its process. */
export function memoryStore(): Store {
  const standings = new Map<string, Standing>()
  return {
    save: (evidence) => {
      if (evidence.holds !== null) standings.set(evidence.control, continued(standings.get(evidence.control), evidence))
      return Promise.resolve()
    },
    latest: () => Promise.resolve<Standings>(new Map(standings)),
    prune: () => Promise.resolve(),
  }
}

/**
 * The newest verdict is the last one written, not the one with the latest time: after a clock was set back, evidence
 * from the future must give way to what is seen now. A verdict that had lapsed before the next one begins a new row.
 */
const SAVE = `
  insert into trust.evidence (control, at, valid_until, holds, since, saw, detail, took_ms)
  values ($1, $2, $3, $4, coalesce((
    select since from (
      select holds, since, at, valid_until from trust.evidence
      where control = $1 and holds is not null order by id desc limit 1
    ) before
    where before.holds = $4 and before.at <= $2 and before.valid_until >= $2
  ), $2), $5, $6, $7)`

/** Steps through the index from one control to the next: the page is public and must not read 90 days at each visit. */
const LATEST = `
  with recursive name as (
    (select control from trust.evidence where holds is not null order by control limit 1)
    union all
    select (
      select control from trust.evidence where holds is not null and control > name.control order by control limit 1
    ) from name where control is not null
  )
  select newest.* from name cross join lateral (
    select control, holds, saw, detail, took_ms,
      extract(epoch from at) * 1000 as at_ms,
      extract(epoch from valid_until) * 1000 as valid_until_ms,
      extract(epoch from since) * 1000 as since_ms
    from trust.evidence where control = name.control and holds is not null order by id desc limit 1
  ) newest`

/**
 * Everything of the last day; before that one run per control, verdict and hour, and the first of each row of equal
 * verdicts; nothing older than 90 days but the newest verdict. With sixty controls that is some 200,000 rows.
 */
const PRUNE = `
  delete from trust.evidence where id in (
    select id from (
      select id, at, since,
        row_number() over (partition by control, holds, date_trunc('hour', at) order by id) as nth_in_hour,
        row_number() over (partition by control, holds is null order by id desc) as nth_newest
      from trust.evidence
    ) run
    where nth_newest > 1 and (
      at < $1::timestamptz - interval '90 days'
      or (at < $1::timestamptz - interval '1 day' and nth_in_hour > 1 and (holds is null or at <> since))
    )
  )`

const values = (evidence: Evidence) => [
  evidence.control,
  evidence.at.toISOString(),
  evidence.validUntil.toISOString(),
  evidence.holds,
  evidence.saw,
  evidence.detail === undefined ? null : JSON.stringify(evidence.detail),
  Math.round(evidence.took_ms),
]

const standing = (row: Record<string, unknown>): Standing => ({
  control: String(row['control']),
  at: new Date(Math.round(Number(row['at_ms']))),
  validUntil: new Date(Math.round(Number(row['valid_until_ms']))),
  holds: row['holds'] === true,
  since: new Date(Math.round(Number(row['since_ms']))),
  saw: String(row['saw']),
  detail: row['detail'],
  took_ms: Number(row['took_ms']),
})

function continued(before: Standing | undefined, evidence: Evidence): Standing {
  const holds = evidence.holds === true
  const unbroken = before?.holds === holds && before.at <= evidence.at && before.validUntil >= evidence.at
  return { ...evidence, holds, since: unbroken ? before.since : evidence.at }
}
