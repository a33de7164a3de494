import { z } from 'zod'
import { Id } from '../../contract/values.ts'
import { letter } from '../../mail/letter.ts'
import { changingLobby, commitLobby, Email, emailKey, lobbyOf, LOBBY } from '../lobby.ts'
import { inEvenTime, mailLink } from './mailed.ts'
import { insistOnPassword } from '../passwords/rules.ts'
import { actorOf, hasFactor, holdPerson, keepPassword, readPerson } from '../person.ts'
import { claimTicket, hintIn, peekTicket, ticketOver, voidTickets } from '../ticket.ts'
import type { Purpose } from '../ticket.ts'
import { changedEverywhere, endEverywhere } from './everywhere.ts'
import { insistOnOffered, reachable } from './link.ts'
import { way } from './way.ts'

/** A forgotten password. The link lets its holder choose another, and into nothing: they sign in as everybody does. */
export const resetSend = way({
  name: 'reset-send',
  summary: 'Ask for a link to choose a new password, by e-mail; the answer is the same for everybody',
  who: 'anyone',
  input: z.strictObject({ email: Email, workspace: Id.optional() }),
  output: z.strictObject({}),
  example: { email: 'asha@example.com' },
  tries: 'identity.person.resetPassword',
  as: ({ email, workspace }) => ({ email, workspace }),
  async run(house, { input: { email, workspace }, from }) {
    insistOnOffered(house, 'password')
    const key = emailKey(email)
    await house.attempt('reset', from.network, key)
    return await inEvenTime(async () => {
      const lobby = await lobbyOf(house.realms, house.shared, workspace)
      await mailLink(house, lobby, { purpose: 'reset', person: await reachable(lobby, key), email }, from)
      return { body: {} }
    })
  },
})

export const resetUse = way({
  name: 'reset-use',
  summary: 'Choose a new password with the link from a letter; every session ends',
  who: 'anyone',
  input: z.strictObject({ ticket: z.string().max(200), password: z.string().max(1_000) }),
  output: z.strictObject({ sessionsEnded: z.int() }),
  example: { ticket: 'vst_…', password: 'a long and unusual sentence' },
  tries: 'identity.person.resetPassword',
  as: ({ ticket }) => ({ ticket }),
  async run(house, { input, from }) {
    insistOnOffered(house, 'password')
    const lobby = await lobbyOf(house.realms, house.shared, hintIn(input.ticket))
    const known = await peekTicket(lobby, 'reset', input.ticket)
    const person = known?.person ? await readPerson(lobby, known.person) : undefined
    if (!person || person.isDisabled) throw ticketOver()
    const { id, name, email, locale } = person
    const context = [house.title.en, house.title.ar, name, email]
    insistOnPassword(input.password, { hasSecondFactor: hasFactor(person), context })
    const hash = await house.hashing.hash(input.password)
    await using work = changingLobby(lobby)
    await work.run(holdPerson(id))
    if (!(await claimTicket(work, 'reset', input.ticket))) throw ticketOver()
    await work.run(keepPassword(id, hash))
    await work.run(voidTickets(id, OPENING))
    const entry = house.record('identity.person.resetPassword', actorOf(person), from, {}, id)
    const sessionsEnded = await endEverywhere(work, lobby, person, { why: 'password-changed', entry })
    const values = { what: 'password', at: new Date().toISOString() } as const
    await commitLobby(work, lobby, [
      letter(house.vault, { workspace: LOBBY, to: email, template: 'credential-changed', locale, values }),
    ])
    changedEverywhere(house, lobby, person)
    house.wake(lobby.realm)
    await house.forgive('sign-in', from.network, emailKey(email))
    return { body: { sessionsEnded } }
  },
})

/** Whatever somebody has in hand that was begun before the password was another one. */
export const OPENING: readonly Purpose[] = ['link', 'reset', 'progress', 'passkey', 'enrolment', 'address']
