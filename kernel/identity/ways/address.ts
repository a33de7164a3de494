import { z } from 'zod'
import type { DatabaseError } from 'pg'
import { Refusal } from '../../contract/refusal.ts'
import { Id } from '../../contract/values.ts'
import { letter } from '../../mail/letter.ts'
import type { Writing } from '../../postgres/work.ts'
import type { House } from '../house.ts'
import { changingLobby, commitLobby, Email, emailKey, LOBBY } from '../lobby.ts'
import type { Lobby } from '../lobby.ts'
import { findPerson, holdPerson } from '../person.ts'
import type { Person } from '../person.ts'
import { claimTicket, linkTo, newTicket, ticketOver, until, voidTickets } from '../ticket.ts'
import { hintFor } from './arrive.ts'
import { changedEverywhere, everywhere } from './everywhere.ts'
import { inEvenTime } from './mailed.ts'
import { OPENING } from './reset.ts'
import { insistOnFreshness, settledSelf } from './self.ts'
import { way } from './way.ts'

/**
 * Another address. Whoever asks has just proven who they are, the letter shows that the mailbox is theirs, and both
 * come together in their own session: a link that a stranger got by a slip of the pen gives that stranger nothing.
 */
export const addressChange = way({
  name: 'address-change',
  summary: 'Ask for another e-mail address, which is confirmed with a link; the answer is the same for every address',
  who: 'person',
  input: z.strictObject({ email: Email }),
  output: z.strictObject({}),
  example: { email: 'asha.menon@example.com' },
  async run(house, { input: { email }, caller, from }) {
    insistOnFreshness(caller)
    const { lobby, person } = await settledSelf(house, caller)
    // A letter to somebody who did not ask for it costs the same, whichever way it was caused.
    await house.attempt('sign-up', from.network, emailKey(email))
    await inEvenTime(() => writeTo(house, lobby, person, email))
    return { body: {} }
  },
})

/** To whoever has that address: that it is somebody's already, or how it becomes this person's. */
async function writeTo(house: House, lobby: Lobby, person: Person, email: string): Promise<void> {
  const taken = await findPerson(lobby, emailKey(email))
  const { id, locale } = person
  const { token, statement } = newTicket('address', hintFor(lobby, person), { person: id, subject: { email } })
  const values = { link: linkTo('address', token), expires: until('address') }
  const to = { workspace: LOBBY, to: taken?.email ?? email, locale: taken?.locale ?? locale }
  await using work = changingLobby(lobby)
  await work.run(holdPerson(id))
  await work.run(voidTickets(id, ['address']))
  await work.run(statement)
  await commitLobby(work, lobby, [
    taken
      ? letter(house.vault, { ...to, template: 'already-registered', values: { link: '/enter' } })
      : letter(house.vault, { ...to, template: 'confirm-address', values }),
  ])
  house.wake(lobby.realm)
}

export const addressConfirm = way({
  name: 'address-confirm',
  summary: 'Confirm another e-mail address with the link from a letter, in a session of one’s own',
  who: 'person',
  input: z.strictObject({ ticket: z.string().max(200) }),
  output: z.strictObject({ id: Id, email: z.string() }),
  example: { ticket: 'vst_…' },
  refuses: ['address-taken'],
  async run(house, { input: { ticket: token }, caller, from }) {
    const { lobby, person } = await settledSelf(house, caller)
    const { id, locale, email: before } = person
    await using work = changingLobby(lobby)
    await work.run(holdPerson(id))
    const ticket = await claimTicket<{ email: string }>(work, 'address', token)
    // Nothing is committed, so it is still good for the one whom it is for.
    if (ticket?.person !== id) throw ticketOver()
    const { email } = ticket.subject
    await readdress(work, id, email)
    // What was sent to the old mailbox is worth nothing from now on.
    await work.run(voidTickets(id, OPENING))
    const move = {
      text: 'update identity.member set email = $2 where person_id = $1 and state <> $3',
      name: 'readdress member',
      values: [id, email, 'removed'],
    }
    const entry = house.record('identity.person.changeAddress', caller.actor, from, { email }, id)
    await everywhere(work, lobby, person, move, entry)
    const values = { address: email, at: new Date().toISOString() }
    await commitLobby(work, lobby, [
      letter(house.vault, { workspace: LOBBY, to: before, template: 'address-changed', locale, values }),
    ])
    changedEverywhere(house, lobby, person)
    house.wake(lobby.realm)
    return { body: { id, email } }
  },
})

/** Of two who come to one address at the same moment the database lets one have it. */
async function readdress(work: Writing, id: string, email: string) {
  try {
    await work.run({
      text: 'update identity.person set email = $2, email_key = $3 where id = $1',
      name: 'readdress',
      values: [id, email, emailKey(email)],
    })
  } catch (error) {
    if ((error as Partial<DatabaseError>).code === TAKEN) throw new Refusal(409, 'address-taken')
    throw error
  }
}

const TAKEN = '23505'
