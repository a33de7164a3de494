import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { generateAuthenticationOptions, generateRegistrationOptions } from '@simplewebauthn/server'

/**
 * Passkeys. There is one kind: it finds its account by itself and verifies who holds it, so that it can be the only
 * thing a person signs in with. A key that can do neither is refused when it is registered, and its owner is left with
 * a code from an app. The same passkey also serves as a second factor after a password; there a touch is enough.
 *
 * The caller keeps the challenge of `offer…` for `CHALLENGE_MS` at most, with its purpose and the browser that asked,
 * and deletes it in the statement that reads it: it is good for one answer, right or wrong. What `verify…` gives is
 * stored, and nothing else of what a browser says.
 */
export type Party = { id: string; name: string; origins: readonly string[] }

/**
 * Who we are to a browser: the first origin's host is the name that passkeys are bound to, for good. Undefined where no
 * browser has passkeys: at an IP address, or over plain HTTP other than on localhost.
 */
export function partyOf(name: string, origins: readonly [string, ...string[]]): Party | undefined {
  const urls = origins.map((origin) => new URL(origin))
  const id = urls[0]!.hostname
  const isBelow = ({ hostname }: URL) => hostname === id || hostname.endsWith(`.${id}`)
  const isSafe = ({ protocol, hostname }: URL) => protocol === 'https:' || /^(?:.+\.)?localhost$/.test(hostname)
  if (isIP(id.replace(/[[\]]/g, '')) || !urls.every((url) => isBelow(url) && isSafe(url))) return undefined
  return { id, name, origins: urls.map(({ origin }) => origin) }
}

/** As long as a person takes to find the key in another bag. */
export const CHALLENGE_MS = 300_000
/** ASVS 6.7.2 asks for 64 bits. */
const CHALLENGE_BYTES = 32

/** EdDSA, ES256, RS256: COSE's numbers, and all that today's authenticators sign with. */
export const ALGORITHMS = [-8, -7, -257]

export type Known = { id: string; transports: readonly string[] }
/** Names are for the person's own list; the handle is the opaque id and says nothing to whoever finds the key. */
export type Holder = { id: string; name: string; displayName: string }

export const offerRegistration = (party: Party, holder: Holder, existing: readonly Known[]) =>
  generateRegistrationOptions({
    rpName: party.name,
    rpID: party.id,
    userID: handleOf(holder.id),
    userName: holder.name,
    userDisplayName: holder.displayName,
    challenge: new Uint8Array(randomBytes(CHALLENGE_BYTES)),
    timeout: CHALLENGE_MS,
    attestationType: 'none',
    excludeCredentials: existing.map(descriptor),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  })

export const handleOf = (id: string) => new Uint8Array(Buffer.from(id.replaceAll('-', ''), 'hex'))

const descriptor = ({ id, transports }: Known) => ({ id, transports: [...transports] })

/** To sign in, any passkey the person has here; as a second factor, one of those the account is known to have. */
export const offerAuthentication = (party: Party, known?: readonly Known[]) =>
  generateAuthenticationOptions({
    rpID: party.id,
    challenge: new Uint8Array(randomBytes(CHALLENGE_BYTES)),
    timeout: CHALLENGE_MS,
    userVerification: known ? 'preferred' : 'required',
    ...(known && { allowCredentials: known.map(descriptor) }),
  })
