import { z } from 'zod'
import { Refusal } from '../../contract/refusal.ts'
import { Id, Line, Moment } from '../../contract/values.ts'
import { verifyRegistration } from '../factors/passkey-proof.ts'
import { RegistrationResponse } from '../factors/passkey-response.ts'
import { offerRegistration } from '../factors/passkey.ts'
import { changingLobby, inLobby, onceInLobby } from '../lobby.ts'
import { hasFactor } from '../person.ts'
import { claimTicket, newTicket, ticketOver } from '../ticket.ts'
import { hintFor } from './arrive.ts'
import { forgetBegun, insistOnOffer, settle } from './enrol.ts'
import { partyHere, passkeysOf, wrongCode } from './factor.ts'
import { holdSelf, insistOnFreshness, insistOnShown, self } from './self.ts'
import { way } from './way.ts'

export const passkeyAddBegin = way({
  name: 'passkey-add-begin',
  summary: 'Begin to add a passkey',
  who: 'person',
  input: z.strictObject({}),
  output: z.strictObject({ ticket: z.string(), options: z.record(z.string(), z.unknown()) }),
  example: {},
  async run(house, { caller }) {
    insistOnOffer(house)
    const party = partyHere(house)
    insistOnFreshness(caller)
    const { lobby, person } = await self(house, caller)
    const existing = await passkeysOf(lobby, person.id)
    if (existing.length >= MOST_PASSKEYS) throw new Refusal(409, 'too-many-passkeys')
    const { id, email, name } = person
    const options = await offerRegistration(party, { id, name: email, displayName: name }, existing)
    const given = { person: id, subject: { challenge: options.challenge, adds: true } }
    const { token, statement } = newTicket('passkey', hintFor(lobby, person), given)
    await onceInLobby(lobby).run(statement)
    return { body: { ticket: token, options: { ...options } } }
  },
})

/** One for each device, and some on a key ring. */
const MOST_PASSKEYS = 20

export const passkeyAdd = way({
  name: 'passkey-add',
  summary: 'Add the passkey that the browser made',
  who: 'person',
  input: z.strictObject({ ticket: z.string().max(200), name: Line, response: RegistrationResponse }),
  output: z.strictObject({ id: Id }),
  example: {
    ticket: 'vst_…',
    name: 'Work laptop',
    response: {
      id: 'AAAA',
      rawId: 'AAAA',
      type: 'public-key',
      clientExtensionResults: {},
      response: { clientDataJSON: 'e30', attestationObject: 'AAAA' },
    },
  },
  refuses: ['passkey-known'],
  async run(house, { input, caller, from }) {
    insistOnOffer(house)
    const party = partyHere(house)
    const { lobby } = await self(house, caller)
    await using work = changingLobby(lobby)
    const person = await holdSelf(work, lobby, caller)
    const ticket = await claimTicket<{ challenge: string; adds?: true }>(work, 'passkey', input.ticket)
    if (ticket?.person !== person.id || !ticket.subject.adds) throw ticketOver()
    insistOnShown(person, caller)
    const proof = await verifyRegistration(party, ticket.subject.challenge, input.response)
    if (!proof.proven) throw wrongCode()
    if (!hasFactor(person)) await work.run(forgetBegun(person.id))
    const { id, publicKey, counter, transports } = proof
    const values = [person.id, input.name, id, Buffer.from(publicKey).toString('base64url'), counter, transports]
    const { rows } = await work.run({ text: ADD, name: 'add passkey', values })
    const added = rows[0] as { id: string } | undefined
    if (!added) throw new Refusal(409, 'passkey-known')
    await settle(house, work, lobby, { person, caller, from, what: 'passkey', name: 'passkey.add', proof: 'passkey' })
    return { body: added }
  },
})

export const passkeys = way({
  name: 'passkeys',
  summary: 'List one’s own passkeys',
  who: 'person',
  input: z.strictObject({}),
  output: z.strictObject({
    data: z.array(z.strictObject({ id: Id, name: z.string(), createdAt: Moment, lastUsedAt: Moment.nullable() })),
  }),
  example: {},
  async run(house, { caller }) {
    const { lobby, person } = await self(house, caller)
    const { rows } = await inLobby(lobby).run({ text: LIST, name: 'list passkeys', values: [person.id] })
    return { body: { data: rows as { id: string; name: string; createdAt: string; lastUsedAt: string | null }[] } }
  },
})

export const passkeyRemove = way({
  name: 'passkey-remove',
  summary: 'Remove a passkey',
  who: 'person',
  input: z.strictObject({ id: Id }),
  output: z.strictObject({ id: Id }),
  example: { id: '0190a5b2-7c3e-7d21-9f10-2b8a4c6d8e0f' },
  async run(house, { input, caller, from }) {
    insistOnFreshness(caller)
    const { lobby } = await self(house, caller)
    await using work = changingLobby(lobby)
    const person = await holdSelf(work, lobby, caller)
    insistOnShown(person, caller)
    const gone = await work.run({ text: REMOVE, name: 'remove passkey', values: [person.id, input.id] })
    if (gone.affected === 0) throw new Refusal(404, 'not-found')
    await settle(house, work, lobby, { person, caller, from, what: 'passkey', name: 'passkey.remove' })
    return { body: { id: input.id } }
  },
})

const ADD = `insert into identity.passkey (person_id, name, credential_id, public_key, counter, transports)
  values ($1, $2, $3, $4, $5, $6::text[]) on conflict (workspace_id, credential_id) do nothing returning id`
const LIST = `select id, name, created_at as "createdAt", last_used_at as "lastUsedAt" from identity.passkey
  where person_id = $1 order by id`
const REMOVE = 'delete from identity.passkey where person_id = $1 and id = $2'
