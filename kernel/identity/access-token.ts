import { createPrivateKey, createPublicKey, randomBytes } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { z } from 'zod'
import { Id } from '../contract/values.ts'
import type { Vault } from '../vault/vault.ts'

/**
 * The short-lived half of a session: a signed statement that this is that person's session in that workspace, until a
 * few minutes from now. It says nothing about rights; those are looked up with every change of them. Each day signs
 * with a key of its own, computed from the vault by every process alike, so keys rotate without anybody carrying them
 * around.
 */
export function accessTokens(vault: Vault, audience: string, lives_s: number, type = 'at+jwt'): AccessTokens {
  const keys = dayKeys(vault)
  return {
    lives_s,
    async make({ person, session, workspace }, now_ms = Date.now()) {
      const { kid, secret } = keys.of(dayOf(now_ms))
      const now_s = Math.floor(now_ms / 1_000)
      return await new SignJWT({ sid: session, wid: workspace })
        .setProtectedHeader({ alg: ALGORITHM, kid, typ: type })
        .setIssuer(ISSUER)
        .setAudience(audience)
        .setSubject(person)
        // What is remembered of one that was proven anew must not be what was remembered of the one before it.
        .setJti(randomBytes(JTI_BYTES).toString('base64url'))
        .setIssuedAt(now_s)
        .setNotBefore(now_s)
        .setExpirationTime(now_s + lives_s)
        .sign(secret)
    },
    async read(token, now_ms = Date.now()) {
      try {
        const { payload } = await jwtVerify(token, ({ kid }) => keys.open(kid, now_ms), {
          algorithms: [ALGORITHM],
          audience,
          issuer: ISSUER,
          typ: type,
          requiredClaims: ['exp', 'nbf', 'iat', 'sub'],
          clockTolerance: TOLERANCE_s,
          maxTokenAge: lives_s,
          currentDate: new Date(now_ms),
        })
        const { sub, sid, wid, exp } = Claims.parse(payload)
        return { person: sub, session: sid, workspace: wid, expires_ms: exp * 1_000 }
      } catch (error) {
        if (error instanceof errors.JOSEError || error instanceof z.ZodError) return undefined
        throw error
      }
    },
    publicKeys: (now_ms = Date.now()) =>
      keys.accepted(now_ms).map(({ kid, open }) => ({ ...open.export({ format: 'jwk' }), kid, alg: ALGORITHM })),
  }
}

export type AccessTokens = {
  lives_s: number
  make: (of: Bearer, now_ms?: number) => Promise<string>
  /** Undefined for whatever we did not sign, did not sign for this, or signed too long ago. */
  read: (token: string, now_ms?: number) => Promise<(Bearer & { expires_ms: number }) | undefined>
  /** What a stranger needs to agree with us. */
  publicKeys: (now_ms?: number) => object[]
}

export type Bearer = { person: string; session: string; workspace: string }

/** Three parts with dots between them; anything longer than ours ever are is not worth a look. */
export const isAccessToken = (token: string) => token.length < MOST_CHARS && FORM.test(token)

const FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/
const MOST_CHARS = 1_000
/** Enough that no two tokens of one second are the same. */
const JTI_BYTES = 12
const ALGORITHM = 'EdDSA'
const ISSUER = 'vouchsafe'
/** Two processes need not agree about the time to the second. */
const TOLERANCE_s = 5

const Claims = z.object({ sub: Id, sid: Id, wid: Id, exp: z.int() })

type DayKey = { kid: string; secret: KeyObject; open: KeyObject }

const DAY_MS = 86_400_000
const dayOf = (now_ms: number) => Math.floor(now_ms / DAY_MS)

/** Yesterday's key is good for what it signed just before midnight, tomorrow's for a process whose clock is ahead. */
const ACCEPTED_DAYS = [0, -1, 1]

function dayKeys(vault: Vault) {
  const made = new Map<string, DayKey>()
  const of = (day: number): DayKey => {
    // After a new master key the days have other keys: who is signed in gets a token anew with the next refresh.
    const kid = `${day}.${vault.ring().current}`
    let key = made.get(kid)
    if (!key) {
      if (made.size > 2 * ACCEPTED_DAYS.length) made.clear()
      made.set(kid, (key = { kid, ...keyPair(Buffer.from(vault.mac('session-key', String(day)), 'base64url')) }))
    }
    return key
  }
  const accepted = (now_ms: number) => ACCEPTED_DAYS.map((ahead) => of(dayOf(now_ms) + ahead))
  return {
    of,
    accepted,
    /** Only ours are looked through, whatever else a header may point to. */
    open(kid: string | undefined, now_ms: number): KeyObject {
      const key = accepted(now_ms).find((one) => one.kid === kid)
      if (!key) throw new errors.JWKSNoMatchingKey()
      return key.open
    },
  }
}

/** RFC 8410: 32 bytes are an Ed25519 key once they say that they are one. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

function keyPair(seed: Buffer) {
  const secret = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' })
  return { secret, open: createPublicKey(secret) }
}
