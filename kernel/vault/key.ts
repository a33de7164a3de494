import { createSecretKey, hkdfSync, randomBytes, type KeyObject } from 'node:crypto'

/**
 * A master key and its name. The name is computed from the key, so a key that was damaged or swapped does not answer to
 * it; the bytes stand in a KeyObject, which prints as nothing.
 */
export type MasterKey = { id: string; secret: KeyObject }

export function masterKey(bytes: Buffer): MasterKey {
  const secret = createSecretKey(bytes)
  return { id: Buffer.from(hkdfSync('sha256', secret, '', 'vouchsafe key id', ID_bytes)).toString('hex'), secret }
}

export const newMasterKey = (): Buffer => randomBytes(KEY_bytes)

/** 32 bytes in base64; anything else is `undefined`. */
export function readKeyBytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.length === KEY_bytes && bytes.toString('base64') === text ? bytes : undefined
}

const KEY_bytes = 32

/** Enough that two keys of one ring never share a name; short enough to be read to someone over the telephone. */
const ID_bytes = 8
