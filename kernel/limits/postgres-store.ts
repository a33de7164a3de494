import type { Sql } from '../contract/control.ts'
import { MOST_RECALLED, PLACE_KEPT_s } from './store.ts'
import type { Store } from './store.ts'

/**
 * The store that every deployment has: tables of the control database, changed by functions that lock what they charge,
 * in the order of its keys. The role that calls them may not change a row otherwise.
 */
export const postgresStore = (sql: Sql): Store => ({
  async spend(charges, { account, network }, at_ms) {
    const at = at_ms === undefined ? null : new Date(at_ms).toISOString()
    const [row] = await sql(SPEND, [JSON.stringify(charges), account, network, at])
    return Number(row!['wait_s'])
  },
  async forgive(charges, { account, network }, mostPlaces) {
    await sql(FORGIVE, [JSON.stringify(charges), account, network, mostPlaces])
  },
  share: async (spendings) => (await sql(SHARE, [JSON.stringify(spendings)])).map(debtOf),
  debts: async () => (await sql(DEBTS)).map(debtOf),
  prune: async () => void (await sql(PRUNE)),
})

const debtOf = (row: Record<string, unknown>) => ({ key: String(row['key']), owed_s: Number(row['owed_s']) })

/**
 * Some 250 MB. Names that do not exist are counted like names that do, so strangers fill this: beyond it the ones are
 * forgotten first that would be forgotten next, which is what cost its author the least.
 */
const MOST_ROWS = 1_000_000

const SPEND = 'select limits.spend($1::jsonb, $2, $3, $4::timestamptz) as wait_s'
const FORGIVE = 'select limits.forgive($1::jsonb, $2, $3, $4::int)'
const SHARE = 'select key, owed_s from limits.share($1::jsonb)'
const DEBTS = `
  select key, limits.owed_s(owed_s, at, clock_timestamp()) as owed_s from limits.usage
  order by 2 desc limit ${MOST_RECALLED}`

/** The longest debt of a request is two minutes. */
const PRUNE = `
  with forgotten as (
    delete from limits.attempt where forget_at < now() or forget_at < (
      select forget_at from limits.attempt order by forget_at desc offset ${MOST_ROWS} limit 1)
  ), left_behind as (
    delete from limits.place where at < now() - interval '${PLACE_KEPT_s} seconds'
  )
  delete from limits.usage where at < now() - interval '5 minutes'`
