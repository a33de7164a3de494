import { setTimeout as sleep } from 'node:timers/promises'
import { letter, noLetter } from '../../mail/letter.ts'
import type { From, House } from '../house.ts'
import { changingLobby, commitLobby, LOBBY } from '../lobby.ts'
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
  await commitLobby(work, lobby, [(person ? letter : noLetter)(house.vault, written)])
  house.wake(lobby.realm)
  return token
}

/**
 * The row of a letter is written or not, and a person found or not: what is left of a difference ends within this time,
 * and nobody is told before it is over.
 */
export async function inEvenTime<Told>(telling: () => Promise<Told>): Promise<Told> {
  const [told] = await Promise.all([telling(), sleep(EVEN_MS)])
  return told
}

/** Many times what it takes, and too short for anybody to wait for. */
const EVEN_MS = 100

type Mailing = { purpose: 'link' | 'reset'; person: Person | undefined; email: string; subject?: object }
