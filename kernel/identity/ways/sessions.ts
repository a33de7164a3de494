import { z } from 'zod'
import { notFound } from '../../contract/refusal.ts'
import { Id, Moment } from '../../contract/values.ts'
import { reading, Writing } from '../../postgres/work.ts'
import type { House } from '../house.ts'
import { changingLobby, commitLobby, identityScope, placeIn, recorderScope } from '../lobby.ts'
import type { Lobby } from '../lobby.ts'
import { holdPerson } from '../person.ts'
import type { Person } from '../person.ts'
import { endSession } from '../session.ts'
import type { Caller } from '../whois.ts'
import { changedEverywhere, endEverywhere } from './everywhere.ts'
import { insistOnFreshness, settledSelf } from './self.ts'
import { way } from './way.ts'

const Sitting = z.strictObject({
  id: Id,
  workspace: Id,
  /** The one that asks. */
  isOwn: z.boolean(),
  /** How they proved who they are. */
  proofs: z.array(z.string()),
  createdAt: Moment,
  /** When it last got a new access token. */
  seenAt: Moment,
  expiresAt: Moment,
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
})

export const sessions = way({
  name: 'sessions',
  summary: 'List one’s own sessions, in every workspace',
  who: 'person',
  input: z.strictObject({}),
  output: z.strictObject({ data: z.array(Sitting) }),
  example: {},
  async run(house, { caller }) {
    const { lobby, person } = await settledSelf(house, caller)
    return {
      body: { data: (await openOf(house, lobby, person)).map((one) => ({ ...one, isOwn: isOwn(caller, one) })) },
    }
  },
})

/** Whoever found a screen unlocked does not lock its owner out (ASVS 7.5.2). */
export const sessionEnd = way({
  name: 'session-end',
  summary: 'End one of one’s own sessions, in whichever workspace',
  who: 'person',
  input: z.strictObject({ id: Id }),
  output: z.strictObject({ ended: Id }),
  example: { id: '0190a5b2-7c3e-7d21-9f10-2b8a4c6d8e0f' },
  async run(house, { input: { id }, caller, from }) {
    insistOnFreshness(caller)
    const { lobby, person } = await settledSelf(house, caller)
    const sitting = (await openOf(house, lobby, person)).find((one) => one.id === id)
    if (!sitting) throw notFound()
    const place = placeIn(lobby, sitting.workspace)
    await using work = new Writing(lobby.pool, identityScope(lobby.names, place.workspace))
    await work.run(endSession(id, 'ended'))
    const entry = house.record('identity.session.end', caller.actor, from, {}, id)
    await work.commit(recorderScope(lobby.names, place.workspace), [entry])
    house.whois.changed(place)
    return { body: { ended: id } }
  },
})

export const sessionsEndOthers = way({
  name: 'sessions-end-others',
  summary: 'End all of one’s own sessions but this one, in every workspace',
  who: 'person',
  input: z.strictObject({}),
  output: z.strictObject({ ended: z.int() }),
  example: {},
  async run(house, { caller, from }) {
    insistOnFreshness(caller)
    const { lobby, person } = await settledSelf(house, caller)
    const spared = caller.session!.id
    const entry = house.record('identity.session.endOthers', caller.actor, from, {}, spared)
    await using work = changingLobby(lobby)
    await work.run(holdPerson(person.id))
    const ended = await endEverywhere(work, lobby, person, { why: 'ended', entry, spared })
    await commitLobby(work, lobby)
    changedEverywhere(house, lobby, person)
    return { body: { ended } }
  },
})

const isOwn = ({ session }: Caller, { id }: Sat) => id === session!.id

type Sat = Omit<z.output<typeof Sitting>, 'isOwn'>

/** Theirs that are not over, asked workspace by workspace. */
async function openOf(house: House, { pool, names }: Lobby, { id, memberOf }: Person): Promise<Sat[]> {
  const idle_s = house.policy.session.idle_hours * 3_600
  const found = memberOf.map(async (workspace) => {
    const work = reading(pool, identityScope(names, workspace))
    return (await work.run({ text: LIST, name: 'own sessions', values: [id, idle_s] })).rows as Sat[]
  })
  return (await Promise.all(found)).flat()
}

const LIST = `select s.id, s.workspace_id as workspace, s.proofs, s.created_at as "createdAt",
    s.rotated_at as "seenAt", s.expires_at as "expiresAt", s.address, s.user_agent as "userAgent"
  from identity.session s where s.person_id = $1 and s.ended_at is null and s.expires_at > clock_timestamp()
    and s.rotated_at > clock_timestamp() - make_interval(secs => $2) order by s.id desc limit 100`
