import { z } from 'zod'
import { Refusal } from '../../contract/refusal.ts'
import { Id } from '../../contract/values.ts'
import { AuthenticationResponse } from '../factors/passkey-response.ts'
import { offerAuthentication, partyOf } from '../factors/passkey.ts'
import type { House } from '../house.ts'
import { changingLobby, commitLobby, hintOf, inLobby, lobbyOf, LOBBY, onceInLobby } from '../lobby.ts'
import { provesApp, provesCode, provesPasskey } from '../proof.ts'
import type { Proof } from '../session.ts'
import { claimTicket, countAttempt, hintIn, newTicket, peekTicket, ticketOver } from '../ticket.ts'
import { arrive, Keep, Next, signInFailed } from './arrive.ts'
import type { Progress } from './choose.ts'
import { way } from './way.ts'

/** Wrong codes that one half-done sign-in may see; then it begins again with the first factor. */
const MOST_WRONG = 5

export const factor = way({
  name: 'factor',
  summary: 'Go on signing in with a code from an app, or one of the codes on paper',
  who: 'anyone',
  input: z.strictObject({
    ticket: z.string().max(200),
    method: z.enum(['totp', 'recovery']),
    code: z.string().max(100),
  }),
  output: Next,
  example: { ticket: 'vst_…', method: 'totp', code: '123456' },
  refuses: ['already-a-member'],
  tries: 'identity.session.begin',
  as: ({ ticket }) => ({ ticket }),
  async run(house, { input, from }) {
    const lobby = await lobbyOf(house.realms, house.shared, hintIn(input.ticket))
    const known = await peekTicket<Progress>(lobby, 'progress', input.ticket)
    if (!known?.person) throw ticketOver()
    await house.attempt('factor', from.network, known.person)
    await using work = changingLobby(lobby)
    const ticket = await claimTicket<Progress>(work, 'progress', input.ticket)
    if (!ticket?.person) throw ticketOver()
    const { method, code } = input
    const isRight =
      method === 'totp'
        ? await provesApp(house, work, ticket.person, code)
        : await provesCode(work, ticket.person, code)
    if (!isRight) await work.run(countAttempt(ticket.id, MOST_WRONG))
    await commitLobby(work, lobby)
    if (!isRight) throw wrongCode()
    await house.forgive('factor', from.network, ticket.person)
    const { proofs, ...rest } = ticket.subject
    return await arrive(house, lobby, { person: ticket.person, proofs: [...proofs, method], ...rest }, from)
  },
})

export const wrongCode = () => new Refusal(401, 'wrong-code')

/** What the browser hands to the authenticator; the package that writes it knows its form. */
const Options = z.record(z.string(), z.unknown())

export const passkeyBegin = way({
  name: 'passkey-begin',
  summary: 'Ask for a passkey: to sign in with it alone, or as the second factor of a sign-in under way',
  who: 'anyone',
  input: z.strictObject({ ticket: z.string().max(200).optional(), workspace: Id.optional(), keep: Keep }),
  output: z.strictObject({ ticket: z.string(), options: Options }),
  example: {},
  tries: 'identity.session.begin',
  as: ({ ticket = '' }) => ({ ticket }),
  async run(house, { input }) {
    const party = partyHere(house)
    const lobby = await lobbyOf(house.realms, house.shared, input.ticket ? hintIn(input.ticket) : input.workspace)
    const half = input.ticket ? await peekTicket<Progress>(lobby, 'progress', input.ticket) : undefined
    if (input.ticket && !half?.person) throw ticketOver()
    if (!half && !house.policy.signIn.includes('passkey')) throw new Refusal(404, 'not-found')
    const options = await offerAuthentication(party, half ? await passkeysOf(lobby, half.person!) : undefined)
    const { workspace, keep } = input
    const subject = { challenge: options.challenge, workspace, keep }
    const hint = hintIn(input.ticket ?? '') ?? hintOf(lobby, workspace ?? LOBBY)
    const { token, statement } = newTicket('passkey', hint, { person: half?.person ?? null, subject })
    await onceInLobby(lobby).run(statement)
    return { body: { ticket: token, options: { ...options } } }
  },
})

export const passkeyFinish = way({
  name: 'passkey-finish',
  summary: 'Sign in, or go on signing in, with the passkey that was asked for',
  who: 'anyone',
  input: z.strictObject({
    ticket: z.string().max(200),
    /** The half-done sign-in that this is the second factor of. */
    after: z.string().max(200).optional(),
    response: AuthenticationResponse,
  }),
  output: Next,
  example: {
    ticket: 'vst_…',
    response: {
      id: 'AAAA',
      rawId: 'AAAA',
      type: 'public-key',
      clientExtensionResults: {},
      response: { clientDataJSON: 'e30', authenticatorData: 'AAAA', signature: 'AAAA' },
    },
  },
  refuses: ['already-a-member'],
  tries: 'identity.session.begin',
  as: ({ ticket, after = ticket, response }) => ({ ticket: after, passkey: response.id }),
  async run(house, { input, from }) {
    const party = partyHere(house)
    const lobby = await lobbyOf(house.realms, house.shared, hintIn(input.ticket))
    await house.attempt('factor', from.network)
    await using work = changingLobby(lobby)
    const asked = await claimTicket<Asking>(work, 'passkey', input.ticket)
    // One that was made to add a passkey, or to prove somebody once more, lets nobody in.
    if (!asked || asked.subject.adds || asked.subject.proves) throw ticketOver()
    const half = asked.person ? await claimTicket<Progress>(work, 'progress', input.after ?? '') : undefined
    // A challenge that was made for somebody proves something for them alone, and only with what they had proven.
    if (asked.person && half?.person !== asked.person) throw ticketOver()
    const purpose = half ? ('second-factor' as const) : ('sign-in' as const)
    const shown = {
      challenge: asked.subject.challenge,
      response: input.response,
      purpose,
      person: half?.person ?? undefined,
    }
    const person = await provesPasskey(work, party, shown)
    if (!person && half) await work.run(countAttempt(half.id, MOST_WRONG))
    await commitLobby(work, lobby)
    if (!person) throw half ? wrongCode() : signInFailed()
    await house.forgive('factor', from.network, person)
    const proofs: Proof[] = [...(half?.subject.proofs ?? []), 'passkey']
    return await arrive(house, lobby, { ...(half ?? asked).subject, person, proofs }, from)
  },
})

type Asking = { challenge: string; workspace?: string; keep: 'body' | 'cookie'; adds?: true; proves?: true }

/** What browsers know us as; where they have no passkeys, neither have we. */
export function partyHere(house: House) {
  const party = partyOf(house.title.en, [house.publicUrl])
  if (!party || house.policy.secondFactor === 'not offered') throw new Refusal(404, 'not-found')
  return party
}

export async function passkeysOf(lobby: Parameters<typeof inLobby>[0], person: string) {
  const { rows } = await inLobby(lobby).run({
    text: 'select credential_id as id, transports from identity.passkey where person_id = $1 order by id',
    name: 'passkeys of',
    values: [person],
  })
  return rows as { id: string; transports: string[] }[]
}
