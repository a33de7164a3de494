import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server'
import { isoBase64URL, isoCBOR } from '@simplewebauthn/server/helpers'
import { ALGORITHMS, handleOf } from './passkey.ts'
import type { Known, Party } from './passkey.ts'
import type { AuthenticationResponse, RegistrationResponse } from './passkey-response.ts'

/** What a browser brought back, held against what was asked and what is stored. */
export type Registered = Known & { proven: true; publicKey: Uint8Array; counter: number; isBackedUp: boolean }
/**
 * `cloned`: the signature is right and the counter went backwards, so somebody has a copy. `inside` is for the
 * operator's log and holds words of the sender.
 */
export type Unproven = { proven: false; why: 'mismatch' | 'cloned'; inside: string }

export const verifyRegistration = (
  party: Party,
  challenge: string,
  response: RegistrationResponse,
): Promise<Registered | Unproven> =>
  orUnproven<Registered>(async () => {
    refuseFrames(response.response.clientDataJSON)
    const { clientDataJSON, transports = [] } = response.response
    const attestationObject = withoutStatement(response.response.attestationObject)
    const { registrationInfo } = await verifyRegistrationResponse({
      response: { ...signedParts(response), response: { clientDataJSON, attestationObject } },
      ...expected(party, challenge),
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    })
    if (registrationInfo?.credential.id !== response.id) return mismatch('another credential was registered')
    const { credential, credentialBackedUp: isBackedUp } = registrationInfo
    const { id, publicKey, counter } = credential
    return { proven: true, id, publicKey, counter, isBackedUp, transports: transports.filter(isTransport) }
  })

const isTransport = (said: string) => ['ble', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'].includes(said)

export type Passkey = { id: string; publicKey: Uint8Array; counter: number; person: string }
export type Purpose = 'sign-in' | 'second-factor'
export type Authenticated = { proven: true; counter: number; isVerified: boolean; isBackedUp: boolean }

/**
 * `passkey` is the stored one that `response.id` names. The counter is stored anew with
 * `… set counter = $1 where counter < $1 or $1 = 0`: of two answers that race with one counter, one is a copy's.
 */
export const verifyAuthentication = (
  party: Party,
  challenge: string,
  response: AuthenticationResponse,
  passkey: Passkey,
  purpose: Purpose,
): Promise<Authenticated | Unproven> =>
  orUnproven<Authenticated>(async () => {
    const { clientDataJSON, authenticatorData, signature, userHandle } = response.response
    refuseFrames(clientDataJSON)
    if (response.id !== passkey.id) return mismatch('another credential answered')
    const handle = Buffer.from(handleOf(passkey.person)).toString('base64url')
    const isNameless = !userHandle && purpose === 'second-factor'
    if (userHandle !== handle && !isNameless) return mismatch('the credential answered for another person')
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...signedParts(response), response: { clientDataJSON, authenticatorData, signature } },
      ...expected(party, challenge),
      requireUserVerification: purpose === 'sign-in',
      // The counter is ours to compare: the package does it before it looks at the signature, and then anybody could
      // have a passkey called cloned.
      credential: { id: passkey.id, publicKey: new Uint8Array(passkey.publicKey), counter: 0 },
    })
    if (!verified) return mismatch('the signature is wrong')
    const { newCounter: counter, userVerified: isVerified, credentialBackedUp: isBackedUp } = authenticationInfo
    const counts = counter > 0 || passkey.counter > 0
    if (counts && counter <= passkey.counter)
      return { proven: false, why: 'cloned', inside: `counter ${counter} after ${passkey.counter}` }
    return { proven: true, counter, isVerified, isBackedUp }
  })

/** The package throws whatever is wrong, and so do the parsers below it: none of it is an error of ours. */
async function orUnproven<T>(verify: () => Promise<T | Unproven>): Promise<T | Unproven> {
  try {
    return await verify()
  } catch (error) {
    return mismatch(error instanceof Error ? error.message : 'not an error')
  }
}

const mismatch = (inside: string): Unproven => ({
  proven: false,
  why: 'mismatch',
  inside: inside.slice(0, MOST_INSIDE_CHARACTERS),
})

/** The sender's own words stand in it. */
const MOST_INSIDE_CHARACTERS = 300

/** Pages of ours stand in nobody's frame; the package minds only some of the ways in which a browser may tell. */
function refuseFrames(clientDataJSON: string) {
  const { crossOrigin = false, topOrigin } = JSON.parse(isoBase64URL.toUTF8String(clientDataJSON)) as Framed
  if (crossOrigin !== false || topOrigin !== undefined) throw new Error('asked for in a frame of another origin')
}

type Framed = { crossOrigin?: unknown; topOrigin?: unknown }

const signedParts = ({ id, rawId }: { id: string; rawId: string }) =>
  ({ id, rawId, type: 'public-key', clientExtensionResults: {} }) as const

const expected = (party: Party, challenge: string) => ({
  expectedChallenge: challenge,
  expectedOrigin: [...party.origins],
  expectedRPID: party.id,
})

/**
 * We ask for no attestation, so none is read, whatever a browser adds: certificates from strangers, and the lists of
 * revoked ones that they name on servers of their choice, stay closed.
 */
function withoutStatement(attestationObject: string): string {
  const given = isoCBOR.decodeFirst<Map<string, Cbor>>(isoBase64URL.toBuffer(attestationObject))
  const bare: Cbor = new Map<string, Cbor>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', given.get('authData')],
  ])
  return isoBase64URL.fromBuffer(isoCBOR.encode(bare))
}

type Cbor = Parameters<typeof isoCBOR.encode>[0]
