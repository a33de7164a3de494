import { z } from 'zod'
import { Refusal } from '../../contract/refusal.ts'
import { Id } from '../../contract/values.ts'
import type { House } from '../house.ts'
import { changingLobby, commitLobby, Email, emailKey, lobbyOf } from '../lobby.ts'
import type { Lobby } from '../lobby.ts'
import { inEvenTime, mailLink } from './mailed.ts'
import { findPerson, holdPerson } from '../person.ts'
import type { Person } from '../person.ts'
import { claimTicket, hintIn, peekTicket, ticketOver, voidTickets } from '../ticket.ts'
import { arrive, Keep, Next } from './arrive.ts'
import { way } from './way.ts'

/**
 * Signing in by mail. A link is good in the browser that asked for it and nowhere else: what that browser was told when
 * it asked must come back with it. So a link that was forwarded, overheard, or opened and clicked by a scanner of mail
 * lets nobody in and is not used up; and nobody is signed in as somebody else by a link that a stranger sent them.
 */
export const linkSend = way({
  name: 'link-send',
  summary: 'Ask for a link to sign in with, by e-mail; the answer is the same for everybody',
  who: 'anyone',
  input: z.strictObject({ email: Email, workspace: Id.optional() }),
  /** To be shown together with the link. */
  output: z.strictObject({ claim: z.string() }),
  example: { email: 'asha@example.com' },
  tries: 'identity.session.begin',
  as: ({ email, workspace }) => ({ email, workspace }),
  async run(house, { input: { email, workspace }, from }) {
    insistOnOffered(house, 'link')
    const key = emailKey(email)
    await house.attempt('link', from.network, key)
    return await inEvenTime(async () => {
      const lobby = await lobbyOf(house.realms, house.shared, workspace)
      const person = await reachable(lobby, key)
      const token = await mailLink(house, lobby, { purpose: 'link', person, email, subject: { workspace } }, from)
      return { body: { claim: house.vault.mac(CLAIM, token) } }
    })
  },
})

export const linkUse = way({
  name: 'link-use',
  summary: 'Sign in with the link from a letter, in the browser that asked for it',
  who: 'anyone',
  input: z.strictObject({ ticket: z.string().max(200), claim: z.string().max(100), keep: Keep }),
  output: Next,
  example: { ticket: 'vst_…', claim: '…' },
  tries: 'identity.session.begin',
  as: ({ ticket }) => ({ ticket }),
  async run(house, { input: { ticket: token, claim, keep }, from }) {
    insistOnOffered(house, 'link')
    if (!house.vault.checkMac(CLAIM, token, claim)) throw ticketOver()
    const lobby = await lobbyOf(house.realms, house.shared, hintIn(token))
    const known = await peekTicket(lobby, 'link', token)
    if (!known?.person) throw ticketOver()
    await using work = changingLobby(lobby)
    const { rows } = await work.run(holdPerson(known.person))
    const passwordAt = rows[0]?.['passwordAt'] as string | null
    const ticket = await claimTicket<{ workspace?: string }>(work, 'link', token)
    if (!ticket?.person) throw ticketOver()
    // One came back, so whatever else was sent is not needed any more.
    await work.run(voidTickets(ticket.person, ['link']))
    await commitLobby(work, lobby)
    const { workspace } = ticket.subject
    return await arrive(house, lobby, { person: ticket.person, proofs: ['link'], passwordAt, workspace, keep }, from)
  },
})

const CLAIM = 'link'

/** What an edition does not offer is not there, whatever its pages show (row 38). */
export function insistOnOffered({ policy }: House, how: 'password' | 'link') {
  if (!policy.signIn.includes(how)) throw new Refusal(404, 'not-found')
}

/** Whoever could come in; anybody else is written to as little as somebody whom we do not know. */
export async function reachable(lobby: Lobby, key: string): Promise<Person | undefined> {
  const person = await findPerson(lobby, key)
  return person && !person.isDisabled && person.memberOf.length > 0 ? person : undefined
}
