import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { asTyped } from './typed.ts'

/**
 * The second factors, as pure parts: codes that change with time, codes on paper, passkeys. They know no database and
 * no request; whoever calls them keeps what they return and sees that it is used once.
 *
 * Here: RFC 6238 as every app on a phone speaks it, with SHA-1, six digits and steps of 30 seconds. Time is the
 * server's alone. A code counts for the step it belongs to, and `matchingStep` never gives a step that was used or is
 * older than one that was. To hold that between requests that race, the step is stored with
 * `… set last_step = $1 where last_step < $1`: whoever changes a row has won.
 */
export const newSecret = (): Buffer => randomBytes(SECRET_BYTES)

/** As long as what HMAC-SHA-1 gives, as RFC 4226 § 4 recommends. */
const SECRET_BYTES = 20

export const stepOf = (now_ms: number): number => Math.floor(now_ms / STEP_MS)

const STEP_MS = 30_000

/**
 * The step whose code was typed, to be stored as the last one; undefined where there is none to accept. `lastStep` is 0
 * where none was used yet.
 */
export function matchingStep(secret: Uint8Array, typed: string, now_ms: number, lastStep: number): number | undefined {
  const code = asTyped(typed)
  if (!CODE.test(code)) return undefined
  const now = stepOf(now_ms)
  // All are compared before one is chosen. The latest comes first: where two steps share a code, both are used up.
  return Array.from({ length: LATE_STEPS + 1 }, (_, ago) => now - ago)
    .filter((step) => timingSafeEqual(Buffer.from(codeAt(secret, step)), Buffer.from(code)))
    .find((step) => step > lastStep)
}

const CODE = /^\d{6}$/

/**
 * Why a code may be one step late (ASVS 6.5.5 wants at most 30 seconds): it is read, typed and sent, and one that was
 * read in the last seconds of its step would be refused although nobody did wrong; RFC 6238 § 5.2 recommends this one
 * step. So a code lives for at most 60 seconds, and dies at once when it or a later one is used. No step ahead is
 * accepted: phones keep time, and a code of the future could have been prepared.
 */
const LATE_STEPS = 1

export function codeAt(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const truncated = mac.readUInt32BE(mac.at(-1)! & 0xf) & 0x7f_ff_ff_ff
  return String(truncated % 10 ** DIGITS).padStart(DIGITS, '0')
}

const DIGITS = 6

/** What the QR code says. The issuer is what the person will look for in a list of accounts: product and workspace. */
export function enrolmentUri({ secret, issuer, account }: Enrolment): string {
  const [by, of] = [label(issuer), label(account)]
  const more = `issuer=${by}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_MS / 1_000}`
  return `otpauth://totp/${by}:${of}?secret=${base32(secret)}&${more}`
}

export type Enrolment = { secret: Uint8Array; issuer: string; account: string }

/** A colon would end the issuer, also one that is escaped, since apps decode before they split. */
const label = (text: string) =>
  encodeURIComponent(text.replaceAll(':', ' ').slice(0, MOST_LABEL_CHARACTERS).toWellFormed())

/** Arabic letters take six characters of a URI each, twice: a longer name makes a QR code that cameras give up on. */
const MOST_LABEL_CHARACTERS = 64

/** RFC 4648 without padding, for people who cannot scan: 20 bytes are 32 letters. */
export function base32(bytes: Uint8Array): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return bits.replace(/.{1,5}/g, (five) => BASE32.charAt(Number.parseInt(five.padEnd(5, '0'), 2)))
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
