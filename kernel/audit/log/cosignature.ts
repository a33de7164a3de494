import { sign, verify, type KeyObject } from 'node:crypto'
import { keyName, KIND, readVerifierKey } from './key.ts'
import type { Signer, Verifier } from './note.ts'

/**
 * What a witness adds to a checkpoint (c2sp.org/tlog-cosignature, Ed25519): that at this time this was the largest tree
 * of that log it had seen, and that all it saw before is in it. Whoever makes a signer has checked that.
 */
export const cosigner = (name: string, privateKey: KeyObject, now_s: number): Signer => ({
  ...keyName(name, privateKey, KIND.cosignature),
  sign(text) {
    const time = Buffer.alloc(TIME_BYTES)
    time.writeBigUInt64BE(BigInt(now_s))
    return Buffer.concat([time, sign(null, message(now_s, text), privateKey)])
  },
})

const TIME_BYTES = 8

/** Its first line keeps it from being taken for a note that a log signed. */
const message = (at_s: number, text: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`cosignature/v1\ntime ${at_s}\n`), text])

export function cosignatureVerifier(line: string): Verifier {
  const { name, id, key } = readVerifierKey(line, KIND.cosignature)
  return {
    name,
    id,
    verify(text, signature) {
      const at_s = signature.length < TIME_BYTES ? undefined : cosignedAt_s(signature)
      return Number.isSafeInteger(at_s) && verify(null, message(at_s!, text), key, signature.subarray(TIME_BYTES))
    },
  }
}

/** The time that a signature speaks of; whether it lies ahead is for whoever has a clock. */
export const cosignedAt_s = (signature: Buffer): number => Number(signature.readBigUInt64BE())
