import { hash } from 'node:crypto'
import { canonical } from './canonical.ts'
import { HASH_BYTES, leafHash } from './tree.ts'

/**
 * What of an entry goes into the tree. A leaf says who did what to what, when and with which outcome, and where in its
 * workspace's sequence it stands: a number without gaps, and the hash of the leaf before it, so that one workspace's
 * leaves are complete by themselves. What may have to be forgotten is in it only as a hash with a salt; once payload
 * and salt are erased, nobody can find out what it was, and the leaf is as provable as before.
 */
export function leafOf(
  entry: Facts & { payload: Payload },
  seq: number,
  previous: Buffer | null,
  salt: Buffer,
): Sealed {
  insistOnPlace(seq, previous)
  if (!MICROSECONDS.test(entry.at)) throw new TypeError(`the time of entry ${entry.id} is not UTC to the microsecond`)
  const personal = personalHash(entry.payload, salt)
  const bytes = Buffer.from(canonical(leafFrom(entry, seq, previous, personal)))
  return { bytes, hash: leafHash(bytes), personal }
}

/** What stays for as long as the log does. `at` is UTC to the microsecond, `2026-11-20T13:55:39.123456Z`. */
export type Facts = {
  workspace: string
  id: string
  at: string
  action: string
  outcome: string
  actorKind: string
  actorId: string
  target: string | null
  requestId: string
}

/** What may have to be erased. `input` and `changes` are any JSON, null where there is nothing to say. */
export type Payload = {
  actorName: string
  address: string | null
  userAgent: string | null
  input: unknown
  changes: unknown
}

/** Hashes are base64. The first leaf of a workspace is number 1, and only that has no previous one. */
export type Leaf = Facts & { version: 1; seq: number; previous: string | null; personal: string }

/** The bytes of which the tree holds the hash, and that hash, which the workspace's next leaf will name. */
export type Sealed = { bytes: Buffer; hash: Buffer; personal: Buffer }

/** Postgres counts microseconds; a JavaScript date would have lost them. */
const MICROSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

/** As long as the hash, so that not even a payload of one bit can be guessed. */
const SALT_BYTES = 32

function insistOnPlace(seq: number, previous: Buffer | null): void {
  if (!Number.isSafeInteger(seq) || seq < 1) throw new TypeError(`${seq} is no place in a sequence that begins with 1`)
  if ((previous === null) !== (seq === 1))
    throw new TypeError('the first leaf has no previous one, and every other has')
  if (previous !== null && previous.length !== HASH_BYTES) throw new TypeError(`a hash has ${HASH_BYTES} bytes`)
}

/**
 * SHA-256 over the salt and then the canonical payload. The length of a salt is fixed, so the two cannot be confused.
 */
export function personalHash(payload: Payload, salt: Buffer): Buffer {
  if (salt.length !== SALT_BYTES) throw new TypeError(`a salt has ${SALT_BYTES} bytes`)
  const { actorName, address, userAgent, input, changes } = payload
  return sha256(Buffer.concat([salt, Buffer.from(canonical({ actorName, address, userAgent, input, changes }))]))
}

/** The leaf as an object, each field by name, so that nothing else a row carries can slip in. */
export const leafFrom = (facts: Facts, seq: number, previous: Buffer | null, personal: Buffer): Leaf => ({
  version: 1,
  workspace: facts.workspace,
  seq,
  previous: previous?.toString('base64') ?? null,
  id: facts.id,
  at: facts.at,
  action: facts.action,
  outcome: facts.outcome,
  actorKind: facts.actorKind,
  actorId: facts.actorId,
  target: facts.target,
  requestId: facts.requestId,
  personal: personal.toString('base64'),
})

const sha256 = (bytes: Buffer) => hash('sha256', bytes, 'buffer')
