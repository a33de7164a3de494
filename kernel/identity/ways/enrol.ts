import { z } from 'zod'
import { Refusal } from '../../contract/refusal.ts'
import { Id } from '../../contract/values.ts'
import { letter } from '../../mail/letter.ts'
import type { Statement } from '../../postgres/batch.ts'
import type { Writing } from '../../postgres/work.ts'
import { qrSvg } from '../factors/qr.ts'
import { digestOf, newCodes } from '../factors/recovery.ts'
import { base32, enrolmentUri, matchingStep, newSecret } from '../factors/totp.ts'
import type { From, House } from '../house.ts'
import { changingLobby, commitLobby, identityScope, recorderScope } from '../lobby.ts'
import type { Lobby } from '../lobby.ts'
import { hasFactor, personWithin } from '../person.ts'
import type { Person } from '../person.ts'
import { sealedFor } from '../proof.ts'
import { noteProof } from '../session.ts'
import type { Caller } from '../whois.ts'
import { claimTicket, newTicket, ticketOver, voidTickets } from '../ticket.ts'
import { hintFor } from './arrive.ts'
import { changedEverywhere } from './everywhere.ts'
import { wrongCode } from './factor.ts'
import { holdSelf, insistOnFreshness, insistOnShown, self } from './self.ts'
import { way } from './way.ts'

/**
 * A code from an app becomes a second factor. It counts once the app has shown a code and one of the codes on paper has
 * been typed back: whoever has not written them down would find out on the day the phone is lost.
 */
export const appBegin = way({
  name: 'app-begin',
  summary: 'Begin to add an authenticator app: its secret, and codes to keep on paper',
  who: 'person',
  input: z.strictObject({}),
  output: z.strictObject({
    ticket: z.string(),
    secret: z.string(),
    uri: z.string(),
    qr: z.string(),
    /** To be kept; one of them is asked for when the app is confirmed. None for whoever has a second factor already. */
    codes: z.array(z.string()),
  }),
  example: {},
  async run(house, { caller }) {
    insistOnOffer(house)
    insistOnFreshness(caller)
    const { lobby } = await self(house, caller)
    await using work = changingLobby(lobby)
    const person = await holdSelf(work, lobby, caller)
    insistOnShown(person, caller)
    const secret = newSecret()
    const codes = hasFactor(person) ? [] : newCodes()
    const { token, statement } = newTicket('enrolment', hintFor(lobby, person), { person: person.id })
    await work.run(statement)
    await work.run({ text: FORGET_BEGUN, name: 'forget begun', values: [person.id] })
    await work.run({
      text: 'insert into identity.factor (person_id, secret) values ($1, $2)',
      name: 'new app',
      values: [person.id, house.vault.seal(secret, sealedFor(person.id))],
    })
    // Until the app is confirmed they open nothing, since there is nothing to be the second factor of.
    if (codes.length > 0) await work.run(keepCodes(person.id, codes))
    await commitLobby(work, lobby)
    const uri = enrolmentUri({ secret, issuer: house.title.en, account: person.email })
    return { body: { ticket: token, secret: base32(secret), uri, qr: qrSvg(uri), codes } }
  },
})

export const appConfirm = way({
  name: 'app-confirm',
  summary: 'Confirm an authenticator app with a code that it shows, and one of the codes that were kept',
  who: 'person',
  input: z.strictObject({
    ticket: z.string().max(200),
    code: z.string().max(20),
    kept: z.string().max(100).optional(),
  }),
  output: z.strictObject({ id: Id }),
  example: { ticket: 'vst_…', code: '123456', kept: 'A1B2-C3D4-E5F6-A1B2-C3D4-E5F6' },
  async run(house, { input, caller, from }) {
    insistOnOffer(house)
    const { lobby, person: asking } = await self(house, caller)
    await house.attempt('factor', from.network, asking.id)
    await using work = changingLobby(lobby)
    const person = await holdSelf(work, lobby, caller)
    const ticket = await claimTicket(work, 'enrolment', input.ticket)
    if (ticket?.person !== person.id) throw ticketOver()
    insistOnShown(person, caller)
    const { rows } = await work.run({ text: BEGUN, name: 'begun app', values: [person.id] })
    const begun = rows[0] as { id: string; secret: string } | undefined
    if (!begun) throw ticketOver()
    const step = matchingStep(house.vault.open(begun.secret, sealedFor(person.id)), input.code, Date.now(), 0)
    // Nothing is committed, so the ticket is still good for the next try.
    if (step === undefined) throw wrongCode()
    if (!hasFactor(person) && !(await isKept(work, person.id, input.kept))) throw new Refusal(401, 'code-not-kept')
    await work.run({ text: CONFIRM, name: 'confirm app', values: [begun.id, step] })
    await settle(house, work, lobby, { person, caller, from, what: 'second-factor', name: 'app.add', proof: 'totp' })
    await house.forgive('factor', from.network, person.id)
    return { body: { id: begun.id } }
  },
})

