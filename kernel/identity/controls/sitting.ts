import type { Canary, Heal, Live, Told } from '../../contract/control.ts'
import { undoing } from './careless.ts'
import { GUEST, guestIn, inside, LOBBY } from './guest.ts'
import type { Guest } from './guest.ts'

/** A session as its holder has it. */
export type Sitting = {
  session: string
  person: string
  workspace: string
  access: string
  refresh: string
  told: Told
}

/** Lets a guest in, as if with a second factor: what is asked here is what comes after it. */
export async function sitDown(guest: Guest, canary: Canary): Promise<Sitting> {
  const sitting = sittingIn(await signIn(guest, canary))
  const { workspace, session } = sitting
  await canary.catalogue(
    `${inside(workspace)}
     update identity.member set has_factor = true where workspace_id = '${workspace}' and person_id = '${guest.id}';
     update identity.session set strong_at = clock_timestamp() where id = '${session}'`,
  )
  return sitting
}

export const signIn = ({ email, password, post }: Guest, { workspace }: Canary, keep = 'body'): Promise<Told> =>
  post('sign-in', { email, password, workspace, keep })

/** What an answer says of the session that it begins or goes on with. */
export function sittingIn(told: Told): Sitting {
  const body = told.status === 200 ? told.json() : {}
  const { accessToken: access, refreshToken: refresh } = (body['session'] ?? body) as Record<string, string | undefined>
  if (!access || !refresh) throw new Error(`no session to look at: ${told.status}`)
  const { sid: session, sub: person, wid: workspace } = claimsOf(access)
  return { session, person, workspace, access, refresh, told }
}

/** Written down a second time on purpose. */
export type Claims = { sub: string; sid: string; wid: string; iat: number; exp: number }

export const claimsOf = (token: string): Claims => readPart(token.split('.')[1] ?? '') as Claims

export const readPart = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())

/**
 * Somebody who may do everything in the one workspace, and the least in the other; their address there does not name
 * the one, or the other would seem to be told of it.
 */
export async function guestInBoth(live: Live, north: Canary, south: Canary): Promise<Guest> {
  await using opened = new AsyncDisposableStack()
  const guest = opened.use(await guestIn(live, north, 'owner'))
  const { id } = guest
  const { workspace, catalogue } = south
  const member = `workspace_id = '${workspace}' and person_id = '${id}'`
  opened.defer(() =>
    catalogue(`${inside(workspace)} delete from identity.member where ${member}`).then(() => undefined),
  )
  await catalogue(
    `${inside(LOBBY)}
     insert into identity.belonging (person_id, member_of) values ('${id}', '${workspace}');
     ${inside(workspace)}
     insert into identity.member (person_id, name, email, roles, has_factor)
       values ('${id}', 'Guest', '${GUEST}@canaries.invalid', array['${Object.keys(live.roles).at(-1)}'], true)`,
  )
  const all = opened.move()
  return { ...guest, [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** Moves the times of a session, instead of waiting. */
export const rewrite = ({ catalogue }: Canary, { workspace, session }: Sitting, change: string) =>
  catalogue(`${inside(workspace)} update identity.session set ${change} where id = '${session}'`)

/** A careless build: sessions that end for this reason do not. */
export const surviving = (live: Live, why: string): Promise<Heal> =>
  undoing(
    live,
    'session',
    'update',
    `if new.ended_why = '${why}' then new.ended_at := null; new.ended_why := null; end if`,
  )
