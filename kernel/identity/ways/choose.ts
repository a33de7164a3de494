import { z } from 'zod'
import { Refusal } from '../../contract/refusal.ts'
import { Id } from '../../contract/values.ts'
import { changingLobby, lobbyOf, LOBBY, recorderScope } from '../lobby.ts'
import type { Proof } from '../session.ts'
import { claimTicket, hintIn } from '../ticket.ts'
import { arrive, Next } from './arrive.ts'
import { way } from './way.ts'

export const choose = way({
  name: 'choose',
  summary: 'Go on signing in to one of several workspaces',
  who: 'anyone',
  input: z.strictObject({ ticket: z.string().max(200), workspace: Id }),
  output: Next,
  example: { ticket: 'vst_…', workspace: '0190a5b2-7c3e-7d21-9f10-2b8a4c6d8e0f' },
  async run(house, { input, from }) {
    const lobby = await lobbyOf(house.realms, house.shared, hintIn(input.ticket))
    await using work = changingLobby(lobby)
    const ticket = await claimTicket<Progress>(work, 'progress', input.ticket)
    if (!ticket?.person) throw ticketOver()
    await work.commit(recorderScope(lobby.names, LOBBY), [])
    const { proofs, keep } = ticket.subject
    return await arrive(house, lobby, { person: ticket.person, proofs, keep, workspace: input.workspace }, from)
  },
})

/** What a sign-in that is half done remembers. */
export type Progress = { proofs: Proof[]; workspace?: string; keep: 'body' | 'cookie' }

/** Used, expired, of another kind or never made: nobody is told which. */
export const ticketOver = () => new Refusal(401, 'ticket-over')
