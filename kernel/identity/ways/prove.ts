import { z } from 'zod'
import { Refusal } from '../../contract/refusal.ts'
import { AuthenticationResponse } from '../factors/passkey-response.ts'
import { offerAuthentication } from '../factors/passkey.ts'
import { changingLobby, commitLobby, emailKey, identityScope, onceInLobby, recorderScope } from '../lobby.ts'
import { hasFactor } from '../person.ts'
import { provesApp, provesCode, provesPasskey } from '../proof.ts'
import { noteProof } from '../session.ts'
import { claimTicket, newTicket, ticketOver } from '../ticket.ts'
import { hintFor, Keep } from './arrive.ts'
import { partyHere, passkeysOf, wrongCode } from './factor.ts'
import { self } from './self.ts'
import { way } from './way.ts'

const How = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('password'), password: z.string().min(1).max(1_000) }),
  z.strictObject({ by: z.literal('totp'), code: z.string().max(20) }),
  z.strictObject({ by: z.literal('recovery'), code: z.string().max(100) }),
  z.strictObject({ by: z.literal('passkey'), ticket: z.string().max(200), response: AuthenticationResponse }),
])

/**
 * Proving once more that it is you, before something that deserves a second look. Whoever has a second factor shows
 * that one: a password alone could be read over a shoulder, and the session was open already.
 */
export const prove = way({
  name: 'prove',
  summary: 'Prove once more who one is, for the operations that ask for a recent proof',
  who: 'person',
  input: z.strictObject({ proof: How, keep: Keep }),
  output: z.strictObject({ accessToken: z.string().optional(), accessExpiresIn: z.int() }),
  example: { proof: { by: 'totp', code: '123456' } },
  tries: 'identity.session.prove',
  async run(house, { input: { proof, keep }, caller, from }) {
    const { lobby, person } = await self(house, caller)
    if (hasFactor(person) === (proof.by === 'password')) throw new Refusal(409, 'other-proof-needed')
    // A password is guessed here no faster than at the door (row 17).
    if (proof.by === 'password') await house.attempt('sign-in', from.network, emailKey(person.email))
    else await house.attempt('factor', from.network, person.id)
    const passwordIsRight = proof.by === 'password' && (await house.hashing.check(proof.password, person.password)).ok
    await using work = changingLobby(lobby)
    const isRight =
      proof.by === 'password'
        ? passwordIsRight
        : proof.by === 'totp'
          ? await provesApp(house, work, person.id, proof.code)
          : proof.by === 'recovery'
            ? await provesCode(work, person.id, proof.code)
            : await isOwnPasskey(proof)
    if (!isRight) {
      // The challenge was shown, so it is used up.
      await commitLobby(work, lobby)
      throw wrongCode()
    }
    const { place, actor } = caller
    const { id } = caller.session!
    const noted = noteProof(id, proof.by, proof.by !== 'password')
    await work.as(identityScope(lobby.names, place.workspace), [noted])
    await work.commit(recorderScope(lobby.names, place.workspace), [
      house.record('identity.session.prove', actor, from, { by: proof.by }, id),
    ])
    // Who proves themselves often is nobody who guesses.
    if (proof.by === 'password') await house.forgive('sign-in', from.network, emailKey(person.email))
    else await house.forgive('factor', from.network, person.id)
    const { tokens } = house
    const access = await tokens.make({ person: person.id, session: id, workspace: place.workspace })
    const body = { accessExpiresIn: tokens.lives_s, ...(keep === 'body' ? { accessToken: access } : {}) }
    const session = { workspace: place.workspace, access, access_s: tokens.lives_s }
    return { body, ...(keep === 'cookie' ? { session } : {}) }

    async function isOwnPasskey({ ticket, response }: Extract<z.output<typeof How>, { by: 'passkey' }>) {
      const party = partyHere(house)
      const asked = await claimTicket<{ challenge: string; proves?: true }>(work, 'passkey', ticket)
      if (asked?.person !== person.id || !asked.subject.proves) throw ticketOver()
      const { challenge } = asked.subject
      const shown = { challenge, response, purpose: 'second-factor' as const, person: person.id }
      return (await provesPasskey(work, party, shown)) !== undefined
    }
  },
})

export const proveBegin = way({
  name: 'prove-begin',
  summary: 'Ask for a passkey to prove once more who one is',
  who: 'person',
  input: z.strictObject({}),
  output: z.strictObject({ ticket: z.string(), options: z.record(z.string(), z.unknown()) }),
  example: {},
  async run(house, { caller }) {
    const { lobby, person } = await self(house, caller)
    const options = await offerAuthentication(partyHere(house), await passkeysOf(lobby, person.id))
    const given = { person: person.id, subject: { challenge: options.challenge, proves: true } }
    const { token, statement } = newTicket('passkey', hintFor(lobby, person), given)
    await onceInLobby(lobby).run(statement)
    return { body: { ticket: token, options: { ...options } } }
  },
})
