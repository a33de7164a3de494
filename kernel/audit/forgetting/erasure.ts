import { inside, log } from '../../base/log.ts'
import type { Statement } from '../../postgres/batch.ts'
import type { Pool } from '../../postgres/pool.ts'
import { Writing } from '../../postgres/work.ts'
import { forget, keeping, turn } from './halves.ts'
import type { Doomed } from './halves.ts'
import { merged, soughtAs, wordsIn } from './words.ts'

/**
 * Takes somebody out of a log, as far as the entry that asked for it. First the entries are gone through for what they
 * tell of the subject: the ids that belong to one person, and the words of the subject's own rows. Then once more, to
 * forget, from the newest on: what ties a record to somebody is said when it is made, and goes last. Both go a window
 * at a time, each a transaction that says how far it came, so a process that dies is followed by another that goes on.
 * Whatever was known of the subject in between goes at the end.
 */
export async function eraseDue(pool: Pool, keeper: string): Promise<boolean> {
  const [due] = await pool.run([{ text: DUE, name: 'erasures due' }])
  let came = false
  for (const { workspace, id } of due!.rows as { workspace: string; id: string }[])
    try {
      came = (await goOn(pool, keeper, workspace, id)) || came
    } catch (error) {
      // One that cannot be done must not keep the others from what they were promised.
      log('somebody could not be forgotten', { workspace, erasure: id, ...inside(error) })
    }
  return came
}

/** So many in one piece of work. */
const DUE = `select r.workspace_id as workspace, r.id from audit.erasure r where r.done_at is null
  and not exists (select from audit.hold h where h.workspace_id = r.workspace_id and h.released_at is null)
  order by r.id limit 100`

type Place = { epoch: number; seq: number }
type Asked = Place & { subject: string; ids: string[]; words: string[]; known: boolean; toEpoch: number; toSeq: number }

async function goOn(pool: Pool, keeper: string, workspace: string, id: string): Promise<boolean> {
  const scope = keeping(keeper, workspace)
  await using work = new Writing(pool, scope)
  const [, taken] = await work.as(scope, [
    turn(workspace),
    { text: TAKE, name: 'take erasure', values: [workspace, id] },
  ])
  const asked = taken!.rows[0] as Asked | undefined
  if (!asked) return false
  const { rows } = await work.run(asked.known ? judge(workspace, asked) : look(workspace, asked))
  await work.commit(
    scope,
    asked.known ? forgotten(workspace, id, asked, rows as Judged[]) : learnt(id, asked, rows[0] as Seen),
  )
  return true
}

/**
 * It reaches to the entry that asked for it, and begins when that is sealed, as all before it are then. Whoever asks
 * for the same again while it is under way moves the end, and lets it begin anew.
 */
const TAKE = `select r.epoch, r.seq, r.subject, r.ids, r.words, r.known, upto.epoch as "toEpoch", upto.seq as "toSeq"
  from audit.erasure r cross join lateral (
    select bool_and(l.id is not null) as sealed, (array_agg(l.epoch order by l.epoch desc, l.seq desc))[1] as epoch,
      (array_agg(l.seq order by l.epoch desc, l.seq desc))[1] as seq
    from audit.entry e left join audit.leaf l on l.workspace_id = e.workspace_id and l.id = e.id
    where e.workspace_id = r.workspace_id and e.target = r.id::text and e.action = 'audit.subject.erase'
      and e.outcome = 'done'
  ) upto
  where r.workspace_id = $1 and r.id = $2 and r.done_at is null and upto.sealed
    and not exists (select from audit.hold h where h.workspace_id = r.workspace_id and h.released_at is null)
  for update of r`

/** A hold that is placed meanwhile waits for so many. */
const WINDOW_ENTRIES = 1_000

const WINDOW = `from audit.leaf l join audit.entry e on e.workspace_id = l.workspace_id and e.id = l.id
  where l.workspace_id = $1`
const ONWARD = `${WINDOW} and (l.epoch, l.seq) > ($2, $3) and (l.epoch, l.seq) <= ($4, $5)
  order by l.epoch, l.seq limit ${WINDOW_ENTRIES}`
const BACK = `${WINDOW} and (l.epoch, l.seq) < ($2, $3) order by l.epoch desc, l.seq desc limit ${WINDOW_ENTRIES}`

type Seen = Place & { entries: number; kin: string[]; words: string[] }

const look = (workspace: string, { epoch, seq, toEpoch, toSeq, ids }: Asked): Statement => ({
  text: LOOK,
  name: 'look for a subject',
  values: [workspace, epoch, seq, toEpoch, toSeq, ids],
})

/** A person and the member they are have two ids, which stand together in the rows of members and of sessions. */
const LOOK = `with seen as (select l.epoch, l.seq, e.target, e.input, e.changes ${ONWARD}),
  rows as (
    select c ->> 'of' as of, c ->> 'id' as id, state
    from seen cross join lateral jsonb_array_elements(case jsonb_typeof(changes) when 'array' then changes end) c
      cross join lateral (values (c -> 'before'), (c -> 'after')) s (state)
    where jsonb_typeof(state) = 'object'
  ),
  pairs as (
    select case of when 'identity.member' then id when 'identity.session' then state ->> 'member_id' end as member,
      state ->> 'person_id' as person
    from rows
  ),
  told as (
    select true as is_own, state from rows where id = any($6)
    union all
    select false, input from seen where lower(target) = any($6) and jsonb_typeof(input) = 'object'
  ),
  said as materialized (
    select is_own, key, leaf as value from told cross join lateral jsonb_each(state) as f (key, value)
      cross join lateral jsonb_path_query(f.value, 'strict $.** ? (@.type() == "string")') as leaf
  )
  select (select count(*) from seen) as entries,
    array(select unnest(array[member, person]) from pairs
      where member is not null and person is not null and (member = any($6) or person = any($6))) as kin,
    array(${wordsIn('said', 'said')}) as words,
    coalesce((select epoch from seen order by epoch desc, seq desc limit 1), 0) as epoch,
    coalesce((select seq from seen order by epoch desc, seq desc limit 1), 0) as seq`

