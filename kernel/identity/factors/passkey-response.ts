import { z } from 'zod'

/**
 * What a browser sends after `navigator.credentials.create()` and `.get()`, as `PublicKeyCredential.toJSON()` writes
 * it. Of all this only what is signed, or checked against what is stored, is ever used, and transports as a hint; the
 * other fields are let in because browsers send them, bounded so that they cost nothing, and read by nobody.
 */
export const RegistrationResponse = z.strictObject({
  ...common(),
  response: z.strictObject({
    clientDataJSON: bytes(4_096),
    /** With the statement of a TPM, which nobody asked for, it may reach some 6 KB. */
    attestationObject: bytes(8_192),
    transports: z.array(z.string().max(32)).max(8).optional(),
    authenticatorData: bytes(4_096).optional(),
    publicKey: bytes(4_096).nullish(),
    publicKeyAlgorithm: z.int().optional(),
  }),
})

export const AuthenticationResponse = z.strictObject({
  ...common(),
  response: z.strictObject({
    clientDataJSON: bytes(4_096),
    authenticatorData: bytes(4_096),
    /** RSA with 4,096 bits takes 683 letters. */
    signature: bytes(1_024),
    /** 64 bytes at most, says WebAuthn; null where the authenticator gave none. */
    userHandle: bytes(86).nullish(),
  }),
})

export type RegistrationResponse = z.infer<typeof RegistrationResponse>
export type AuthenticationResponse = z.infer<typeof AuthenticationResponse>

function common() {
  return {
    /** 1,023 bytes at most, says WebAuthn. */
    id: bytes(1_364),
    rawId: bytes(1_364),
    type: z.literal('public-key'),
    authenticatorAttachment: z.string().max(32).nullish(),
    /** Extensions may answer unasked, and WebAuthn § 9 has us put up with them. */
    clientExtensionResults: z.looseObject({}).refine((results) => JSON.stringify(results).length <= 2_048),
  }
}

function bytes(mostLetters: number) {
  return z
    .string()
    .max(mostLetters)
    .regex(/^[A-Za-z0-9_-]+$/)
}
