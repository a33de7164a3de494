import { log } from '../base/log.ts'
import type { Writing } from '../postgres/work.ts'
import { digestOf } from './factors/recovery.ts'
import { verifyAuthentication } from './factors/passkey-proof.ts'
import type { Purpose } from './factors/passkey-proof.ts'
import type { AuthenticationResponse } from './factors/passkey-response.ts'
import type { Party } from './factors/passkey.ts'
import { matchingStep } from './factors/totp.ts'
import type { House } from './house.ts'

/**
 * Second factors held against what is stored, each in a transaction that stands in the lobby. Whatever proves something
 * is used up by the statement that accepts it, so the same code does not prove it twice, not even at the same moment.
 */
export async function provesApp({ vault }: Pick<House, 'vault'>, work: Writing, person: string, code: string) {
  const { rows } = await work.run({ text: APPS, name: 'apps', values: [person] })
  for (const { id, secret, lastStep } of rows as App[]) {
    const step = matchingStep(vault.open(secret, sealedFor(person)), code, Date.now(), lastStep)
    if (step === undefined) continue
    const used = await work.run({ text: STEP, name: 'use step', values: [id, step] })
    if (used.affected === 1) return true
  }
  return false
}

export async function provesCode(work: Writing, person: string, typed: string): Promise<boolean> {
  const digest = digestOf(typed)
  if (!digest) return false
  return (await work.run({ text: CODE, name: 'use code', values: [person, digest] })).affected === 1
}

/** Whose passkey it is; undefined where it proves nothing. */
export async function provesPasskey(
  work: Writing,
  party: Party,
  { challenge, response, purpose, person }: Shown,
): Promise<string | undefined> {
  const { rows } = await work.run({ text: PASSKEY, name: 'passkey', values: [response.id] })
  const stored = rows[0] as Stored | undefined
  if (!stored || (person !== undefined && stored.person !== person)) return undefined
  const passkey = { ...stored, id: response.id, publicKey: Buffer.from(stored.publicKey, 'base64url') }
  const proof = await verifyAuthentication(party, challenge, response, passkey, purpose)
  if (!proof.proven) {
    log('passkey refused', { why: proof.why, inside: proof.inside })
    return undefined
  }
  const used = await work.run({ text: COUNT, name: 'count passkey', values: [stored.row, proof.counter] })
  return used.affected === 1 ? stored.person : undefined
}

type Shown = {
  challenge: string
  response: AuthenticationResponse
  purpose: Purpose
  /** Where it is known already who it must be. */
  person?: string | undefined
}

/** An app's secret opens beside its own person only. */
export const sealedFor = (person: string) => `factor ${person}`

type App = { id: string; secret: string; lastStep: number }
type Stored = { row: string; person: string; publicKey: string; counter: number }

const APPS = `select id, secret, last_step as "lastStep" from identity.factor
  where person_id = $1 and confirmed_at is not null`
const STEP = 'update identity.factor set last_step = $2 where id = $1 and last_step < $2'
const CODE = `update identity.recovery_code set used_at = clock_timestamp()
  where person_id = $1 and hash = $2 and used_at is null`
const PASSKEY = `select id as row, person_id as person, public_key as "publicKey", counter from identity.passkey
  where credential_id = $1`
const COUNT = `update identity.passkey set counter = $2, last_used_at = clock_timestamp()
  where id = $1 and (counter < $2 or $2 = 0)`
