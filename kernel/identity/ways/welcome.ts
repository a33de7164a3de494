import { z } from 'zod'
import { Line, oneOf } from '../../contract/values.ts'
import type { Statement } from '../../postgres/batch.ts'
import type { Writing } from '../../postgres/work.ts'
import type { From, House } from '../house.ts'
import { changingLobby, Email, hintOf, identityScope, lobbyOf, recorderScope } from '../lobby.ts'
import type { Lobby } from '../lobby.ts'
import { joinWorkspace, newPerson } from '../members/joining.ts'
import type { Newcomer } from '../members/joining.ts'
import { insistOnPassword } from '../passwords/rules.ts'
import { actorOf } from '../person.ts'
import type { Proof } from '../session.ts'
import { claimTicket, hintIn, newTicket, peekTicket, ticketOver } from '../ticket.ts'
import { begin, done, issue, Keep, Next } from './arrive.ts'
import { way } from './way.ts'
import type { Issued } from './way.ts'

/** The first owner of a workspace: whoever started the deployment hands them a link, which works once. */
export const welcome = way({
  name: 'welcome',
  summary: 'Become the first owner of a workspace with the link that its operator was given',
  who: 'anyone',
  input: z.strictObject({
    ticket: z.string().max(200),
    name: Line,
    email: Email,
    password: z.string().max(1_000),
    locale: oneOf('en', 'ar').default('en'),
    keep: Keep,
  }),
  output: Next,
  example: { ticket: 'vst_…', name: 'Asha', email: 'asha@example.com', password: 'a long and unusual sentence' },
  refuses: ['address-taken'],
  tries: 'identity.member.join',
  as: ({ ticket }) => ({ ticket }),
  async run(house, { input, from }) {
    await house.attempt('invitation', from.network)
    const { name, email, locale, keep } = input
    insistOnPassword(input.password, { hasSecondFactor: false, context: [house.title.en, name, email] })
    const lobby = await lobbyOf(house.realms, house.shared, hintIn(input.ticket))
    if (!(await peekTicket(lobby, 'owner', input.ticket))) throw ticketOver()
    const password = await house.hashing.hash(input.password)
    await using work = changingLobby(lobby)
    const ticket = await claimTicket<{ workspace: string }>(work, 'owner', input.ticket)
    if (!ticket) throw ticketOver()
    const { workspace } = ticket.subject
    const owner = { workspace, name, email, locale, password, proof: 'owner-link' as const }
    return done(await becomeOwner(house, work, lobby, owner, from), keep)
  },
})
/** The owner of a workspace that had none, and their first session, as the last step of a transaction. */
export async function becomeOwner(
  house: House,
  work: Writing,
  lobby: Lobby,
  { workspace, proof, ...newcomer }: Newcomer & { workspace: string; proof: Proof },
  from: From,
): Promise<Issued> {
  const { name, email } = newcomer
  const person = await newPerson(work, lobby, newcomer)
  const [owner] = house.roles.keys()
  const member = { workspace, person, name, email, roles: [owner!], hasFactor: false, invitedBy: null }
  await joinWorkspace(work, lobby, member)
  work.move(identityScope(lobby.names, workspace))
  const begun = await begin(house, work, person, [proof], from)
  const actor = actorOf({ id: person, name })
  await work.commit(recorderScope(lobby.names, workspace), [
    house.record('identity.member.join', actor, from, { email, roles: [owner] }, person),
    house.record('identity.session.begin', actor, from, { proofs: [proof] }, begun.session),
  ])
  return await issue(house, { ...begun, person, workspace, generation: 0 })
}

/** A link for whoever is to be the owner; its token is the secret. That it was made stands in the workspace's log. */
export async function ownerTicket(
  lobby: Lobby,
  workspace: string,
  entries: readonly Statement[] = [],
): Promise<string> {
  const { token, statement } = newTicket('owner', hintOf(lobby, workspace), { subject: { workspace } })
  await using work = changingLobby(lobby)
  await work.run(statement)
  await work.commit(recorderScope(lobby.names, workspace), entries)
  return token
}