/** An id that was not known before may have rows in windows that are over: then all begins anew. */
function learnt(id: string, asked: Asked, { entries, kin, ...seen }: Seen): Statement[] {
  const ids = [...new Set([...asked.ids, ...kin])]
  const words = merged(asked.words, seen.words)
  const known = entries < WINDOW_ENTRIES && ids.length === asked.ids.length
  const { epoch, seq } = known || ids.length > asked.ids.length ? START : seen
  return [{ text: LEARNT, name: 'learnt of a subject', values: [id, ids, words, known, epoch, seq] }]
}

const START: Place = { epoch: 0, seq: 0 }
const HERE = 'workspace_id = tenancy.current_workspace() and id = $1'
const LEARNT = `update audit.erasure set ids = $2, words = $3, known = $4, epoch = $5, seq = $6 where ${HERE}`

type Judged = Doomed

function judge(workspace: string, { epoch, seq, toEpoch, toSeq, ids, words }: Asked): Statement {
  const end = epoch === START.epoch ? [toEpoch, toSeq + 1] : [epoch, seq]
  const { contacts, texts } = soughtAs(words)
  const sought = [contacts.plain, contacts.patterns, texts.plain, texts.patterns]
  return { text: JUDGE, name: 'judge entries', values: [workspace, ...end, ids, ...sought] }
}

const names = (said: string) => `exists (select from unnest($4::text[]) as ids (id) where strpos(${said}, id) > 0)`
const has = (plain: string, patterns: string) => `exists (
  select from unnest(${plain}::text[], ${patterns}::text[]) as w (word, pattern)
  where strpos(said, lower(word)) > 0 and said ~* pattern)`

/** What ties a record to somebody is said when it is made, or soon after. */
const FIRST_ENTRIES = 20
const OF_THEIR_RECORD = `exists (
  select from (select o.input, o.changes from audit.entry o where o.workspace_id = $1 and o.target = e.target
    order by o.id limit ${FIRST_ENTRIES}) o
  where ${names(`lower(concat(o.input, ' ', o.changes))`)})`

/**
 * What was said goes where it was done to the subject, changed a row of theirs, or has a word of theirs in it; and of
 * who comes in and of alerts, where it mentions them at all, since that tells where somebody was and what was thought
 * of them. The log's own entries stay, or what was forgotten could not be shown to have been.
 */
const JUDGE = `select l.epoch, l.seq, l.id,
    l.who_salt is not null and lower(e.actor_id) = any($4) as who,
    l.what_salt is not null and e.action not like 'audit.log.%' and (
      coalesce(lower(e.target) = any($4), false)
      or exists (select from unnest($4::text[]) as ids (id)
        where e.changes @> jsonb_build_array(jsonb_build_object('id', id)))
      or exists (
        select from (select lower(
          regexp_replace(concat(e.input, ' ', e.changes), '\\\\(u[0-9a-f]{4}|.)', ' ', 'g'))) s (said)
        where e.action like 'identity.%' and ${names('said')}
          or e.action like 'audit.alert.%' and (${names('said')} or ${OF_THEIR_RECORD})
          or ${has('$5', '$6')}
          or case when ${has('$7', '$8')} then ${names('said')} or ${OF_THEIR_RECORD} end)
    ) as what ${BACK}`

function forgotten(workspace: string, id: string, asked: Asked, judged: readonly Judged[]): Statement[] {
  const doomed = judged.filter(({ who, what }) => who || what)
  const count = (half: 'who' | 'what') => doomed.filter((one) => one[half]).length
  const { epoch, seq } = judged.at(-1) ?? START
  const done = judged.length < WINDOW_ENTRIES
  return [
    ...forget(workspace, doomed, { why: 'erasure', request: id, subject: asked.subject }, id),
    { text: CAME, name: 'forgot', values: [id, epoch, seq, count('who'), count('what')] },
    ...(done ? [unnamed(asked), { text: DONE, name: 'forgot all', values: [id] }] : []),
  ]
}

/**
 * That there was an alert stays, with the entries that it rests on, or somebody who has been seen could have it removed
 * by being forgotten. Whom it was about and what was thought of it goes.
 */
function unnamed({ ids, words }: Asked): Statement {
  const { contacts } = soughtAs(words)
  return { text: UNNAMED, name: 'take a name off alerts', values: [ids, contacts.patterns] }
}

const UNNAMED = `update audit.alert
  set note = null, subject = case when lower(subject) = any($1) then '' else subject end
  where workspace_id = tenancy.current_workspace() and (lower(subject) = any($1)
    or exists (select from unnest($1) as ids (id) where strpos(lower(note), id) > 0)
    or exists (select from unnest($2::text[]) as w (pattern) where note ~* pattern))`

const CAME = `update audit.erasure set epoch = $2, seq = $3, who = who + $4, what = what + $5 where ${HERE}`
/** Why stands in the entry that asked for it; here nothing of the subject stays but the id. */
const DONE = `update audit.erasure set done_at = clock_timestamp(), ids = '{}', words = '{}', reason = null
  where ${HERE}`
