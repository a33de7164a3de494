import { createHmac, createSecretKey, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { Trouble } from '../base/trouble.ts'
import { kekOf, openSealed, rewrapSealed, sealSecret } from './envelope.ts'
import type { MasterKey } from './key.ts'
import { openRing, type KeySource } from './ring.ts'

/**
 * The vault turns a secret into text that may lie in a database: whoever reads the table, or a backup of it, reads
 * nothing. Each secret has a key of its own, that key is wrapped under the current master key, and the place where the
 * secret belongs is sealed in with it, so that text copied to another row no longer opens.
 *
 * It is functions only and keeps no secret; master keys never leave this folder.
 */
export function openVault(source: KeySource): Vault {
  const ring = openRing(source)
  const keyOf = (id: string) => ring.find(id) ?? lost(id)
  const derived = derivedKeys()
  return {
    seal: (plaintext, context) => sealSecret(ring.current(), plaintext, context),
    open: (sealed, context) => openSealed(keyOf(kekOf(sealed)), sealed, context),
    rewrap: (sealed) => rewrapSealed(keyOf(kekOf(sealed)), ring.current(), sealed),
    rotate: () => ring.add().id,
    kekOf,
    ring: () => ({ current: ring.current().id, known: ring.all().map(({ id }) => id) }),
    mac: (purpose, data) => macOf(derived(ring.current(), purpose), data),
    checkMac(purpose, data, mac) {
      return ring.all().some((key) => isSame(macOf(derived(key, purpose), data), mac))
    },
    token: (purpose) => `${checkPurpose(purpose)}_${randomBytes(TOKEN_bytes).toString('base64url')}`,
  }
}

export type Vault = {
  /** Text to be stored: `v1.<key id>.<wrapped data key>.<nonce>.<ciphertext and tag>`. */
  seal: (plaintext: Buffer | string, context: string) => string
  /** Throws when a byte was altered, when the context is another one, and when the master key is not ours. */
  open: (sealed: string, context: string) => Buffer
  /** The same secret under the current master key; the secret itself is neither read nor rewritten. */
  rewrap: (sealed: string) => string
  /** Makes a new master key current and gives its id; older ones stay for opening. */
  rotate: () => string
  kekOf: (sealed: string) => string
  /** Ids only. */
  ring: () => { current: string; known: readonly string[] }
  /** A tag for what goes out and comes back within hours, such as a cursor: it does not outlive its master key. */
  mac: (purpose: string, data: Buffer | string) => string
  checkMac: (purpose: string, data: Buffer | string, mac: string) => boolean
  /** A new secret of 256 bits that says what it is for: `invite_…`. The caller keeps a hash of it. */
  token: (purpose: string) => string
}

const TOKEN_bytes = 32
const DERIVED_bytes = 32

/** Purposes are words in our code; more than this means that somebody derives keys from what a caller sent. */
const MAX_DERIVED = 256

type Derived = (key: MasterKey, purpose: string) => KeyObject

function derivedKeys(): Derived {
  const kept = new Map<string, KeyObject>()
  return ({ id, secret }, purpose) => {
    const name = `${id} ${checkPurpose(purpose)}`
    const found = kept.get(name)
    if (found) return found
    if (kept.size === MAX_DERIVED) throw new Error('too many purposes: a purpose is a word in the code, never input')
    // As an object it is handed over once; as bytes each use would make the object anew, which costs more than the
    // rest.
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `vouchsafe mac ${purpose}`, DERIVED_bytes)))
    kept.set(name, key)
    return key
  }
}

function checkPurpose(purpose: string): string {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(purpose)) throw new Error('a purpose is one lower-case word')
  return purpose
}

const macOf = (key: KeyObject, data: Buffer | string) => createHmac('sha256', key).update(data).digest('base64url')

function isSame(ours: string, theirs: string): boolean {
  const [left, right] = [Buffer.from(ours), Buffer.from(theirs)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function lost(id: string): never {
  throw new Trouble(
    `Restore the master key ${id} from your backup: secrets are sealed under it, and no other key opens them.`,
  )
}
