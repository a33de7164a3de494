import { z } from 'zod'
import { Refusal } from '../../contract/refusal.ts'
import { Line, oneOf } from '../../contract/values.ts'
import { letter } from '../../mail/letter.ts'
import { Writing } from '../../postgres/work.ts'
import type { From, House } from '../house.ts'
import { changingLobby, commitLobby, Email, emailKey, hintOf, identityScope, lobbyOf, LOBBY } from '../lobby.ts'
import { insistOnPassword } from '../passwords/rules.ts'
import { findPerson } from '../person.ts'
import { claimTicket, hintIn, linkTo, newTicket, peekTicket, ticketOver, until } from '../ticket.ts'
import { done, Keep, Next } from './arrive.ts'
import { inEvenTime } from './mailed.ts'
import { way } from './way.ts'
import { becomeOwner } from './welcome.ts'

/**
 * Opening a workspace of one's own, where the edition lets strangers do so. Until somebody has come back with the link
 * from the letter there is no person, no password and no workspace: an address that nobody has confirmed is written
 * down as what a ticket is about, and goes with it.
 */
export const signUp = way({
  name: 'sign-up',
  summary: 'Ask for a link to open a workspace of one’s own, by e-mail; the answer is the same for everybody',
  who: 'anyone',
  input: z.strictObject({ email: Email }),
  output: z.strictObject({}),
  example: { email: 'asha@example.com' },
  async run(house, { input: { email }, from }) {
    insistOnOpen(house)
    await house.attempt('sign-up', from.network, emailKey(email))
    await inEvenTime(() => writeTo(house, email, from))
    return { body: {} }
  },
})

export const signUpFinish = way({
  name: 'sign-up-finish',
  summary: 'Open a workspace with the link from a letter, as its first owner',
  who: 'anyone',
  input: z.strictObject({
    ticket: z.string().max(200),
    name: Line,
    password: z.string().max(1_000),
    workspaceName: Line,
    locale: oneOf('en', 'ar').default('en'),
    keep: Keep,
  }),
  output: Next,
  example: { ticket: 'vst_…', name: 'Asha', password: 'a long and unusual sentence', workspaceName: 'North Gold' },
  refuses: ['address-taken'],
  async run(house, { input: { ticket, name, workspaceName, locale, keep, ...typed }, from }) {
    insistOnOpen(house)
    const shared = await lobbyOf(house.realms, house.shared, hintIn(ticket))
    const asked = await peekTicket<{ email: string }>(shared, 'sign-up', ticket)
    if (!asked) throw ticketOver()
    const { email } = asked.subject
    const context = [house.title.en, house.title.ar, workspaceName, name, email]
    insistOnPassword(typed.password, { hasSecondFactor: false, context })
    const password = await house.hashing.hash(typed.password)
    if (await findPerson(shared, emailKey(email))) throw new Refusal(409, 'address-taken')
    // Used up before there is a workspace: of all who come with it at once, one makes one.
    await useUp(house, ticket, emailKey(email))
    const { workspace, realm } = await house.openWorkspace(workspaceName, from)
    const lobby = await lobbyOf(house.realms, realm, workspace)
    await using work = new Writing(lobby.pool, identityScope(lobby.names, workspace))
    const owner = { workspace, name, email, locale, password, proof: 'link' as const }
    return done(await becomeOwner(house, work, lobby, owner, from), keep)
  },
})

/** To whoever has that address: that it is theirs already, or how it becomes theirs. */
async function writeTo(house: House, email: string, from: From): Promise<void> {
  const lobby = await lobbyOf(house.realms, house.shared)
  const known = await findPerson(lobby, emailKey(email))
  const { token, statement } = newTicket('sign-up', hintOf(lobby, LOBBY), { subject: { email } })
  const letters = { workspace: LOBBY, to: known?.email ?? email, locale: known?.locale ?? from.locale }
  const values = { link: linkTo('sign-up', token), expires: until('sign-up') }
  await using work = changingLobby(lobby)
  await work.run(statement)
  await commitLobby(work, lobby, [
    known
      ? letter(house.vault, { ...letters, template: 'already-registered', values: { link: '/enter' } })
      : letter(house.vault, { ...letters, template: 'confirm-address', values }),
  ])
  house.wake(lobby.realm)
}

/** With all others that were sent to this address: one mailbox opens one workspace, whichever links it uses at once. */
async function useUp(house: House, ticket: string, key: string) {
  const lobby = await lobbyOf(house.realms, house.shared, hintIn(ticket))
  await using work = changingLobby(lobby)
  await work.run({ text: HOLD, name: 'hold sign-ups', values: [key] })
  if (!(await claimTicket(work, 'sign-up', ticket))) throw ticketOver()
  await work.run({ text: VOID, name: 'void sign-ups', values: [key] })
  await commitLobby(work, lobby)
}

const HOLD = `select pg_advisory_xact_lock(hashtextextended('sign-up ' || $1, 0))`
const VOID = `update identity.ticket set used_at = clock_timestamp()
  where purpose = 'sign-up' and used_at is null and lower(subject->>'email') = $1`

/** Where strangers may open nothing, there is nothing here for them (row 38). */
function insistOnOpen({ policy }: House) {
  if (policy.signUp !== 'open') throw new Refusal(404, 'not-found')
}
