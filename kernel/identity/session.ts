import type { Statement } from '../postgres/batch.ts'
import type { Writing } from '../postgres/work.ts'

/**
 * A sign-in and all that follows from it, in one workspace. The database decides every question about it in one
 * statement: whether it may go on, whether this is the second tab that asks in the same moment, or whether a token that
 * was exchanged long ago has come back, in which case somebody else has it and the whole session ends.
 */
export type Begun = {
  session: string
  member: string
  expiresAt: string
  /** They were here before, but never with this browser from this part of the network (ASVS 6.3.5). */
  isOdd: boolean
}

export type Proof = 'password' | 'link' | 'passkey' | 'totp' | 'recovery' | 'owner-link'

/** Something one has, beside something one knows or receives; a passkey is only accepted with its own lock opened. */
export const isStrong = (proofs: readonly Proof[]) =>
  proofs.includes('passkey') || (proofs.length > 1 && proofs.some((proof) => proof === 'totp' || proof === 'recovery'))

export type Beginning = {
  person: string
  proofs: readonly Proof[]
  /** What is kept when somebody moves on to another workspace. */
  provedAt?: string | undefined
  strongAt?: string | null | undefined
  expiresAt?: string | undefined
  address: string | undefined
  userAgent: string | undefined
}

/** For an active member, or nothing. */
export async function beginSession(
  work: Writing,
  { person, proofs, provedAt, strongAt, expiresAt, address, userAgent }: Beginning,
  absolute_s: number,
): Promise<Begun | undefined> {
  const now = new Date().toISOString()
  const strong = strongAt === undefined ? (isStrong(proofs) ? now : null) : strongAt
  const { rows } = await work.run({
    text: BEGIN,
    name: 'begin session',
    values: [
      person,
      [...proofs],
      provedAt ?? now,
      strong,
      expiresAt ?? new Date(Date.now() + absolute_s * 1_000).toISOString(),
      address ?? null,
      userAgent?.slice(0, LONGEST_USER_AGENT) ?? null,
    ],
  })
  return rows[0] as Begun | undefined
}

const LONGEST_USER_AGENT = 400

export type Limits = {
  /** Without an exchange for this long it is over. */
  idle_s: number
  /** Another tab that asks with the same token this soon gets the same answer. */
  grace_s: number
}

export type Rotated =
  | { as: 'next' | 'same'; person: string; generation: number; expiresAt: string }
  | { as: 'over' }
  | { as: 'replayed'; person: string }

/** Exchanges a generation for the next. */
export async function rotateSession(
  work: Writing,
  session: string,
  generation: number,
  { idle_s, grace_s }: Limits,
): Promise<Rotated> {
  const next = await work.run({ text: ROTATE, name: 'rotate', values: [session, generation, idle_s] })
  const now = next.rows[0] as { person: string; generation: number; expiresAt: string } | undefined
  if (now) return { as: 'next', ...now }
  const found = await work.run({ text: STANDING, name: 'standing', values: [session, idle_s, grace_s] })
  const is = found.rows[0] as Standing | undefined
  if (!is?.alive) return { as: 'over' }
  const { person, expiresAt } = is
  // Somebody else was first; a moment later this is the second tab, and after that a stranger.
  if (is.generation === generation + 1 && is.fresh) return { as: 'same', person, expiresAt, generation: is.generation }
  await work.run(endSession(session, 'replayed'))
  return { as: 'replayed', person }
}

type Standing = { person: string; generation: number; expiresAt: string; alive: boolean; fresh: boolean }

export type Ending = 'signed-out' | 'ended' | 'switched' | 'replayed' | 'password-changed' | 'disabled' | 'removed'

export const endSession = (session: string, why: Ending): Statement => ({
  text: END,
  name: 'end session',
  values: [session, why],
})

/** All of a person's in this workspace, but for the one that may stay. */
export const endSessions = (person: string, why: Ending, spared: string | null = null): Statement => ({
  text: END_ALL,
  name: 'end sessions',
  values: [person, why, spared],
})

/** They proved anew who they are. */
export const noteProof = (session: string, proof: Proof, strong: boolean): Statement => ({
  text: PROVE,
  name: 'prove',
  values: [session, proof, strong],
})

/**
 * The first two numbers of an address, which mostly belong to one provider: a phone that gets another address every day
 * is not announced every day.
 */
const part = (address: string) => `substring(${address} from '^[0-9a-f]+[.:][0-9a-f]+')`

/** What was over a season ago is of use to nobody, and goes when its owner comes again. */
const BEGIN = `with old as (
    delete from identity.session where person_id = $1 and expires_at < clock_timestamp() - interval '90 days')
  insert into identity.session
    (person_id, member_id, proofs, proved_at, strong_at, expires_at, address, user_agent)
  select m.person_id, m.id, $2::text[], $3::timestamptz, $4::timestamptz, $5::timestamptz, $6::text, $7::text
  from identity.member m where m.person_id = $1 and m.state = 'active'
  returning id as session, member_id as member, expires_at as "expiresAt",
    exists (select from identity.session o where o.person_id = $1)
      and not exists (select from identity.session o where o.person_id = $1
        and o.user_agent is not distinct from $7::text
        and ${part('o.address')} is not distinct from ${part('$6::text')}) as "isOdd"`

const ALIVE = `s.ended_at is null and s.expires_at > clock_timestamp()
  and s.rotated_at > clock_timestamp() - make_interval(secs => $IDLE)
  and exists (select from identity.member m where m.id = s.member_id and m.state = 'active')`
const alive = (parameter: string) => ALIVE.replace('$IDLE', parameter)

const ROTATE = `update identity.session s set generation = generation + 1, rotated_at = clock_timestamp()
  where s.id = $1 and s.generation = $2 and ${alive('$3')}
  returning person_id as person, generation, expires_at as "expiresAt"`

/** Locked, so that what is found is what the exchange before it left behind. */
const STANDING = `select person_id as person, generation, expires_at as "expiresAt", ${alive('$2')} as alive,
    rotated_at > clock_timestamp() - make_interval(secs => $3) as fresh
  from identity.session s where s.id = $1 for update`

const END = `update identity.session set ended_at = clock_timestamp(), ended_why = $2
  where id = $1 and ended_at is null returning id`
const END_ALL = `update identity.session set ended_at = clock_timestamp(), ended_why = $2
  where person_id = $1 and ended_at is null and id is distinct from $3 returning id`
const PROVE = `update identity.session set proved_at = clock_timestamp(), proofs = array_append(proofs, $2),
    strong_at = case when $3 then clock_timestamp() else strong_at end
  where id = $1 and ended_at is null returning id`
