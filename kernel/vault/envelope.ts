import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { Trouble } from '../base/trouble.ts'
import type { MasterKey } from './key.ts'

/**
 * The envelope itself, AES-256-GCM twice: the secret under a fresh data key with its context as associated data, and
 * the data key under the master key. A data key encrypts once, so its nonce cannot repeat; master keys see random
 * nonces, which stay safe for four billion secrets.
 */
export function sealSecret(master: MasterKey, plaintext: Buffer | string, context: string): string {
  const secret = Buffer.from(plaintext)
  if (secret.length > MAX_SECRET_bytes) throw new Error('the vault seals secrets, not documents')
  const dataKey = randomBytes(KEY_bytes)
  const nonce = randomBytes(NONCE_bytes)
  const ciphertext = encrypt(dataKey, nonce, secret, contextData(context))
  const sealed = join({ kek: master.id, wrapped: wrap(master, dataKey), nonce, ciphertext })
  dataKey.fill(0)
  return sealed
}

export function openSealed(master: MasterKey, sealed: string, context: string): Buffer {
  const { wrapped, nonce, ciphertext } = split(sealed)
  const dataKey = unwrap(master, wrapped)
  const secret = decrypt(dataKey, nonce, ciphertext, contextData(context))
  dataKey.fill(0)
  return secret
}

export function rewrapSealed(old: MasterKey, current: MasterKey, sealed: string): string {
  const parts = split(sealed)
  const dataKey = unwrap(old, parts.wrapped)
  const moved = join({ ...parts, kek: current.id, wrapped: wrap(current, dataKey) })
  dataKey.fill(0)
  return moved
}

/** Says under which master key a text is sealed, without opening it. */
export const kekOf = (sealed: string): string => split(sealed).kek

/** Passwords, tokens, private keys: the longest, an RSA key with its chain, is a quarter of this. */
export const MAX_SECRET_bytes = 65_536

const KEY_bytes = 32
const NONCE_bytes = 12
const TAG_bytes = 16

/** 60 bytes of wrapped key and 12 of nonce come out even in base64url; a ciphertext is as long as its secret. */
const FORM = /^v1\.([0-9a-f]{16})\.([\w-]{80})\.([\w-]{16})\.([\w-]{22,})$/

type Parts = { kek: string; wrapped: Buffer; nonce: Buffer; ciphertext: Buffer }

const join = ({ kek, wrapped, nonce, ciphertext }: Parts) =>
  ['v1', kek, ...[wrapped, nonce, ciphertext].map((part) => part.toString('base64url'))].join('.')

/** One text for one envelope: a spelling that only decodes to the same bytes is not what we wrote. */
function split(sealed: string): Parts {
  const [, kek = '', ...texts] = FORM.exec(sealed) ?? altered()
  const [wrapped, nonce, ciphertext] = texts.map((text) => Buffer.from(text, 'base64url'))
  if (!wrapped || !nonce || !ciphertext) return altered()
  const parts = { kek, wrapped, nonce, ciphertext }
  return join(parts) === sealed ? parts : altered()
}

function wrap(master: MasterKey, dataKey: Buffer): Buffer {
  const nonce = randomBytes(NONCE_bytes)
  return Buffer.concat([nonce, encrypt(master.secret, nonce, dataKey, wrapData(master))])
}

const unwrap = (master: MasterKey, wrapped: Buffer) =>
  decrypt(master.secret, wrapped.subarray(0, NONCE_bytes), wrapped.subarray(NONCE_bytes), wrapData(master))

/** The two uses of the cipher can never be taken for each other. */
const wrapData = ({ id }: MasterKey) => Buffer.from(`vouchsafe v1 key ${id}`)
const contextData = (context: string) => Buffer.from(`vouchsafe v1 secret ${context}`)

type CipherKey = Parameters<typeof createCipheriv>[1]

function encrypt(key: CipherKey, nonce: Buffer, plaintext: Buffer, associated: Buffer): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_bytes })
  cipher.setAAD(associated)
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: CipherKey, nonce: Buffer, ciphertext: Buffer, associated: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_bytes })
  decipher.setAAD(associated)
  decipher.setAuthTag(ciphertext.subarray(-TAG_bytes))
  const plaintext = decipher.update(ciphertext.subarray(0, -TAG_bytes))
  try {
    return Buffer.concat([plaintext, decipher.final()])
  } catch {
    return altered()
  }
}

function altered(): never {
  throw new Trouble('Restore the row from a backup: a sealed secret was altered, or moved from where it belongs.', 5)
}
