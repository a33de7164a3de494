import { createPublicKey, hash, type KeyObject } from 'node:crypto'

/** What a key is found by (c2sp.org/signed-note). The number only tells keys apart, and protects nothing. */
export type KeyName = { readonly name: string; readonly id: number }

/** What a key signs is part of its number: notes, or as a witness that a log only grew. */
export const KIND = { note: 1, cosignature: 4 } as const
export type Kind = (typeof KIND)[keyof typeof KIND]

/** By the standard: best like an address without `https://`. A plus ends it, and so does a space of any kind. */
export const isKeyName = (name: string): boolean =>
  /^[^\p{White_Space}+]+$/u.test(name) && !hasControl(name) && name.isWellFormed()

/** Of ASCII, and but for the end of a line. */
export const hasControl = (text: string): boolean => Array.from(text).some((letter) => letter < ' ' && letter !== '\n')

/** What the key of an Ed25519 pair, either half of it, is called. */
export const keyName = (name: string, key: KeyObject, kind: Kind): KeyName => named(name, kind, publicBytes(key))

function named(name: string, kind: Kind, key: Buffer): KeyName {
  if (!isKeyName(name) || Buffer.byteLength(name) > MOST_NAME_BYTES)
    throw new TypeError(`A key cannot be called ${JSON.stringify(name)}.`)
  const bytes = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(kind), key])
  return { name, id: hash('sha256', bytes, 'buffer').readUInt32BE() }
}

/** As much room as newer kinds of signatures have for it. */
const MOST_NAME_BYTES = 255

function publicBytes(key: KeyObject): Buffer {
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('A log is signed with keys of Ed25519.')
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  return Buffer.from(x!, 'base64url')
}

/** How the public half is handed, as one line, to whoever is to trust it. */
export function verifierKey(name: string, key: KeyObject, kind: Kind): string {
  const bytes = publicBytes(key)
  const id = named(name, kind, bytes).id.toString(16).padStart(8, '0')
  return `${name}+${id}+${Buffer.concat([Buffer.of(kind), bytes]).toString('base64')}`
}

/** That line, for one kind only: what a key says as one can never be taken for what it says as the other. */
export function readVerifierKey(line: string, kind: Kind): KeyName & { readonly key: KeyObject } {
  const [, name, id, coded] = VERIFIER_KEY.exec(line) ?? []
  const bytes = fromBase64(coded ?? '')
  if (!name || bytes?.length !== 1 + KEY_BYTES || bytes[0] !== kind)
    throw new TypeError('This is no key that could verify it.')
  const found = named(name, kind, bytes.subarray(1))
  if (found.id !== Number.parseInt(id!, 16)) throw new TypeError('The key was changed: its number is of another.')
  const key = { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url', 1) }
  return { ...found, key: createPublicKey({ key, format: 'jwk' }) }
}

const VERIFIER_KEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/

const KEY_BYTES = 32

/** RFC 4648 § 4 as it would be written: other letters that stand for the same bytes are refused. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
