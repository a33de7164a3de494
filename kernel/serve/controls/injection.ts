import { control } from '../../contract/control.ts'
import type { Breakable, Canary, Careless, Told } from '../../contract/control.ts'
import { describedIn } from './description.ts'
import type { Described, Schema } from './description.ts'

export const injection = control({
  claim: 'Text from a request is never run: statements in every field of every operation stay the text that they are.',
  enforcedBy: ['kernel/postgres/queries.ts', 'kernel/postgres/batch.ts', 'kernel/serve/boundary.ts'],
  every: '5 minutes',
  async probe(live) {
    const { north, south } = live.canaries[0]!
    const attack: Attack = { from: north, against: south, arrived: 0 }
    for (const described of await describedIn(live)) {
      const good = live.operations.find(({ name }) => name === described.name)!.example(north)
      const fault = await (described.kind === 'query' ? attackQuery : attackAction)(attack, described, good)
      // The first is enough: what goes on would be an attack.
      if (fault) return { holds: false, saw: 'a statement in a request had an effect', detail: fault }
    }
    return attack.arrived > 0
      ? { holds: true, saw: 'statements sent in every field had no effect', detail: { arrived: attack.arrived } }
      : { holds: false, saw: 'no text of ours came as far as the database, so nothing is shown' }
  },
  sabotage: (broken) => Promise.resolve(broken.replace('audit.entry.list', concatenating(broken))),
})

/** How long the server is asked to sleep; an honest answer never takes as long, twice in a row. */
const SLEEP_s = 3

const PLAIN = 'x'
const BREAK = `'"\\);--`
const SLEEP = `x' or (select pg_sleep(${SLEEP_s})) is null or '1'='2`
/** Two texts that differ in nothing but whether they are true. */
const [TRUE, FALSE] = [`x' or '1'='1`, `x' or '1'='2`]
/** In two halves, as the log repeats what it was asked: who finds the whole number there has found the neighbour. */
const SWITCH = (workspace: string) =>
  `x' or set_config('app.workspace','${workspace.slice(0, 18)}'||'${workspace.slice(18)}',true)<>'`

/** `arrived` counts answers that come from behind the door: what was refused at the door has shown nothing. */
type Attack = { from: Canary; against: Canary; arrived: number }

/** Everything in an address is text, whatever it is meant for, so every parameter is tried by itself. */
async function attackQuery(attack: Attack, { name, input }: Described, good: Input): Promise<string | undefined> {
  for (const key of Object.keys(input.properties ?? {})) {
    const say = (text: string) => send(attack, name, { ...good, [key]: text })
    for (const text of [BREAK, SLEEP, SWITCH(attack.against.workspace)]) {
      const effect = await effectOf(attack, say, text)
      if (effect) return `${name} ${key} ${text}: ${effect}`
    }
    if (await tellsApart(say)) return `${name} ${key}: what is true is answered otherwise than what is not`
  }
  return undefined
}

/** An action is sent records that never were, or what no field of its kind can be, so that nothing can change. */
async function attackAction(attack: Attack, { name, input }: Described, good: Input): Promise<string | undefined> {
  const free = (text: string) => filled(good, input, { free: text, other: undefined })
  const everywhere = (text: string) => filled(good, input, { free: text, other: text })
  const ways = [
    ...(JSON.stringify(free(BREAK)).includes(NOWHERE) ? [free] : []),
    ...(JSON.stringify(free(BREAK)) === JSON.stringify(everywhere(BREAK)) ? [] : [everywhere]),
  ]
  for (const way of ways)
    for (const text of way === free ? [BREAK, SLEEP] : [BREAK]) {
      const effect = await effectOf(attack, (said) => send(attack, name, way(said)), text)
      if (effect) return `${name} ${text}: ${effect}`
    }
  return undefined
}

type Input = Record<string, unknown>

async function send(attack: Attack, name: string, input: unknown): Promise<Told> {
  const told = await attack.from.call(name, input, 'injection')
  if (told.status === 200 || told.status === 404) attack.arrived++
  return told
}

type Say = (text: string) => Promise<Told>

/** An effect counts when it comes again, and does not come of a plain word in the same place. */
async function effectOf(attack: Attack, say: Say, text: string): Promise<string | undefined> {
  if (!(await effectOnce(attack, say, text)) || (await effectOnce(attack, say, PLAIN))) return undefined
  return await effectOnce(attack, say, text)
}

async function effectOnce({ against }: Attack, say: Say, text: string): Promise<string | undefined> {
  const since = performance.now()
  const told = await say(text)
  if (told.status >= 500) return `the answer was ${told.status}`
  if (told.text.includes(against.marker)) return 'the answer tells of another workspace'
  return performance.now() - since < SLEEP_s * 1_000 ? undefined : 'the answer waited for the statement'
}

/** Asked twice over: an answer that changes by itself, as a busy list does, shows nothing. */
async function tellsApart(say: Say): Promise<boolean> {
  const [isTrue, isFalse] = [await say(TRUE), await say(FALSE)]
  if (isSame(isTrue, isFalse)) return false
  return isSame(isTrue, await say(TRUE)) && isSame(isFalse, await say(FALSE))
}

/** A problem names its own request, so of those only the status is compared. */
const isSame = (one: Told, other: Told) =>
  one.status === other.status && (one.status !== 200 || one.text === other.text)

const NOWHERE = '00000000-0000-7000-8000-000000000000'

/**
 * A good input whose free texts, where there is room, and whose other texts, if told so, are replaced; ids lead
 * nowhere.
 */
function filled(value: unknown, schema: Schema, texts: { free: string; other: string | undefined }): unknown {
  const { properties, items, anyOf, type, format, pattern, enum: words, maxLength = Infinity } = schema
  if (Array.isArray(value)) return value.map((one) => filled(one, items ?? {}, texts))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, filled(one, properties?.[key] ?? {}, texts)]),
    )
  if (typeof value !== 'string') return value
  if (anyOf) return filled(value, anyOf.find((one) => one.type === 'string') ?? {}, texts)
  if (type === 'string' && !format && !pattern && !words) return texts.free.length > maxLength ? value : texts.free
  return texts.other ?? (format === 'uuid' ? NOWHERE : value)
}

/** A list as somebody in a hurry writes it: what was asked for becomes part of the statement. */
const concatenating =
  ({ canaries }: Breakable) =>
  async ({ input, workspace }: Careless) => {
    const here = canaries.flatMap(({ north, south }) => [north, south]).find((one) => one.workspace === workspace)
    const asked = Object.entries({ action: input['action'], target: input['target'], request_id: input['requestId'] })
    const filters = asked.flatMap(([column, text]) =>
      text === undefined ? [] : [` and ${column} = '${text as string}'`],
    )
    const rows = await here!.catalogue(
      `select json_build_object('id', id, 'at', at, 'action', action, 'outcome', outcome, 'actorKind', actor_kind,
         'actorId', actor_id, 'actorName', actor_name, 'address', address, 'userAgent', user_agent,
         'requestId', request_id, 'target', target) as entry
       from audit.entry where workspace_id = '${workspace}'${filters.join('')} order by id desc limit 50`,
    )
    return { data: rows.map(({ entry }) => entry), nextCursor: null }
  }
