import { sql } from 'kysely'
import type { Kysely, SelectQueryBuilder, Selection } from 'kysely'
import { z } from 'zod'
import { Id, Moment, oneOf } from '../contract/values.ts'
import type { Tables } from './tables.ts'

/** Which entries are asked for: the same in a list and in a file, so that a file holds exactly what was looked at. */
export const filter = {
  actor: z.string().max(100).optional(),
  /** One action, or all of a thing: `shop.invoice.issue`, `shop.invoice.`. */
  action: z.string().max(100).optional(),
  target: Id.optional(),
  /** Of which thing it was: `shop.invoice`. */
  type: z.string().max(100).optional(),
  from: Moment.optional(),
  to: Moment.optional(),
  requestId: z.string().max(100).optional(),
  outcome: oneOf('done', 'refused').optional(),
}
type Filter = z.output<z.ZodObject<typeof filter>>

export const columns = [
  'id',
  'at',
  'action',
  'outcome',
  'actor_kind as actorKind',
  'actor_id as actorId',
  'actor_name as actorName',
  'address',
  'user_agent as userAgent',
  'request_id as requestId',
  'target',
] as const

type Shown = SelectQueryBuilder<Tables, 'entry', Selection<Tables, 'entry', (typeof columns)[number]>>

/**
 * The entries of a filter. Those of several actions are asked for action by action: no index has all of a thing's in
 * their order, but Postgres merges what the one by action has, and reads no more of each than a page needs.
 */
export async function entriesOf(db: Kysely<Tables>, asked: Filter): Promise<[Shown, ...Shown[]]> {
  const { action, type } = asked
  const prefix = type === undefined ? action?.endsWith('.') && action : `${type}.`
  if (!prefix) return [narrowed(db, asked, action)]
  const known = (await actionsUnder(db, prefix)).filter((one) => isAskedFor(one, asked))
  const [first = NO_ACTION, ...others] = known
  return [narrowed(db, asked, first), ...others.map((one) => narrowed(db, asked, one))]
}

/** `from` is still within, `to` is not. */
function narrowed(db: Kysely<Tables>, asked: Filter, action: string | undefined): Shown {
  const { actor, target, from, to, requestId, outcome } = asked
  let entries: Shown = db.selectFrom('entry').select(columns)
  if (action !== undefined) entries = entries.where(sql<boolean>`action collate "C" = ${action}`)
  if (actor !== undefined) entries = entries.where('actor_id', '=', actor)
  if (target !== undefined) entries = entries.where('target', '=', target)
  if (requestId !== undefined) entries = entries.where('request_id', '=', requestId)
  if (outcome !== undefined) entries = entries.where('outcome', outcome === 'done' ? '=' : '<>', 'done')
  if (from !== undefined) entries = entries.where('id', '>=', idsAt(from, -SLACK_ms)).where('at', '>=', from)
  if (to !== undefined) entries = entries.where('id', '<', idsAt(to, SLACK_ms)).where('at', '<', to)
  return entries
}

/** The least id of a moment: ids say when they were made (version 7), so a time is a range of them. */
function idsAt(moment: string, more_ms: number): string {
  const ms = Math.max(0, Date.parse(moment) + more_ms)
  const digits = ms.toString(16).padStart(12, '0')
  return `${digits.slice(0, 8)}-${digits.slice(8)}-0000-0000-000000000000`
}

/** Id and time of an entry are taken one after the other, and a server may let its ids run ahead of its clock. */
const SLACK_ms = 1_000

/** One after the other by the index, so that a million entries of ten actions are ten steps. */
async function actionsUnder(db: Kysely<Tables>, prefix: string): Promise<string[]> {
  // The character that follows the dot, so that this is where the prefix ends.
  const end = `${prefix.slice(0, -1)}/`
  const { rows } = await sql<{ action: string }>`
    with recursive known (action) as (
      (select e.action from entry e where e.action collate "C" >= ${prefix} and e.action collate "C" < ${end}
        order by e.action collate "C" limit 1)
      union all
      select (select e.action from entry e where e.action collate "C" > known.action and e.action collate "C" < ${end}
        order by e.action collate "C" limit 1)
      from known where known.action is not null
    ) select action from known where action is not null limit ${MOST_ACTIONS + 1}`.execute(db)
  // Some left out would be a list that lies.
  if (rows.length > MOST_ACTIONS) throw new RangeError(`more actions begin with ${prefix} than a statement can ask for`)
  return rows.map(({ action }) => action)
}

/** Several times what any module has, since they come from code; a statement of more would be too long to plan. */
const MOST_ACTIONS = 300

/** Both may be asked for at once. */
const isAskedFor = (one: string, { action, type }: Filter) =>
  (action === undefined || one === action || (action.endsWith('.') && one.startsWith(action))) &&
  (type === undefined || typeOf(one) === type)

/** The thing that an action is done to: all before its last part. */
export const typeOf = (action: string): string => action.slice(0, Math.max(0, action.lastIndexOf('.')))

const NO_ACTION = ''
