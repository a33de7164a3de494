import { z } from 'zod'
import { Refusal } from '../../contract/refusal.ts'
import { Id } from '../../contract/values.ts'
import { letter } from '../../mail/letter.ts'
import { Writing } from '../../postgres/work.ts'
import type { From, House } from '../house.ts'
import { identityScope, LOBBY, lobbyOf, placeIn, recorderScope } from '../lobby.ts'
import type { Lobby } from '../lobby.ts'
import { actorOf, personWithin, readPerson, standBy } from '../person.ts'
import { readRefresh } from '../refresh-token.ts'
import { beginSession, endSession, rotateSession } from '../session.ts'
import { issue, Keep, Session, tell } from './arrive.ts'
import { way } from './way.ts'

/** Another tab, or the same request sent once more, is let through for this long. */
const GRACE_S = 30

export const refresh = way({
  name: 'refresh',
  summary: 'Exchange a refresh token for the next, and for a new access token',
  who: 'anyone',
  input: z.strictObject({ refreshToken: z.string().max(200).optional() }),
  output: Session,
  example: { refreshToken: 'vsr_…' },
  async run(house, { input, refresh: kept, from }) {
    const token = input.refreshToken ?? kept
    const said = token ? readRefresh(house.vault, token) : undefined
    if (!said) throw over()
    const lobby = await lobbyOf(house.realms, house.shared, said.workspace)
    await using work = new Writing(lobby.pool, identityScope(lobby.names, said.workspace))
    const limits = { idle_s: house.policy.session.idle_hours * 3_600, grace_s: GRACE_S }
    const rotated = await rotateSession(work, said.session, said.generation, limits)
    if (rotated.as === 'over') throw over()
    const recorder = recorderScope(lobby.names, said.workspace)
    if (rotated.as === 'replayed') {
      await work.commit(recorder, await alarm(house, lobby, work, { ...said, person: rotated.person }, from))
      house.wake(lobby.realm)
      house.whois.changed(placeIn(lobby, said.workspace))
      throw over()
    }
    await work.commit(recorder, [])
    const issued = await issue(house, { ...said, ...rotated })
    const keep = input.refreshToken ? 'body' : 'cookie'
    return { body: tell(issued, keep), ...(keep === 'cookie' ? { session: issued } : {}) }
  },
})

export const signOut = way({
  name: 'sign-out',
  summary: 'End the session that this request came with',
  who: 'person',
  input: z.strictObject({}),
  output: z.strictObject({ ended: Id }),
  example: {},
  async run(house, { caller, from }) {
    const { place, pool, session, actor } = caller
    await using work = new Writing(pool, identityScope(house.realms.names, place.workspace))
    await work.run(endSession(session!.id, 'signed-out'))
    await work.commit(recorderScope(house.realms.names, place.workspace), [
      house.record('identity.session.end', actor, from, {}, session!.id),
    ])
    house.whois.changed(place)
    return { body: { ended: session!.id }, session: { ended: place.workspace } }
  },
})

export const switchTo = way({
  name: 'switch',
  summary: 'Leave this workspace for another that one belongs to',
  who: 'person',
  input: z.strictObject({ workspace: Id, keep: Keep }),
  output: Session,
  example: { workspace: '0190a5b2-7c3e-7d21-9f10-2b8a4c6d8e0f' },
  async run(house, { input, caller, from }) {
    const { names } = house.realms
    const { place, pool, session, actor } = caller
    const person = session!.person
    const lobby = { realm: place.realm, pool, names }
    const known = await readPerson(lobby, person)
    if (!known?.memberOf.includes(input.workspace)) throw new Refusal(404, 'not-found')
    await using work = new Writing(pool, identityScope(names, place.workspace))
    await work.as(identityScope(names, LOBBY), [standBy(person)])
    const left = await work.run({ text: LEAVE, name: 'leave', values: [session!.id] })
    const past = left.rows[0] as Past | undefined
    if (!past) throw over()
    await work.as(recorderScope(names, place.workspace), [
      house.record('identity.session.end', actor, from, { why: 'switched' }, session!.id),
    ])
    work.move(identityScope(names, input.workspace))
    const { address, userAgent } = from
    const begun = await beginSession(work, { person, ...past, address, userAgent }, 0)
    if (!begun) throw new Refusal(404, 'not-found')
    await work.commit(recorderScope(names, input.workspace), [
      house.record('identity.session.begin', actor, from, { from: 'another workspace' }, begun.session),
    ])
    house.whois.changed(place)
    const issued = await issue(house, { ...begun, person, workspace: input.workspace, generation: 0 })
    const { keep } = input
    return { body: tell(issued, keep), ...(keep === 'cookie' ? { session: issued } : {}) }
  },
})

const over = () => new Refusal(401, 'session-over')

type Past = { proofs: never[]; provedAt: string; strongAt: string | null; expiresAt: string }

/** What was proven goes along, and so does the end that was set at the beginning. */
const LEAVE = `update identity.session set ended_at = clock_timestamp(), ended_why = 'switched'
  where id = $1 and ended_at is null
  returning proofs, proved_at as "provedAt", strong_at as "strongAt", expires_at as "expiresAt"`

/** Somebody has a token that was exchanged before: the session is over, and its owner hears of it. */
async function alarm(
  house: House,
  lobby: Lobby,
  work: Writing,
  { workspace, session, person }: { workspace: string; session: string; person: string },
  from: From,
) {
  const known = await personWithin(work, lobby, person)
  const actor = actorOf({ id: person, name: known?.name ?? '' })
  const entry = house.record('identity.session.replay', actor, from, {}, session)
  if (!known) return [entry]
  const values = { device: from.userAgent ?? '', network: from.network, at: new Date().toISOString() }
  const { email: to, locale } = known
  return [entry, letter(house.vault, { workspace, to, template: 'session-replayed', locale, values })]
}
