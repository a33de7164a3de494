import { Refusal } from '../../contract/refusal.ts'
import type { Writing } from '../../postgres/work.ts'
import { FRESH_FOR_MS } from '../assurance.ts'
import type { House } from '../house.ts'
import type { Lobby } from '../lobby.ts'
import { hasFactor, holdPerson, personWithin, readPerson } from '../person.ts'
import type { Person } from '../person.ts'
import type { Caller } from '../whois.ts'

/** Whoever asks, as the lobby knows them: for all that people do with what is theirs alone. */
export async function self(house: House, { place, pool, session }: Caller): Promise<{ lobby: Lobby; person: Person }> {
  const lobby = { realm: place.realm, pool, names: house.realms.names }
  const person = await readPerson(lobby, session!.person)
  if (!person || person.isDisabled) throw new Refusal(401, 'session-over')
  return { lobby, person }
}

/** The same once nothing is owed: whoever still has to set up a second factor does nothing else first. */
export async function settledSelf(house: House, caller: Caller) {
  if (caller.heldFrom_ms <= Date.now()) throw new Refusal(403, 'second-factor-required')
  return await self(house, caller)
}

/** What one signs in with is changed by whoever has just shown that it is theirs. */
export function insistOnFreshness({ provedAt_ms }: Caller) {
  if (provedAt_ms + FRESH_FOR_MS < Date.now()) throw new Refusal(403, 'step-up-required')
}

/** Who asks, for a change of their second factors: until its end nobody else makes one. */
export async function holdSelf(work: Writing, lobby: Lobby, caller: Caller): Promise<Person> {
  await work.run(holdPerson(caller.session!.person))
  const person = await personWithin(work, lobby, caller.session!.person)
  if (!person || person.isDisabled) throw new Refusal(401, 'session-over')
  return person
}

/** Whoever has a second factor by now has shown it, and not only what was enough when they began. */
export function insistOnShown(person: Person, caller: Caller) {
  if (!hasFactor(person)) return
  if (!caller.session!.hasFactor) throw new Refusal(403, 'step-up-required')
  insistOnFreshness(caller)
}
