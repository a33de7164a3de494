import type { Concerned } from '../../audit/refusals.ts'
import { Refusal } from '../../contract/refusal.ts'
import type { House } from '../house.ts'
import { emailKey, identityScope, inLobby, lobbyOf, placeIn } from '../lobby.ts'
import type { Lobby } from '../lobby.ts'
import { findPerson, readPerson } from '../person.ts'
import type { Person } from '../person.ts'
import { reading } from '../../postgres/work.ts'
import { hintIn, ticketHash } from '../ticket.ts'
import { openTo } from './arrive.ts'
import type { Asked, Claim, Way } from './way.ts'

/**
 * Who was not let in, told to those whom it concerns: the workspaces of the person that somebody claimed to be, or of
 * the link that they held. Of an account that there is not there is nobody to tell. Nothing of it is looked up before
 * the answer has left, so an answer says no more of an account than it did.
 */
export function noteRefused(house: House, way: Way, asked: Asked<never>, error: unknown): void {
  const { tries: action, as } = way
  if (action === undefined || !(error instanceof Refusal) || !TOLD.has(error.status)) return
  const { caller, from } = asked
  const { requestId, address, userAgent } = from
  const told = { action, outcome: error.code, origin: { requestId, address, userAgent }, input: { way: way.name } }
  // What they tried was to prove that they are themselves.
  if (caller) house.refusals.note({ ...told, place: caller.place, actor: caller.actor, target: caller.actor.id })
  const claim = as?.(asked.input)
  if (claim) house.refusals.find({ ...told, of: claim, actor: NOBODY }, () => concerned(house, claim))
}

/** It was not they, or they were too many; what else is answered is no failure of whoever asks. */
const TOLD: ReadonlySet<number> = new Set([401, 403, 429])

/** Whoever it was: an account that is claimed is what the entry is about, and not who acted. */
const NOBODY = { id: 'nobody', kind: 'nobody', name: 'Nobody' } as const

async function concerned(house: House, { email, workspace, ticket, passkey }: Claim): Promise<readonly Concerned[]> {
  const lobby = await lobbyOf(house.realms, house.shared, ticket ? hintIn(ticket) : workspace)
  const held = ticket ? await holderOf(lobby, ticket) : undefined
  if (held && 'place' in held) return [held]
  const person = email
    ? await findPerson(lobby, emailKey(email))
    : (held ?? (passkey && (await ownerOf(lobby, passkey))))
  if (!person) return []
  const open = await openTo(lobby, person)
  return open.map(({ id }) => ({ place: placeIn(lobby, id), target: person.id }))
}

/** Whose it is or was, used or over though it may be; or the workspace that it leads to, where that is all it says. */
async function holderOf(lobby: Lobby, token: string): Promise<Person | Concerned | undefined> {
  const hash = ticketHash(token)
  const { rows } = await inLobby(lobby).run({ text: TICKET, name: 'whose ticket', values: [hash] })
  const { person, workspace } = (rows[0] ?? {}) as { person?: string | null; workspace?: string | null }
  if (person) return await readPerson(lobby, person)
  if (workspace) return { place: placeIn(lobby, workspace), target: workspace }
  const named = hintIn(token)
  if (!named) return undefined
  const asked = { text: INVITATION, name: 'whose invitation', values: [hash] }
  const found = (await reading(lobby.pool, identityScope(lobby.names, named)).run(asked)).rows[0]
  return found && { place: placeIn(lobby, named), target: found['id'] as string }
}

async function ownerOf(lobby: Lobby, passkey: string): Promise<Person | undefined> {
  const { rows } = await inLobby(lobby).run({ text: PASSKEY, name: 'whose passkey', values: [passkey] })
  return rows[0] && (await readPerson(lobby, rows[0]['person'] as string))
}

const TICKET = `select person_id as person, case when purpose = 'owner' then subject->>'workspace' end as workspace
  from identity.ticket where hash = $1`
const INVITATION = 'select id from identity.invitation where hash = $1'
const PASSKEY = 'select person_id as person from identity.passkey where credential_id = $1'
