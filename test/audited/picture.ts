import { isDeepStrictEqual } from 'node:util'
import type { Sql } from '../../kernel/contract/control.ts'

/**
 * What stands in the tables, as Postgres shows it to whoever may see everything, and what became of it: worked out
 * here, from two pictures and nothing else, so that what the log tells can be held against something.
 */
export type Change = { of: string; id: string; before: Fields | null; after: Fields | null }
type Fields = Record<string, unknown>
export type Picture = ReadonlyMap<string, { workspace: string; of: string; id: string; row: Fields }>

const LOBBY = '00000000-0000-0000-0000-000000000000'
const HIDDEN = '[secret]'

/** What is written beside every change is no record of anybody's, and none of it is left out without its reason. */
const BOOKS: Readonly<Record<string, string>> = {
  'audit.entry': 'the log itself, which is read for itself',
  'audit.leaf': 'an entry’s place in the tree, made later by whoever keeps the log',
  'audit.tile': 'the tree',
  'audit.log': 'its head',
  'audit.erasure': 'who is to be forgotten, which goes when they are; the entry that asks for it says whom, and why',
  'audit.total': 'how many entries there were that are gone',
  'events.outbox': 'says of the same change that it happened',
  'events.job': 'what a change asked for; the job that comes of it has an entry of its own',
  'mail.letter': 'what a change asked for; sealed, and gone when it was sent',
  'serve.answer': 'an answer that is given twice to whoever asks twice',
  'identity.epoch': 'counts changes of rights, so that processes hear of them',
  'identity.ticket': 'a link that works once; lies in the lobby',
}

/** Noted beside what somebody does, and no act of anybody. */
const PASSING: Readonly<Record<string, string>> = {
  'identity.key.last_used_at':
    'in which ten minutes a key was used last; each use that changes something has its entry',
  'identity.session.generation': 'how often a session went on, which is asked of it every few minutes',
  'identity.session.rotated_at': 'when it last did',
  'audit.alert.to_at': 'until when what is unusual goes on, which the watch counts from other entries',
  'audit.alert.times': 'how often',
  'audit.alert.entries': 'which entries those are',
}

export async function picture(sql: Sql): Promise<Picture> {
  const tables = (await sql(TABLES)).map(({ name }) => String(name))
  const books = new Set(Object.keys(BOOKS))
  const whole = tables.filter((name) => !books.delete(name) && !name.startsWith('tenancy.'))
  const gone = [...books].filter((name) => !LATER.test(name))
  if (gone.length) throw new Error(`there is no ${gone.join(', ')} any more to be left out`)
  const rows = await sql(
    whole
      .map((name) => `select '${name}' as of, workspace_id as workspace, id, to_jsonb(t) as row from ${name} t`)
      .join(' union all '),
  )
  return new Map(
    (rows as { of: string; workspace: string; id: string; row: Fields }[])
      .filter(({ workspace }) => workspace !== LOBBY)
      .map((one) => [`${one.of} ${one.workspace} ${one.id}`, one]),
  )
}

/** Not in every edition. */
const LATER = /^audit\.(leaf|tile|log)$/

const TABLES = `select table_schema || '.' || table_name as name from information_schema.columns
  join information_schema.tables using (table_schema, table_name)
  where column_name = 'workspace_id' and table_type = 'BASE TABLE' order by 1`

/** Columns that are never shown, whatever they hold. */
export const secretColumns = async (sql: Sql): Promise<Set<string>> =>
  new Set(
    (
      await sql(`select table_schema || '.' || table_name || '.' || column_name as name
        from information_schema.columns where domain_schema = 'tenancy' and domain_name = 'secret'`)
    ).map(({ name }) => String(name)),
  )

/** By workspace, each row once, with the fields in which the two differ. */
export function difference(before: Picture, after: Picture, secrets: ReadonlySet<string>): Map<string, Change[]> {
  const found = new Map<string, Change[]>()
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(key), after.get(key)]
    const { of, id, workspace } = (is ?? was)!
    const change = between(of, was?.row, is?.row, secrets)
    if (change) found.set(workspace, [...(found.get(workspace) ?? []), { of, id, ...change }])
  }
  for (const changes of found.values()) changes.sort(byRow)
  return found
}

function between(of: string, was: Fields | undefined, is: Fields | undefined, secrets: ReadonlySet<string>) {
  const shown = (row: Fields, keys: readonly string[]) =>
    Object.fromEntries(keys.map((key) => [key, secrets.has(`${of}.${key}`) ? HIDDEN : row[key]]))
  const said = (row: Fields) =>
    shown(
      row,
      Object.keys(row).filter((key) => row[key] !== null),
    )
  if (!was || !is) return { before: was ? said(was) : null, after: is ? said(is) : null }
  const keys = Object.keys(is).filter(
    (key) => !isDeepStrictEqual(was[key], is[key]) && PASSING[`${of}.${key}`] === undefined,
  )
  return keys.length ? { before: shown(was, keys), after: shown(is, keys) } : undefined
}

/** What several changes of the same rows come to: the first before and the last after, of what is then still other. */
export function together(changes: readonly Change[]): Change[] {
  const rows = new Map<string, Change>()
  for (const change of changes) {
    const key = `${change.of} ${change.id}`
    const sum = joined(rows.get(key), change)
    if (sum) rows.set(key, sum)
    else rows.delete(key)
  }
  return [...rows.values()].sort(byRow)
}

function joined(first: Change | undefined, { of, id, before, after }: Change): Change | undefined {
  if (!first) return lasting({ of, id, before, after })
  const [wasBorn, isGone] = [first.before === null, after === null]
  if (wasBorn && isGone) return undefined
  if (wasBorn) return { of, id, before: null, after: withoutNulls({ ...first.after, ...after }) }
  if (isGone) return { of, id, before: withoutNulls({ ...before, ...first.before }), after: null }
  return lasting({ of, id, before: { ...before, ...first.before }, after: { ...first.after, ...after } })
}

function lasting(change: Change): Change | undefined {
  const { of, before, after } = change
  if (!before || !after) return change
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) =>
      PASSING[`${of}.${key}`] === undefined &&
      (before[key] === HIDDEN || !isDeepStrictEqual(before[key] ?? null, after[key] ?? null)),
  )
  const only = (row: Fields) => Object.fromEntries(keys.map((key) => [key, row[key] ?? null]))
  return keys.length ? { ...change, before: only(before), after: only(after) } : undefined
}

const withoutNulls = (row: Fields) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))

const byRow = (one: Change, other: Change) => (`${one.of} ${one.id}` < `${other.of} ${other.id}` ? -1 : 1)
