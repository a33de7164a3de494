import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { offerAuthentication, offerRegistration } from '../kernel/identity/factors/passkey.ts'
import type { AuthenticationResponse, RegistrationResponse } from '../kernel/identity/factors/passkey-response.ts'

/**
 * A passkey made of software, with the browser around it: answers what `navigator.credentials` would, written from the
 * WebAuthn standard and not from the package that checks it. It also lies on request, one field at a time.
 */
export type Authenticator = {
  create: (options: CreateOptions, lies: Lies) => RegistrationResponse
  get: (options: GetOptions, lies: Lies) => AuthenticationResponse
}
type CreateOptions = Awaited<ReturnType<typeof offerRegistration>>
type GetOptions = Awaited<ReturnType<typeof offerAuthentication>>

/** The origin is never a lie by itself: a browser always has one. */
export type Lies = { origin: string } & Partial<{
  type: string
  challenge: string
  crossOrigin: unknown
  topOrigin: string
  rpId: string
  isPresent: boolean
  isVerified: boolean
  isBackedUp: boolean
  counter: number
  id: string
  userHandle: string | null
  attestation: { fmt: string; attStmt: Map<string, Cbor> }
}>

/** By COSE's numbers: EdDSA, ES256, RS256, and P-384, which is not asked for. */
export type Algorithm = -8 | -7 | -257 | -35

/** Counts its uses, unless `counts` is false as for a passkey that is synchronised. */
export function authenticator(algorithm: Algorithm = -7, { counts = true } = {}): Authenticator {
  const { publicKey, privateKey } = keysFor(algorithm)
  const id = randomBytes(32)
  let uses = 0
  let holder: string | null = null
  const data = (rpId: string, lies: Lies, attested?: Buffer) => {
    uses += counts ? 1 : 0
    return authenticatorData(lies.rpId ?? rpId, lies.counter ?? uses, lies, attested)
  }
  return {
    create(options, lies) {
      holder = options.user.id
      const credential = Buffer.concat([AAGUID, Buffer.of(0, id.length), id, cbor(coseOf(publicKey, algorithm))])
      const { fmt, attStmt } = lies.attestation ?? { fmt: 'none', attStmt: new Map() }
      const authData = data(options.rp.id ?? '', lies, credential)
      const object = new Map<string, Cbor>(Object.entries({ fmt, attStmt, authData }))
      const clientDataJSON = clientData('webauthn.create', options.challenge, lies).toString('base64url')
      const response = { clientDataJSON, attestationObject: cbor(object).toString('base64url') }
      return {
        ...credentialOf(lies.id ?? id.toString('base64url')),
        response: { ...response, transports: ['internal'] },
      }
    },
    get(options, lies) {
      const authData = data(options.rpId ?? '', lies)
      const client = clientData('webauthn.get', options.challenge, lies)
      const signed = Buffer.concat([authData, createHash('sha256').update(client).digest()])
      const response = {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: sign(algorithm === -8 ? null : 'sha256', signed, privateKey).toString('base64url'),
        userHandle: lies.userHandle === undefined ? holder : lies.userHandle,
      }
      return { ...credentialOf(lies.id ?? id.toString('base64url')), response }
    },
  }
}

/** Sixteen zeroes: which make of authenticator this is, is nobody's business. */
const AAGUID = Buffer.alloc(16)

function keysFor(algorithm: Algorithm) {
  if (algorithm === -8) return generateKeyPairSync('ed25519')
  if (algorithm === -257) return generateKeyPairSync('rsa', { modulusLength: 2_048 })
  return generateKeyPairSync('ec', { namedCurve: algorithm === -35 ? 'P-384' : 'P-256' })
}

function authenticatorData(rpId: string, counter: number, lies: Lies, attested: Uint8Array = Buffer.alloc(0)): Buffer {
  const { isPresent = true, isVerified = true, isBackedUp = false } = lies
  const backup = isBackedUp ? ELIGIBLE | BACKED_UP : 0
  const flags = (isPresent ? PRESENT : 0) | (isVerified ? VERIFIED : 0) | backup | (attested.length ? ATTESTED : 0)
  const head = Buffer.alloc(5)
  head.writeUInt8(flags)
  head.writeUInt32BE(counter, 1)
  return Buffer.concat([createHash('sha256').update(rpId).digest(), head, attested])
}

const PRESENT = 1
const VERIFIED = 4
const ELIGIBLE = 8
const BACKED_UP = 16
const ATTESTED = 64

function clientData(type: string, challenge: string, lies: Lies): Buffer {
  const { origin, crossOrigin = false, topOrigin } = lies
  const said = { type: lies.type ?? type, challenge: lies.challenge ?? challenge, origin, crossOrigin, topOrigin }
  return Buffer.from(JSON.stringify(said))
}

const credentialOf = (id: string) =>
  ({ id, rawId: id, type: 'public-key', authenticatorAttachment: 'platform', clientExtensionResults: {} }) as const

/** RFC 9052: key type, algorithm, and the numbers of the key under negative names. */
function coseOf(key: KeyObject, algorithm: Algorithm): Map<number, Cbor> {
  const { kty, x = '', y = '', n = '', e = '' } = key.export({ format: 'jwk' })
  const number = (text: string) => Buffer.from(text, 'base64url')
  const of = (...pairs: [number, Cbor][]) => new Map(pairs)
  if (kty === 'OKP') return of([1, 1], [3, algorithm], [-1, 6], [-2, number(x)])
  if (kty === 'RSA') return of([1, 3], [3, algorithm], [-1, number(n)], [-2, number(e)])
  return of([1, 2], [3, algorithm], [-1, algorithm === -35 ? 2 : 1], [-2, number(x)], [-3, number(y)])
}

type Cbor = number | string | Uint8Array | Cbor[] | Map<number, Cbor> | Map<string, Cbor>

/** RFC 8949, as much of it as an authenticator says. */
function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)])
  const pairs = [...value].map(([key, held]) => Buffer.concat([cbor(key), cbor(held)]))
  return Buffer.concat([head(5, value.size), ...pairs])
}

/** The major type and a length or number of up to 16 bits. */
function head(major: number, n: number): Buffer {
  const sign = major << 5
  if (n < 24) return Buffer.of(sign | n)
  return n < 0x1_00 ? Buffer.of(sign | 24, n) : Buffer.of(sign | 25, n >> 8, n & 0xff)
}