export const appRemove = way({
  name: 'app-remove',
  summary: 'Remove the authenticator app',
  who: 'person',
  input: z.strictObject({}),
  output: z.strictObject({ removed: z.int() }),
  example: {},
  async run(house, { caller, from }) {
    insistOnFreshness(caller)
    const { lobby } = await self(house, caller)
    await using work = changingLobby(lobby)
    const person = await holdSelf(work, lobby, caller)
    insistOnShown(person, caller)
    const gone = await work.run({
      text: 'delete from identity.factor where person_id = $1',
      name: 'remove apps',
      values: [person.id],
    })
    await settle(house, work, lobby, { person, caller, from, what: 'second-factor', name: 'app.remove' })
    return { body: { removed: gone.affected } }
  },
})

export const codesMake = way({
  name: 'codes-make',
  summary: 'Make new codes for paper; the old ones are worth nothing from then on',
  who: 'person',
  input: z.strictObject({}),
  output: z.strictObject({ codes: z.array(z.string()) }),
  example: {},
  async run(house, { caller, from }) {
    insistOnOffer(house)
    insistOnFreshness(caller)
    const { lobby } = await self(house, caller)
    const codes = newCodes()
    await using work = changingLobby(lobby)
    const person = await holdSelf(work, lobby, caller)
    insistOnShown(person, caller)
    await work.run(keepCodes(person.id, codes))
    await settle(house, work, lobby, { person, caller, from, what: 'recovery-codes', name: 'codes.make' })
    return { body: { codes } }
  },
})

/** An edition without second factors has none anywhere. */
export function insistOnOffer({ policy }: House) {
  if (policy.secondFactor === 'not offered') throw new Refusal(404, 'not-found')
}

type Change = {
  person: Person
  caller: Caller
  from: From
  what: 'second-factor' | 'passkey' | 'recovery-codes' | 'password'
  /** `identity.person.` and this is the entry. */
  name: string
  /** What they showed while they changed it. */
  proof?: 'totp' | 'passkey'
}

/** After a change of factors: every workspace that they are in knows whether there is one, and each in its own log. */
export async function settle(house: House, work: Writing, lobby: Lobby, change: Change): Promise<void> {
  const { person, caller, from, what, name, proof } = change
  const { workspace } = caller.place
  const now = await personWithin(work, lobby, person.id)
  const noted = noteFactor(person.id, now !== undefined && hasFactor(now))
  const entry = house.record(`identity.person.${name}`, caller.actor, from, {}, person.id)
  for (const other of person.memberOf.filter((one) => one !== workspace)) {
    const [changed] = await work.as(identityScope(lobby.names, other), [noted])
    if (changed!.affected > 0) await work.as(recorderScope(lobby.names, other), [entry])
  }
  // Another address that was asked for without the new proof is asked for again with it.
  if (proof) await work.run(voidTickets(person.id, ['address']))
  const proven = proof ? [noteProof(caller.session!.id, proof, true)] : []
  await work.as(identityScope(lobby.names, workspace), [noted, ...proven])
  const values = { what, at: new Date().toISOString() } as const
  const { email: to, locale } = person
  await work.commit(recorderScope(lobby.names, workspace), [
    entry,
    letter(house.vault, { workspace, to, template: 'credential-changed', locale, values }),
  ])
  changedEverywhere(house, lobby, person)
  house.wake(lobby.realm)
}

const noteFactor = (person: string, has: boolean): Statement => ({
  text: `update identity.member set has_factor = $2
    where person_id = $1 and has_factor is distinct from $2 and state <> 'removed'`,
  name: 'note factor',
  values: [person, has],
})

const keepCodes = (person: string, codes: readonly string[]): Statement => ({
  text: `with gone as (delete from identity.recovery_code where person_id = $1)
    insert into identity.recovery_code (person_id, hash) select $1, unnest($2::text[])`,
  name: 'keep codes',
  values: [person, codes.map((code) => digestOf(code)!)],
})

/** Without using it up: it is shown to be at hand. */
async function isKept(work: Writing, person: string, typed = ''): Promise<boolean> {
  const { rows } = await work.run({
    text: 'select from identity.recovery_code where person_id = $1 and hash = $2 and used_at is null',
    name: 'kept code',
    values: [person, digestOf(typed) ?? ''],
  })
  return rows.length === 1
}

/** Of a person who had no second factor: whatever was begun before, and perhaps by somebody else, is part of none. */
export const forgetBegun = (person: string): Statement => ({
  text: `with begun as (${FORGET_BEGUN}) delete from identity.recovery_code where person_id = $1`,
  name: 'forget begun and codes',
  values: [person],
})

const FORGET_BEGUN = 'delete from identity.factor where person_id = $1 and confirmed_at is null'
const BEGUN = 'select id, secret from identity.factor where person_id = $1 and confirmed_at is null for update'
const CONFIRM = 'update identity.factor set confirmed_at = clock_timestamp(), last_step = $2 where id = $1'
