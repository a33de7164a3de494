import { Refusal } from '../../contract/refusal.ts'
import { argon2id } from './argon2id.ts'
import { bcrypt } from './bcrypt.ts'
import { readPassword } from './password.ts'
import { createTurns, type Turns } from './turns.ts'

/**
 * Passwords, kept so that whoever reads the store learns as little as today's mathematics allows: salted, slow, by
 * argon2id or bcrypt as the edition's policy says. Either is understood whatever the policy is, so a policy may change
 * under people who go on signing in. An account that does not exist costs as much as one that does.
 */
export function createHashing(kind: HashKind, { turns = processTurns }: { turns?: Turns } = {}): Hashing {
  const today = METHODS[kind]
  return {
    async hash(password) {
      const text = readPassword(password)
      return turns.take(() => today.hash(text))
    },
    async check(password, stored) {
      const text = readPassword(password)
      if (typeof stored !== 'string') {
        await turns.take(() => today.verify(text, today.nobody))
        return { ok: false, outdated: false }
      }
      const method = methodOf(stored)
      const ok = await turns.take(() => method.verify(text, stored))
      return { ok, outdated: method !== today || method.isWeak(stored) }
    },
  }
}

export type HashKind = 'argon2id' | 'bcrypt'

export type Hashing = {
  /** What to store: never twice the same. */
  hash: (password: string) => Promise<string>
  /** `outdated` asks for a new hash as soon as somebody has come in with the password. */
  check: (password: string, stored: string | undefined | null) => Promise<{ ok: boolean; outdated: boolean }>
}

/** One way of hashing. `nobody` is a hash that costs what a new one costs and that no password opens. */
export type Method = {
  nobody: string
  reads: (stored: string) => boolean
  isWeak: (stored: string) => boolean
  hash: (text: string) => Promise<string>
  verify: (text: string, stored: string) => Promise<boolean>
}

const METHODS: Record<HashKind, Method> = { argon2id, bcrypt }

/** The threads belong to the process, so everybody in it stands in one line for them. */
const processTurns = createTurns()

/** What neither reads was not written by us. It is never shown, not even to the operator: it may be a password. */
function methodOf(stored: string): Method {
  const method = Object.values(METHODS).find(({ reads }) => reads(stored))
  if (!method) throw new Refusal(500, 'internal', { inside: 'a stored password hash has a form that nobody wrote' })
  return method
}
