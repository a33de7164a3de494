import { hash, randomBytes } from 'node:crypto'
import { Refusal } from '../contract/refusal.ts'
import type { Statement } from '../postgres/batch.ts'
import type { Work } from '../postgres/work.ts'
import { inLobby } from './lobby.ts'
import type { Lobby } from './lobby.ts'
import { idFrom, idIn } from './token.ts'

/**
 * The one way in which something works once: a mailed link, a challenge, a sign-in that is half done. Whoever has the
 * token has the right; of two who use it at the same moment one finds it used, because finding and using it up are the
 * same statement.
 */
export type Purpose = keyof typeof LIVES_S

/** How long each may wait to be used. */
const LIVES_S = {
  /** Signing in by mail. */
  link: 600,
  /** A password is proven and a second factor is asked for; or a workspace must be chosen. */
  progress: 600,
  /** The browser asks a passkey. */
  passkey: 300,
  enrolment: 900,
  reset: 1_800,
  address: 86_400,
  'sign-up': 86_400,
  /** Whoever runs the deployment hands this one over. */
  owner: 259_200,
} as const

export type Ticket<Subject = Record<string, unknown>> = {
  id: string
  person: string | null
  subject: Subject
  attempts: number
}

/** A secret of 256 bits behind the place where it belongs; `statement` keeps its hash, to be run in the lobby. */
export function newTicket(
  purpose: Purpose,
  hint: string,
  { person = null, subject = {} }: { person?: string | null; subject?: object } = {},
): { token: string; statement: Statement } {
  const { token, hash } = newSecret(hint)
  const values = [purpose, hash, person, JSON.stringify(subject), LIVES_S[purpose]]
  return { token, statement: { text: ISSUE, name: 'issue ticket', values } }
}

/** The same secret where what it opens has a table of its own. */
export function newSecret(hint: string): { token: string; hash: string } {
  const token = `${SIGN}${idIn(hint)}${randomBytes(SECRET_BYTES).toString('base64url')}`
  return { token, hash: ticketHash(token) }
}

export const ticketHash = (token: string) => hash('sha256', token)

/**
 * Links in letters. What opens something stands behind the `#`, which browsers keep to themselves: whoever follows a
 * link without running the page, as scanners of mail do, sends nothing that could be used up, and no log has it. The
 * rest of the address is what whoever runs this configured, put in front when the letter is written.
 */
export const linkTo = (kind: 'link' | 'invitation' | 'reset' | 'address' | 'sign-up' | 'owner', token: string) =>
  `/enter#${kind}=${token}`

/** Until when a letter says that its link works. */
export const until = (purpose: Purpose) => new Date(Date.now() + LIVES_S[purpose] * 1_000).toISOString()

/** The place that a token names; undefined for what is no ticket. */
export function hintIn(token: string): string | undefined {
  const hint = FORM.exec(token)?.[1]
  return hint && idFrom(hint)
}

/** Uses it up: exactly one caller gets it. */
export async function claimTicket<Subject>(
  work: Work,
  purpose: Purpose,
  token: string,
): Promise<Ticket<Subject> | undefined> {
  const { rows } = await work.run({ text: CLAIM, name: 'claim ticket', values: [ticketHash(token), purpose] })
  return rows[0] as Ticket<Subject> | undefined
}

/** Used, expired, of another kind or never made: nobody is told which. */
export const ticketOver = () => new Refusal(401, 'ticket-over')

/** Whether it could still be used: a look before work that is worth doing for nobody else. */
export async function peekTicket<Subject>(
  lobby: Lobby,
  purpose: Purpose,
  token: string,
): Promise<Ticket<Subject> | undefined> {
  const { rows } = await inLobby(lobby).run({ text: PEEK, name: 'peek ticket', values: [ticketHash(token), purpose] })
  return rows[0] as Ticket<Subject> | undefined
}

/** A wrong answer to it: it may be tried again until `most` were wrong. */
export const countAttempt = (id: string, most: number): Statement => ({
  text: ATTEMPT,
  name: 'attempt ticket',
  values: [id, most],
})

/** Takes back what was issued and not used; all of a purpose when it is of one person. */
export const voidTickets = (person: string, purposes: readonly Purpose[]): Statement => ({
  text: VOID,
  name: 'void tickets',
  values: [person, purposes],
})

const SIGN = 'vst_'
const SECRET_BYTES = 32
const FORM = /^vst_([A-Za-z0-9_-]{22})[A-Za-z0-9_-]{43}$/

/** What ran out is swept with the next one that is made; what somebody else is sweeping is left to them. */
const ISSUE = `with swept as (
    delete from identity.ticket where id in (
      select id from identity.ticket where expires_at < now() - interval '1 day' order by expires_at limit 50
      for update skip locked))
  insert into identity.ticket (purpose, hash, person_id, subject, expires_at)
  values ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5))`
const CLAIM = `update identity.ticket set used_at = clock_timestamp()
  where hash = $1 and purpose = $2 and used_at is null and expires_at > clock_timestamp()
  returning id, person_id as person, subject, attempts`
const PEEK = `select id, person_id as person, subject, attempts from identity.ticket
  where hash = $1 and purpose = $2 and used_at is null and expires_at > clock_timestamp()`
const ATTEMPT = `update identity.ticket set attempts = attempts + 1,
  used_at = case when attempts + 1 < $2 then null else used_at end where id = $1`
const VOID = `update identity.ticket set used_at = clock_timestamp()
  where person_id = $1 and purpose = any($2) and used_at is null`
