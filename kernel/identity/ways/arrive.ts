import { z } from 'zod'
import { Refusal } from '../../contract/refusal.ts'
import { Id, oneOf } from '../../contract/values.ts'
import { reading, Writing } from '../../postgres/work.ts'
import { letter } from '../../mail/letter.ts'
import type { From, House } from '../house.ts'
import { hintOf, identityScope, LOBBY, onceInLobby, recorderScope } from '../lobby.ts'
import type { Lobby } from '../lobby.ts'
import { actorOf, hasFactor, readPerson, standBy } from '../person.ts'
import type { Person } from '../person.ts'
import { newRefresh } from '../refresh-token.ts'
import { beginSession, isStrong } from '../session.ts'
import type { Begun, Proof } from '../session.ts'
import { newTicket } from '../ticket.ts'
import { joinInvited } from './invited.ts'
import type { Issued, Outcome } from './way.ts'

/**
 * What comes after a proof, whichever it was: a second factor where there is one, the choice of a workspace where there
 * are several, and then a session. Until then nobody has anything but a ticket for the next step, which opens no other
 * door. Every session begins here; `switch` carries one over to another workspace.
 */
export type Arriving = {
  person: string
  proofs: readonly Proof[]
  workspace?: string | undefined
  keep: Keep
  /** Of which password they are: when there is another by the time they come in, they prove nothing any more. */
  passwordAt?: string | null | undefined
  /** What they accept once they are let in, by the hash of its link; `workspace` is where it belongs. */
  invitation?: string | undefined
}

export const Keep = oneOf('body', 'cookie').default('body')
type Keep = z.output<typeof Keep>

export const Session = z.strictObject({
  workspace: Id,
  /** Only for those who do not let a browser keep them. */
  accessToken: z.string().optional(),
  refreshToken: z.string().optional(),
  accessExpiresIn: z.int(),
  refreshExpiresIn: z.int(),
})

export const Next = z.discriminatedUnion('next', [
  z.strictObject({ next: z.literal('done'), session: Session }),
  z.strictObject({
    next: z.literal('factor'),
    ticket: z.string(),
    methods: z.array(oneOf('totp', 'recovery', 'passkey')),
  }),
  z.strictObject({
    next: z.literal('choose'),
    ticket: z.string(),
    workspaces: z.array(z.strictObject({ id: Id, name: z.string() })),
  }),
])

type Arrived = Outcome & { body: z.input<typeof Next> }

export async function arrive(house: House, lobby: Lobby, arriving: Arriving, from: From): Promise<Arrived> {
  const person = await readPerson(lobby, arriving.person)
  if (!person || person.isDisabled) throw signInFailed()
  if (hasFactor(person) && !isStrong(arriving.proofs)) {
    const ticket = await progress(lobby, arriving, person, 'factor')
    return { body: { next: 'factor', ticket, methods: methodsOf(person) } }
  }
  const { invitation, workspace } = arriving
  if (invitation && workspace) {
    await joinInvited(house, lobby, { person, workspace, invitation }, from)
    return await arrive(house, lobby, { ...arriving, invitation: undefined }, from)
  }
  const open = await openTo(lobby, person, workspace)
  const wanted = open.find(({ id }) => id === workspace) ?? (open.length === 1 ? open[0] : undefined)
  if (wanted) return done(await enter(house, lobby, { ...arriving, person, workspace: wanted.id }, from), arriving.keep)
  if (open.length === 0) throw new Refusal(403, 'no-workspace')
  return { body: { next: 'choose', ticket: await progress(lobby, arriving, person, 'choose'), workspaces: open } }
}

/** A session in a workspace, with its entry; its owner hears of one that is unlike those before (ASVS 6.3.5). */
export async function enter(house: House, lobby: Lobby, arriving: Entering, from: From): Promise<Issued> {
  const { id: person, email: to, locale } = arriving.person
  const { workspace, proofs, passwordAt } = arriving
  await using work = new Writing(lobby.pool, identityScope(lobby.names, workspace))
  const [still] = await work.as(identityScope(lobby.names, LOBBY), [standBy(person)])
  const [now] = still!.rows
  if (!now || (passwordAt !== undefined && now['passwordAt'] !== passwordAt)) throw signInFailed()
  const begun = await begin(house, work, person, proofs, from)
  const actor = actorOf(arriving.person)
  const values = { device: from.userAgent ?? '', network: from.network, at: new Date().toISOString() }
  await work.commit(recorderScope(lobby.names, workspace), [
    house.record('identity.session.begin', actor, from, { proofs, isNewDevice: begun.isOdd }, begun.session),
    ...(begun.isOdd ? [letter(house.vault, { workspace, to, template: 'new-sign-in', locale, values })] : []),
  ])
  if (begun.isOdd) house.wake(lobby.realm)
  return await issue(house, { person, workspace, generation: 0, ...begun })
}

