import { z } from 'zod'
import { Id } from '../../contract/values.ts'
import { Email, emailKey, lobbyOf, onceInLobby } from '../lobby.ts'
import { findPerson, rehash } from '../person.ts'
import { arrive, Keep, Next, signInFailed } from './arrive.ts'
import { way } from './way.ts'

/** Whatever somebody typed, at any length that could be a password. */
const Typed = z.string().min(1).max(1_000)

export const signIn = way({
  name: 'sign-in',
  summary: 'Sign in with an e-mail address and a password',
  who: 'anyone',
  input: z.strictObject({ email: Email, password: Typed, workspace: Id.optional(), keep: Keep }),
  output: Next,
  example: { email: 'asha@example.com', password: 'a long and unusual sentence' },
  tries: 'identity.session.begin',
  as: ({ email, workspace }) => ({ email, workspace }),
  async run(house, { input, from }) {
    const key = emailKey(input.email)
    await house.attempt('sign-in', from.network, key)
    const lobby = await lobbyOf(house.realms, house.shared, input.workspace)
    const person = await findPerson(lobby, key)
    const { ok, outdated } = await house.hashing.check(input.password, person?.password)
    if (!ok || !person || person.isDisabled) throw signInFailed()
    await house.forgive('sign-in', from.network, key)
    if (outdated) await onceInLobby(lobby).run(rehash(person, await house.hashing.hash(input.password)))
    const { workspace, keep } = input
    const { id, passwordAt } = person
    return await arrive(house, lobby, { person: id, proofs: ['password'], passwordAt, workspace, keep }, from)
  },
})
