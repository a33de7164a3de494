import assert from 'node:assert/strict'
import type { Sql } from '../../kernel/contract/control.ts'
import { difference, picture, secretColumns, together } from './picture.ts'
import type { Change } from './picture.ts'

/** One act, with what it left in the log and what it did to the tables: in every workspace the two must be the same. */
export type Entry = {
  workspace: string
  id: string
  at: string
  action: string
  outcome: string
  actor_kind: string
  actor_id: string
  actor_name: string
  address: string | null
  user_agent: string | null
  request_id: string
  target: string | null
  input: unknown
  changes: Change[] | null
}

export type Seen<Told> = { told: Told; entries: readonly Entry[]; changed: ReadonlyMap<string, readonly Change[]> }

export const watching =
  (sql: Sql) =>
  async <Told>(what: string, act: () => Promise<Told>): Promise<Seen<Told>> => {
    const secrets = await secretColumns(sql)
    const [before, first] = [await picture(sql), await entries(sql)]
    const began = await clock(sql)
    const told = await act()
    const ended = await clock(sql)
    const [after, last] = [await picture(sql), await entries(sql)]
    const known = new Set(first.map(({ id }) => id))
    const fresh = last.filter(({ id }) => !known.has(id))
    assert.equal(fresh.length, last.length - first.length, `${what}: an entry is gone`)
    const left = fresh.filter((entry) => !isOfTheLogItself(entry))
    for (const entry of left) assert.ok(entry.at >= began && entry.at <= ended, `${what}: ${entry.at} is another time`)
    const changed = withoutAlerts(difference(before, after, secrets), last)
    for (const workspace of new Set([...changed.keys(), ...left.map((entry) => entry.workspace)]))
      assert.deepEqual(
        together(left.filter((entry) => entry.workspace === workspace).flatMap(({ changes }) => changes ?? [])),
        changed.get(workspace) ?? [],
        `${what}: what the log of ${workspace} tells is not what became of its rows (${actionsOf(left)})`,
      )
    return { told, entries: left, changed }
  }

/** Who keeps the log and who watches over it write of their own accord, of nothing but the log. */
const isOfTheLogItself = ({ actor_kind, actor_id, action, changes }: Entry) =>
  actor_kind === 'system' && OF_THE_LOG.has(actor_id) && action.startsWith('audit.') && changes === null
const OF_THE_LOG: ReadonlySet<string> = new Set(['keeper', 'watch'])

/** What the watch raises, whenever it comes to it, is a row that says what an entry of its own says. */
function withoutAlerts(changed: ReadonlyMap<string, Change[]>, all: readonly Entry[]): Map<string, Change[]> {
  const raised = new Set(all.filter(({ action }) => action === 'audit.alert.raise').map(({ target }) => target))
  const isRaised = ({ of, id, before }: Change) => of === 'audit.alert' && before === null && raised.has(id)
  return new Map(
    [...changed]
      .map(([workspace, changes]) => [workspace, changes.filter((change) => !isRaised(change))] as const)
      .filter(([, changes]) => changes.length > 0),
  )
}

const actionsOf = (entries: readonly Entry[]) => entries.map(({ action }) => action).join(', ')

/** Whatever was typed, shown or sent to be known by one alone stands in no entry, as it is or in another spelling. */
export async function insistOnSilence(sql: Sql, secrets: readonly string[]): Promise<void> {
  assert.ok(secrets.length > 0)
  const all = (await sql('select to_jsonb(e)::text as text from audit.entry e')).map(({ text }) => String(text))
  assert.ok(all.length > 0)
  for (const secret of new Set(secrets.filter((one) => one.length >= SHORTEST)))
    for (const spelling of spellings(secret))
      assert.ok(!all.some((text) => text.includes(spelling)), `${spelling.slice(0, 6)}… stands in an entry`)
}

/** Six digits are found by chance. */
const SHORTEST = 10

const spellings = (secret: string) => [
  secret,
  secret.replaceAll('-', ''),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replaceAll('=', ''),
  Buffer.from(secret).toString('hex'),
]

/** In UTC to the millisecond or finer, so that times compare as texts. */
const AS_UTC = `to_char(%s at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

const entries = (sql: Sql) =>
  sql(`select e.*, e.workspace_id as workspace, ${AS_UTC.replace('%s', 'e.at')} as at
    from audit.entry e order by e.xid, e.id`) as unknown as Promise<Entry[]>

async function clock(sql: Sql): Promise<string> {
  const [row] = await sql(`select ${AS_UTC.replace('%s', 'clock_timestamp()')} as now`)
  return String(row!['now'])
}
