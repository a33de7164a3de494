import { z } from 'zod'
import { Refusal } from '../../contract/refusal.ts'
import { letter } from '../../mail/letter.ts'
import type { Statement } from '../../postgres/batch.ts'
import type { Scope, Writing } from '../../postgres/work.ts'
import { changingLobby, commitLobby, emailKey, LOBBY, recorderScope } from '../lobby.ts'
import { insistOnPassword } from '../passwords/rules.ts'
import { hasFactor, holdPerson, keepPassword, personWithin } from '../person.ts'
import { voidTickets } from '../ticket.ts'
import { changedEverywhere, endEverywhere } from './everywhere.ts'
import { insistOnOffered } from './link.ts'
import { OPENING } from './reset.ts'
import { insistOnFreshness, settledSelf } from './self.ts'
import { way } from './way.ts'

/** With the one that it replaces, which is guessed here no faster than at the door (row 17). */
export const passwordChange = way({
  name: 'password-change',
  summary: 'Choose another password, with the present one, and end one’s other sessions',
  who: 'person',
  input: z.strictObject({
    current: z.string().min(1).max(1_000),
    password: z.string().max(1_000),
    endOthers: z.boolean().default(true),
  }),
  output: z.strictObject({ sessionsEnded: z.int() }),
  example: { current: 'a long and unusual sentence', password: 'another one, as long and as unusual' },
  tries: 'identity.person.changePassword',
  async run(house, { input, caller, from }) {
    insistOnOffered(house, 'password')
    const { lobby, person } = await settledSelf(house, caller)
    // Whoever has a second factor shows that it is theirs as they would anywhere else.
    if (hasFactor(person)) insistOnFreshness(caller)
    const { id, name, email, locale } = person
    const key = emailKey(email)
    await house.attempt('sign-in', from.network, key)
    const { ok } = await house.hashing.check(input.current, person.password)
    if (!ok) throw wrong()
    await house.forgive('sign-in', from.network, key)
    const context = [house.title.en, house.title.ar, name, email]
    insistOnPassword(input.password, { hasSecondFactor: hasFactor(person), context })
    const hash = await house.hashing.hash(input.password)
    await using work = changingLobby(lobby)
    await work.run(holdPerson(id))
    // Somebody else may have chosen another one since it was looked at: with a link, for one.
    if ((await personWithin(work, lobby, id))?.password !== person.password) throw wrong()
    await work.run(keepPassword(id, hash))
    await work.run(voidTickets(id, OPENING))
    const entry = house.record('identity.person.changePassword', caller.actor, from, {}, id)
    const sessionsEnded = input.endOthers
      ? await endEverywhere(work, lobby, person, { why: 'password-changed', entry, spared: caller.session!.id })
      : await note(work, recorderScope(lobby.names, caller.place.workspace), entry)
    const values = { what: 'password', at: new Date().toISOString() } as const
    await commitLobby(work, lobby, [
      letter(house.vault, { workspace: LOBBY, to: email, template: 'credential-changed', locale, values }),
    ])
    changedEverywhere(house, lobby, person)
    house.wake(lobby.realm)
    return { body: { sessionsEnded } }
  },
})

const wrong = () => new Refusal(401, 'wrong-password')

async function note(work: Writing, recorder: Scope, entry: Statement): Promise<0> {
  await work.as(recorder, [entry])
  return 0
}
