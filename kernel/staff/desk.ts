import { hash } from 'node:crypto'
import type { Sql } from '../contract/control.ts'
import { Refusal } from '../contract/refusal.ts'
import { matchingStep, newSecret, stepOf } from '../identity/factors/totp.ts'
import type { Vault } from '../vault/vault.ts'

/**
 * The people who run the platform are another kind of person: other rows, in another database, another way in, another
 * session. A second factor is no choice of theirs. By themselves they can open nothing of any workspace; with a
 * workspace's leave they enter it for a while, with a reason, and its log shows what they did.
 */
export type Staff = { id: string; name: string }

export type Desk = { sql: Sql; vault: Vault }

/** How long an invitation waits, and how long one works before signing in anew. */
const INVITED_FOR = '3 days'
const WORKS_FOR_S = 4 * 3_600

/** A token to be handed over, and the secret of the app that goes with it. */
export async function inviteStaff({ sql, vault }: Desk, name: string, email: string) {
  const [token, secret] = [vault.token('staff'), newSecret()]
  await sql(INVITE, [digest(token), name, email, vault.seal(secret, appOf(email)), INVITED_FOR])
  return { token, secret }
}

/** The invitation, as long as it waits: a look before the work of hashing. */
export async function isInvited({ sql }: Desk, token: string): Promise<boolean> {
  return (await sql(WAITING, [digest(token)])).length === 1
}

/** Uses the invitation up, once the app has shown a code; and the code with it. */
export async function enrolStaff(desk: Desk, token: string, password: string, code: string): Promise<Staff> {
  const [waiting] = (await desk.sql(WAITING, [digest(token)])) as Invitation[]
  if (!waiting) throw new Refusal(401, 'ticket-over')
  const secret = desk.vault.open(waiting.app, appOf(waiting.email))
  const step = matchingStep(secret, code, Date.now(), 0)
  if (step === undefined) throw new Refusal(401, 'wrong-code')
  const [made] = (await desk.sql(ENROL, [digest(token), password, step])) as Staff[]
  if (!made) throw new Refusal(401, 'ticket-over')
  return made
}

export async function findStaff({ sql }: Desk, email: string): Promise<Known | undefined> {
  const [found] = (await sql(FIND, [email])) as Known[]
  return found
}

/** The code, used up by the row that is written for it. */
export async function showsCode({ sql, vault }: Desk, { id, email, app }: Known, code: string): Promise<boolean> {
  const step = matchingStep(vault.open(app, appOf(email)), code, Date.now(), 0)
  if (step === undefined) return false
  return (await sql(USE_STEP, [id, step, stepOf(Date.now()) - KEPT_STEPS])).length === 1
}

export async function openSession(
  { sql, vault }: Desk,
  staff: string,
  from: { address?: string | undefined; userAgent?: string | undefined },
) {
  const token = vault.token('vss')
  await sql(OPEN, [digest(token), staff, WORKS_FOR_S, from.address ?? null, from.userAgent?.slice(0, 400) ?? null])
  return { token, expires_s: WORKS_FOR_S }
}

export async function staffOf({ sql }: Desk, token: string): Promise<Staff | undefined> {
  const [found] = (await sql(WHO, [digest(token)])) as Staff[]
  return found
}

export const isOfStaff = async ({ sql }: Desk, id: string): Promise<boolean> =>
  (await sql('select from staff.person where id = $1', [id])).length === 1

export async function closeSession({ sql }: Desk, token: string): Promise<void> {
  await sql('delete from staff.session where hash = $1', [digest(token)])
}

export const listStaff = ({ sql }: Desk) => sql(LIST)

/** Gone with their sessions, and from the next request on with their visits. */
export async function removeStaff({ sql }: Desk, email: string): Promise<boolean> {
  return (await sql('delete from staff.person where email_key = $1 returning id', [email])).length === 1
}

type Invitation = { name: string; email: string; app: string }
export type Known = Staff & { email: string; password: string; app: string }

const digest = (token: string) => hash('sha256', token)
const appOf = (email: string) => `staff ${email}`

/** A code is looked for in the present step and the one before it. */
const KEPT_STEPS = 4

const INVITE = `insert into staff.invitation (hash, name, email_key, app, expires_at)
  values ($1, $2, $3, $4, clock_timestamp() + $5::interval)`
const WAITING = `select name, email_key as email, app from staff.invitation
  where hash = $1 and expires_at > clock_timestamp()`
const ENROL = `with used as (
    delete from staff.invitation where hash = $1 and expires_at > clock_timestamp() returning name, email_key, app
  ), made as (
    insert into staff.person (name, email_key, password, app) select name, email_key, $2, app from used
    on conflict (email_key) do nothing returning id, name
  ), step as (
    insert into staff.used_step (person_id, step) select id, $3 from made)
  select id, name from made`
const FIND = 'select id, name, email_key as email, password, app from staff.person where email_key = $1'
const USE_STEP = `with old as (delete from staff.used_step where person_id = $1 and step < $3)
  insert into staff.used_step (person_id, step) values ($1, $2) on conflict do nothing returning step`
const OPEN = `with old as (delete from staff.session where expires_at < clock_timestamp())
  insert into staff.session (hash, person_id, expires_at, address, user_agent)
  values ($1, $2, clock_timestamp() + make_interval(secs => $3), $4, $5)`
const WHO = `select p.id, p.name from staff.session s join staff.person p on p.id = s.person_id
  where s.hash = $1 and s.expires_at > clock_timestamp()`
const LIST = `select name, email_key as email, created_at as "createdAt" from staff.person order by created_at`