type Entering = Pick<Arriving, 'proofs' | 'passwordAt'> & {
  person: Pick<Person, 'id' | 'name' | 'email' | 'locale'>
  workspace: string
}

/** As the last step of a transaction that stands in the workspace. */
export async function begin(house: House, work: Writing, person: string, proofs: readonly Proof[], from: From) {
  const { address, userAgent } = from
  const absolute_s = house.policy.session.absolute_hours * 3_600
  const begun = await beginSession(work, { person, proofs, address, userAgent }, absolute_s)
  if (!begun) throw new Refusal(403, 'no-workspace')
  return begun
}

/** Both halves of a session, as they leave. */
export async function issue(
  house: House,
  of: Pick<Begun, 'session' | 'expiresAt'> & { person: string; workspace: string; generation: number },
): Promise<Issued> {
  const { session, workspace, person, generation, expiresAt } = of
  return {
    workspace,
    access: await house.tokens.make({ person, session, workspace }),
    access_s: house.tokens.lives_s,
    refresh: newRefresh(house.vault, { workspace, session, generation }),
    refresh_s: Math.max(0, Math.floor((Date.parse(expiresAt) - Date.now()) / 1_000)),
  }
}

/** Who lets the browser keep a session never sees it. */
export function done(session: Issued, keep: Keep): Arrived {
  return { body: { next: 'done', session: tell(session, keep) }, ...(keep === 'cookie' ? { session } : {}) }
}

export const tell = ({ workspace, access, access_s, refresh, refresh_s }: Issued, keep: Keep) => ({
  workspace,
  ...(keep === 'body' ? { accessToken: access, refreshToken: refresh } : {}),
  accessExpiresIn: access_s,
  refreshExpiresIn: refresh_s,
})

/** The same for an account that is not there, a wrong password and a person who was shut out. */
export const signInFailed = () => new Refusal(401, 'sign-in-failed')

/** What has been proven so far, to be carried to the next step by the one who proved it. */
async function progress(
  lobby: Lobby,
  { proofs, workspace, keep, passwordAt, invitation }: Arriving,
  person: Person,
  next: 'factor' | 'choose',
): Promise<string> {
  const { token, statement } = newTicket('progress', hintFor(lobby, person), {
    person: person.id,
    subject: { proofs, workspace, keep, passwordAt, invitation, next },
  })
  await onceInLobby(lobby).run(statement)
  return token
}

/** A workspace of the person's realm, for tokens that must find their way back to it. */
export const hintFor = (lobby: Lobby, { memberOf }: Person) => hintOf(lobby, memberOf[0] ?? LOBBY)

const methodsOf = ({ hasApp, passkeys, codes }: Person) => [
  ...(hasApp ? (['totp'] as const) : []),
  ...(codes > 0 ? (['recovery'] as const) : []),
  ...(passkeys > 0 ? (['passkey'] as const) : []),
]

/** The workspaces where they are active members, asked one by one: from the lobby nobody sees into a workspace. */
export async function openTo(
  lobby: Lobby,
  { id, memberOf }: Person,
  wanted?: string,
): Promise<{ id: string; name: string }[]> {
  const asked = memberOf.filter((workspace, at) => at < MOST_WORKSPACES || workspace === wanted)
  const found = await Promise.all(
    asked.map(async (workspace) => {
      const { rows } = await reading(lobby.pool, identityScope(lobby.names, workspace)).run({
        text: ACTIVE_IN,
        name: 'active in',
        values: [id],
      })
      return rows as { id: string; name: string }[]
    }),
  )
  return found.flat()
}

/** Nobody works in more; whoever does names the one they want. */
const MOST_WORKSPACES = 50

const ACTIVE_IN = `select w.id, w.name from identity.workspace w
  join identity.member m on m.workspace_id = w.workspace_id
  where m.person_id = $1 and m.state = 'active'`
