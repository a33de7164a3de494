import { randomUUID } from 'node:crypto'
import { inside, log } from '../../base/log.ts'
import type { Policy } from '../../contract/control.ts'
import type { Statement } from '../../postgres/batch.ts'
import type { Pool } from '../../postgres/pool.ts'
import { Writing } from '../../postgres/work.ts'
import { entry } from '../record.ts'
import { forget, KEEPER, keeping, turn } from './halves.ts'

/**
 * Entries are kept readable for as long as the edition says, or the workspace, if that is longer. What is older is
 * counted by month and removed from the front of the sequence, never from its middle; the entry that says so has the
 * number and the hash of the last that went, to which the first that stays is bound. What the counts say ends later.
 */
export class Retention {
  readonly #keeper: string
  readonly #policy: Pick<Policy, 'auditMonths' | 'auditTotalMonths'>
  readonly #canaries: Canaries
  /** When each realm was gone through to the end. */
  readonly #thinned = new Map<string, number>()

  constructor(keeper: string, policy: Pick<Policy, 'auditMonths' | 'auditTotalMonths'>, canaries: Canaries) {
    this.#keeper = keeper
    this.#policy = policy
    this.#canaries = canaries
  }

  /**
   * Once a day: takes a piece from every workspace that has too old entries; answers whether there may be more. What
   * day it is says the database, whose clock the entries have their time from.
   */
  async thinDue(realm: string, pool: Pool): Promise<boolean> {
    const now_ms = performance.now()
    if (now_ms - (this.#thinned.get(realm) ?? Number.NEGATIVE_INFINITY) < A_DAY_ms) return false
    const { auditMonths, auditTotalMonths } = this.#policy
    const canaries = await this.#canaries()
    const [due] = await pool.run([{ text: DUE, name: 'workspaces to thin', values: [auditMonths, canaries] }])
    let came = false
    for (const { workspace } of due!.rows as { workspace: string }[])
      try {
        came = (await this.#thin(pool, workspace, canaries)) || came
      } catch (error) {
        log('entries that are too old are still there', { workspace, ...inside(error) })
      }
    if (!came) {
      await pool.run([{ text: TIDY, name: 'end totals', values: [auditMonths, auditTotalMonths] }])
      this.#thinned.set(realm, now_ms)
    }
    return came
  }

  async #thin(pool: Pool, workspace: string, canaries: readonly string[]): Promise<boolean> {
    const scope = keeping(this.#keeper, workspace)
    await using work = new Writing(pool, scope)
    const { auditMonths } = this.#policy
    const front = { text: FRONT, name: 'front of a log', values: [workspace, auditMonths, canaries] }
    const [, found] = await work.as(scope, [turn(workspace), front])
    const old = prefixOf(found!.rows as Old[])
    const [first] = old
    if (!first) return false
    const goes = old.filter(({ isLast }) => !isLast)
    if (goes.length > 0) await work.commit(scope, remove(workspace, goes))
    else if (!(await isFollowed(work, workspace, first))) {
      // What is sealed next goes on from its number and hash. So it stays until there is something, and says no more.
      if (!first.hasWho && !first.hasWhat) return false
      const halves = { ...first, who: first.hasWho, what: first.hasWhat }
      await work.commit(scope, forget(workspace, [halves], { why: 'retention' }, randomUUID()))
    }
    return true
  }
}

/**
 * The workspaces that probes attack all day. They are nobody's, so their entries go after days. Which they are says the
 * directory, which the application's login only reads: nobody makes a customer's workspace one of them.
 */
export type Canaries = () => Promise<readonly string[]>
/** Long enough to look into what a probe did. */
const CANARY_days = 7

const A_DAY_ms = 24 * 3_600_000

const heldIn = (workspace: string) =>
  `exists (select from audit.hold h where h.workspace_id = ${workspace} and h.released_at is null)`

/** Somebody who is to be forgotten is forgotten first: the entry that asks for it says how far that reaches. */
const underWayIn = (workspace: string) =>
  `exists (select from audit.erasure r where r.workspace_id = ${workspace} and r.done_at is null)`

const limitIn = (workspace: string, months: string) => `now() - make_interval(months => greatest(${months}::int,
    coalesce((select k.months from audit.retention k where k.workspace_id = ${workspace}), 0)))`

const goesBefore = (workspace: string, months: string, canaries: string) =>
  `case when ${workspace} = any(${canaries}::uuid[]) then now() - interval '${CANARY_days} days'
    else ${limitIn(workspace, months)} end`

/** From one workspace to the next by the index, without counting anybody's leaves. */
const DUE = `with recursive w (id) as (
    (select workspace_id from audit.leaf order by workspace_id limit 1)
    union all
    select (select workspace_id from audit.leaf where workspace_id > w.id order by workspace_id limit 1)
    from w where w.id is not null
  )
  select w.id as workspace from w
  cross join lateral (select id from audit.leaf where workspace_id = w.id order by epoch, seq limit 1) f
  join audit.entry e on e.workspace_id = w.id and e.id = f.id
  where e.at < ${goesBefore('w.id', '$1', '$2')} and not ${heldIn('w.id')} and not ${underWayIn('w.id')}`

/** A hold that is placed meanwhile waits for so many. */
const PIECE_entries = 2_000

type Old = {
  id: string
  epoch: number
  seq: number
  hash: string
  at: string
  isOld: boolean
  isLast: boolean
  hasWho: boolean
  hasWhat: boolean
}

/** A leaf without its entry is somebody's doing, and stays to be found. */
const FRONT = `select l.id, l.epoch, l.seq, encode(l.hash, 'base64') as hash,
    l.who_salt is not null and e.action not like 'audit.log.%' as "hasWho",
    l.what_salt is not null and e.action not like 'audit.log.%' as "hasWhat",
    coalesce(e.at < ${goesBefore('$1', '$2', '$3')}, false) as "isOld",
    to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at,
    l.id = (select id from audit.leaf where workspace_id = $1 order by epoch desc, seq desc limit 1) as "isLast"
  from audit.leaf l left join audit.entry e on e.workspace_id = l.workspace_id and e.id = l.id
  where l.workspace_id = $1 and not ${heldIn('$1')} and not ${underWayIn('$1')}
  order by l.epoch, l.seq limit ${PIECE_entries}`

/** Old entries of one epoch, from the front up to the first that is not old. */
function prefixOf(front: readonly Old[]): readonly Old[] {
  const end = front.findIndex(({ isOld, epoch }) => !isOld || epoch !== front[0]!.epoch)
  return end === -1 ? front : front.slice(0, end)
}

/** Whether there is an entry behind it that is yet to be sealed. */
async function isFollowed(work: Writing, workspace: string, { id }: Old): Promise<boolean> {
  const others = 'select from audit.entry where workspace_id = $1 and id <> $2 limit 1'
  return (await work.run({ text: others, name: 'others', values: [workspace, id] })).rows.length > 0
}

function remove(workspace: string, goes: readonly Old[]): Statement[] {
  const [first, last] = [goes[0]!, goes.at(-1)!]
  const values = [workspace, goes.map(({ id }) => id)]
  const input = {
    epoch: first.epoch,
    through: last.seq,
    last: last.hash,
    entries: goes.length,
    from: first.at,
    to: last.at,
  }
  return [
    { text: COUNT, name: 'count what goes', values },
    { text: `delete from audit.entry where ${THESE}`, name: 'remove entries', values },
    { text: `delete from audit.leaf where ${THESE}`, name: 'remove leaves', values },
    entry('audit.log.thin', KEEPER, { requestId: randomUUID() }, input, null),
  ]
}

const THESE = 'workspace_id = $1 and id = any($2::uuid[])'
const COUNT = `insert into audit.total (month, action, outcome, actor_kind, entries)
  select date_trunc('month', at at time zone 'UTC')::date, action, outcome, actor_kind, count(*)
  from audit.entry where ${THESE} group by 1, 2, 3, 4
  on conflict (workspace_id, month, action, outcome, actor_kind)
    do update set entries = audit.total.entries + excluded.entries`

/** Counts end so many months after what they count; requests and holds that are over, with the entries about them. */
const TIDY = `with totals as (
    delete from audit.total t where not ${heldIn('t.workspace_id')}
      and t.month < ${limitIn('t.workspace_id', '$1')} - make_interval(months => $2::int + 1)
  ), erasures as (
    delete from audit.erasure r where not ${heldIn('r.workspace_id')}
      and r.done_at < ${limitIn('r.workspace_id', '$1')}
  )
  delete from audit.hold a where not ${heldIn('a.workspace_id')}
    and a.released_at < ${limitIn('a.workspace_id', '$1')}`
