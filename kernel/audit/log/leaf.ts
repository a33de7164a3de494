import { hash } from 'node:crypto'
import { canonical } from './canonical.ts'
import { HASH_BYTES, leafHash } from './tree.ts'

/**
 * What of an entry goes into the tree. A leaf says who did what to what, when and with which outcome, and where in its
 * workspace's sequence it stands: a number without gaps, and the hash of the leaf before it, so that one workspace's
 * leaves are complete by themselves. What may have to be forgotten is in it only as two hashes, each with a salt of its
 * own: who it was, and what was said. Once one and its salt are erased, nobody can find out what it was, and the
 * leaf is as provable as before.
 */
export function leafOf(
  entry: Facts & { who: Who; what: What },
  seq: number,
  previous: Buffer | null,
  salts: Salts,
): Sealed {
  insistOnPlace(seq, previous)
  if (!MICROSECONDS.test(entry.at)) throw new TypeError(`the time of entry ${entry.id} is not UTC to the microsecond`)
  const who = halfHash(entry.who, salts.who)
  const what = halfHash(entry.what, salts.what)
  const bytes = Buffer.from(canonical(leafFrom(entry, seq, previous, { who, what })))
  return { bytes, hash: leafHash(bytes), who, what }
}

/**
 * What stays for as long as the log does. `transaction` is the number that Postgres gave it, in digits; `at` is UTC to
 * the microsecond, `2026-11-20T13:55:39.123456Z`.
 */
export type Facts = {
  workspace: string
  id: string
  transaction: string
  at: string
  action: string
  outcome: string
  actorKind: string
  actorId: string
  target: string | null
  requestId: string
}

/** What may have to be erased of whoever it was. */
export type Who = { actorName: string; address: string | null; userAgent: string | null }

/** What may have to be erased of what was said, as JSON; null where there is nothing to say. */
export type What = { input: unknown; changes: unknown }

export type Salts = { who: Buffer; what: Buffer }

/** Hashes are base64. The first leaf of a workspace is number 1, and only that has no previous one. */
export type Leaf = Facts & { version: 1; seq: number; previous: string | null; who: string; what: string }

/** The bytes of which the tree holds the hash, and that hash, which the workspace's next leaf will name. */
export type Sealed = { bytes: Buffer; hash: Buffer } & Halves

/** The hashes of both halves. */
export type Halves = { who: Buffer; what: Buffer }

/** Postgres counts microseconds; a JavaScript date would have lost them. */
const MICROSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

/** As long as the hash, so that not even a half of one bit can be guessed. */
const SALT_BYTES = 32

function insistOnPlace(seq: number, previous: Buffer | null): void {
  if (!Number.isSafeInteger(seq) || seq < 1) throw new TypeError(`${seq} is no place in a sequence that begins with 1`)
  if ((previous === null) !== (seq === 1))
    throw new TypeError('the first leaf has no previous one, and every other has')
  if (previous !== null && previous.length !== HASH_BYTES) throw new TypeError(`a hash has ${HASH_BYTES} bytes`)
}

/**
 * SHA-256 over the salt and then the canonical half. The length of a salt is fixed, so the two cannot be confused.
 */
export function halfHash(half: Who | What, salt: Buffer): Buffer {
  if (salt.length !== SALT_BYTES) throw new TypeError(`a salt has ${SALT_BYTES} bytes`)
  return hash('sha256', Buffer.concat([salt, Buffer.from(canonical(named(half)))]), 'buffer')
}

/** A half with its own fields, so that nothing else a row carries can slip in. */
export function named(half: Who | What): Who | What {
  if ('input' in half) return { input: half.input, changes: half.changes }
  return { actorName: half.actorName, address: half.address, userAgent: half.userAgent }
}

/**
 * What Postgres wrote as JSON, as a value that has a canonical form. Where it has none, or a number in it would be read
 * as another, it is the text itself: whatever was written can be sealed, and read again it is the same each time.
 */
export function sealable(json: string | null): unknown {
  if (json === null) return null
  try {
    const value = parse(json, exact)
    canonical({ what: { value: { input: value } } } satisfies Deepest)
    return value
  } catch {
    return json
  }
}

/** How deep in the line of an export it will stand: depth has a limit too. */
type Deepest = { what: { value: { input: unknown } } }

/** Node tells what stood in the text; the types do not know that yet. */
const parse = JSON.parse as (json: string, reviver: typeof exact) => unknown

function exact(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value === 'number' && String(value) !== source) throw new TypeError(`${source} would be read as ${value}`)
  return value
}

/** The leaf as an object, each field by name, for the same reason. */
export const leafFrom = (facts: Facts, seq: number, previous: Buffer | null, { who, what }: Halves): Leaf => ({
  version: 1,
  workspace: facts.workspace,
  seq,
  previous: previous?.toString('base64') ?? null,
  id: facts.id,
  transaction: facts.transaction,
  at: facts.at,
  action: facts.action,
  outcome: facts.outcome,
  actorKind: facts.actorKind,
  actorId: facts.actorId,
  target: facts.target,
  requestId: facts.requestId,
  who: who.toString('base64'),
  what: what.toString('base64'),
})
