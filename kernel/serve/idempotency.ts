import { hash } from 'node:crypto'
import { Refusal } from '../contract/refusal.ts'
import type { Caller } from '../identity/whois.ts'
import type { Statement } from '../postgres/batch.ts'
import type { Writing } from '../postgres/work.ts'
import type { Vault } from '../vault/vault.ts'
import type { Served } from './catalogue.ts'
import type { Parts } from './parts.ts'

/**
 * Asking twice changes once. A key belongs to one workspace, one actor and one operation; the answer is kept in the
 * transaction of the change itself, so there is an answer to replay exactly when there is a change. Refusals changed
 * nothing and are not kept. What is kept is sealed: an answer may hold a secret that is shown only once.
 */
type Claimed = { replay: string } | { record: (body: string) => Statement[] }

/** How long an answer is kept: longer than any client retries. */
const KEPT_FOR = '24 hours'

export async function claim(
  work: Writing,
  { deployment, vault }: Parts,
  { name }: Served,
  { place, actor }: Caller,
  key: string,
  input: unknown,
): Promise<Claimed> {
  const fingerprint = hash('sha256', JSON.stringify(input))
  const scope = { role: deployment.names.role('serve'), schema: 'serve', workspace: place.workspace }
  const mine = [actor.id, name, key]
  const [locked, , kept] = await work.as(scope, [
    { text: TRY, name: 'claim', values: [hash('sha256', JSON.stringify([place.workspace, ...mine])).slice(0, 15)] },
    { text: PRUNE, name: 'prune', values: [KEPT_FOR] },
    { text: KEPT, name: 'kept', values: mine },
  ])
  if (!locked!.rows[0]!['free']) throw new Refusal(409, 'idempotency-key-in-use', { retryAfter_s: 1 })
  const answer = kept!.rows[0] as { fingerprint: string; body: string } | undefined
  const belongs = `answer ${place.workspace} ${mine.join(' ')}`
  if (!answer)
    return {
      record: (body) => [{ text: KEEP, name: 'keep', values: [...mine, fingerprint, sealAll(vault, body, belongs)] }],
    }
  if (answer.fingerprint !== fingerprint) throw new Refusal(422, 'idempotency-key-reused')
  return { replay: openAll(vault, answer.body, belongs) }
}

/** The vault seals secrets, and an answer may be longer: it is sealed in pieces, each of which knows its place. */
const PIECE_BYTES = 65_536

function sealAll(vault: Vault, body: string, belongs: string): string {
  const bytes = Buffer.from(body)
  const count = Math.max(1, Math.ceil(bytes.length / PIECE_BYTES))
  const piece = (at: number) => bytes.subarray(at * PIECE_BYTES, (at + 1) * PIECE_BYTES)
  return Array.from({ length: count }, (_, at) => vault.seal(piece(at), `${belongs} ${at} of ${count}`)).join(' ')
}

function openAll(vault: Vault, sealed: string, belongs: string): string {
  const pieces = sealed.split(' ').map((piece, at, { length }) => vault.open(piece, `${belongs} ${at} of ${length}`))
  return Buffer.concat(pieces).toString('utf8')
}

/** A structured string in quotes as the draft has it, or the same without them. */
export function idempotencyKeyOf(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = typeof header === 'string' ? /^"?([\x21\x23-\x7e]{1,255})"?$/.exec(header.trim())?.[1] : undefined
  if (!key) throw new Refusal(400, 'invalid', { errors: [{ pointer: '', code: 'not_an_idempotency_key' }] })
  return key
}

const TRY = `select pg_try_advisory_xact_lock(('x' || $1)::bit(60)::bigint) as free`
const PRUNE = `delete from serve.answer where created_at < now() - $1::interval`
const KEPT = `select fingerprint, body from serve.answer where actor = $1 and operation = $2 and key = $3`
const KEEP = `insert into serve.answer (actor, operation, key, fingerprint, body) values ($1, $2, $3, $4, $5)`
