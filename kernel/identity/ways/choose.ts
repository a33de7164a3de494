import { z } from 'zod'
import { Id } from '../../contract/values.ts'
import { lobbyOf, onceInLobby } from '../lobby.ts'
import type { Proof } from '../session.ts'
import { claimTicket, hintIn, ticketOver } from '../ticket.ts'
import { arrive, Next } from './arrive.ts'
import { way } from './way.ts'

export const choose = way({
  name: 'choose',
  summary: 'Go on signing in to one of several workspaces',
  who: 'anyone',
  input: z.strictObject({ ticket: z.string().max(200), workspace: Id }),
  output: Next,
  example: { ticket: 'vst_…', workspace: '0190a5b2-7c3e-7d21-9f10-2b8a4c6d8e0f' },
  tries: 'identity.session.begin',
  as: ({ ticket }) => ({ ticket }),
  async run(house, { input, from }) {
    const lobby = await lobbyOf(house.realms, house.shared, hintIn(input.ticket))
    const ticket = await claimTicket<Progress>(onceInLobby(lobby), 'progress', input.ticket)
    // Who owes a second factor does not go on without it, to a ticket that knows of no wrong code.
    if (ticket?.subject.next !== 'choose' || !ticket.person) throw ticketOver()
    const { proofs, keep, passwordAt } = ticket.subject
    const { workspace } = input
    return await arrive(house, lobby, { person: ticket.person, proofs, keep, passwordAt, workspace }, from)
  },
})

/** What a sign-in that is half done remembers. */
export type Progress = {
  proofs: Proof[]
  workspace?: string
  keep: 'body' | 'cookie'
  passwordAt?: string | null
  invitation?: string
  next: 'factor' | 'choose'
}
