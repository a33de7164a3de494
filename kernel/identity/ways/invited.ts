import type { Actor } from '../../contract/operation.ts'
import type { Statement } from '../../postgres/batch.ts'
import { reading, Writing } from '../../postgres/work.ts'
import type { From, House } from '../house.ts'
import { identityScope, lobbyOf, placeIn, recorderScope } from '../lobby.ts'
import type { Lobby } from '../lobby.ts'
import { actorOf, hasFactor } from '../person.ts'
import type { Person } from '../person.ts'
import { hintIn, ticketHash, ticketOver } from '../ticket.ts'
import { joinWorkspace } from '../members/joining.ts'

/** What the holder of an invitation's link may know of it before they accept. */
export type Invited = {
  workspace: string
  workspaceName: string
  inviter: string
  email: string
  key: string
  expiresAt: string
}

/** The invitation that a link opens, in the one workspace that the link names; undefined for whatever opens none. */
export async function invitedBy(house: House, token: string): Promise<(Invited & { lobby: Lobby }) | undefined> {
  const workspace = hintIn(token)
  if (!workspace) return undefined
  const lobby = await lobbyOf(house.realms, house.shared, workspace)
  const { rows } = await reading(lobby.pool, identityScope(lobby.names, workspace)).run(about(FIND, ticketHash(token)))
  const found = rows[0] as Omit<Invited, 'workspace'> | undefined
  return found && { ...found, workspace, lobby }
}

/** For somebody who has an account and has proven all that they have to: they are a member from then on. */
export async function joinInvited(house: House, lobby: Lobby, joining: JoiningPerson, from: From): Promise<void> {
  const { person, workspace, invitation } = joining
  const { id, name } = person
  await using work = new Writing(lobby.pool, identityScope(lobby.names, workspace))
  const member = { workspace, person: id, name, hasFactor: hasFactor(person) }
  const accepted = await acceptInvitation(work, lobby, invitation, member)
  if (!accepted) throw ticketOver()
  await work.commit(recorderScope(lobby.names, workspace), [joined(house, actorOf(person), accepted, from)])
  house.whois.changed(placeIn(lobby, workspace))
}

type JoiningPerson = { person: Person; workspace: string; invitation: string }

/**
 * Uses it up, in a transaction that stands in its workspace: one caller becomes a member, as what is written in it. It
 * is named by the hash of its link.
 */
export async function acceptInvitation(
  work: Writing,
  lobby: Lobby,
  invitation: string,
  { workspace, person, name, hasFactor }: { workspace: string; person: string; name: string; hasFactor: boolean },
): Promise<Accepted | undefined> {
  const { rows } = await work.run(about(CLAIM, invitation))
  const claimed = rows[0] as Accepted | undefined
  if (!claimed) return undefined
  const { email, roles, inviter: invitedBy } = claimed
  await joinWorkspace(work, lobby, { workspace, person, name, email, roles, hasFactor, invitedBy })
  return claimed
}

export type Accepted = { id: string; email: string; roles: string[]; inviter: string }

export const joined = (house: House, who: Actor, { id, email, roles }: Accepted, from: From) =>
  house.record('identity.member.join', who, from, { email, roles, invitation: id }, who.id)

const about = (text: string, invitation: string): Statement => ({
  text,
  name: text === FIND ? 'find invitation' : 'claim invitation',
  values: [invitation],
})

const OPEN = 'hash = $1 and accepted_at is null and revoked_at is null and expires_at > clock_timestamp()'
const FIND = `select i.email, i.email_key as key, i.inviter_name as inviter, i.expires_at as "expiresAt",
    w.name as "workspaceName"
  from identity.invitation i join identity.workspace w on w.workspace_id = i.workspace_id where i.${OPEN}`
const CLAIM = `update identity.invitation set accepted_at = clock_timestamp() where ${OPEN}
  returning id, email, roles, inviter_id as inviter`
