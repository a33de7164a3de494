import { letter, noLetter } from '../../mail/letter.ts'
import type { From, House } from '../house.ts'
import { changingLobby, LOBBY, recorderScope } from '../lobby.ts'
import type { Lobby } from '../lobby.ts'
import type { Person } from '../person.ts'
import { linkTo, newTicket, until } from '../ticket.ts'
import { hintFor } from './arrive.ts'

/**
 * A link for somebody, if we know them. For nobody the same is done, down to a ticket that nobody can use and the work
 * of a letter that is not kept, so that neither the answer nor its time tells whether there was somebody (ASVS 6.3.8).
 */
export async function mailLink(
  house: House,
  lobby: Lobby,
  { purpose, person, email, subject = {} }: Mailing,
  from: From,
): Promise<string> {
  const hint = person ? hintFor(lobby, person) : LOBBY
  const { token, statement } = newTicket(purpose, hint, { person: person?.id ?? null, subject })
  const values = { link: linkTo(purpose, token), expires: until(purpose) }
  const written = {
    workspace: LOBBY,
    to: person?.email ?? email,
    template: purpose === 'link' ? ('sign-in-link' as const) : purpose,
    locale: person?.locale ?? from.locale,
    values,
  }
  await using work = changingLobby(lobby)
  await work.run(statement)
  await work.commit(recorderScope(lobby.names, LOBBY), [(person ? letter : noLetter)(house.vault, written)])
  house.wake(lobby.realm)
  return token
}

type Mailing = { purpose: 'link' | 'reset'; person: Person | undefined; email: string; subject?: object }
