import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Method } from './hashing.ts'

/**
 * What a new hash costs: 46 MiB, once over it, in one lane (OWASP's first choice, ASVS 5.0 appendix C). The 32 random
 * bytes are twice what any standard asks for, and cost nothing.
 */
const MEMORY_KiB = 47_104
const PASSES = 1
const LANES = 1
const SALT_BYTES = 32
const TAG_BYTES = 32

/** Numbers of few digits: whoever can write to the store cannot make a sign-in take gigabytes or minutes. */
const FORM = /^\$argon2id\$v=19\$m=([1-9]\d{0,5}),t=([1-9]),p=([1-9])\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/

/** RFC 9106, written as its reference implementation writes it, by the argon2 that Node brings along. */
export const argon2id: Method = {
  nobody: write(Buffer.alloc(SALT_BYTES), Buffer.alloc(TAG_BYTES)),
  reads: (stored) => FORM.test(stored),
  isWeak(stored) {
    const { memory_KiB, passes, salt, tag } = read(stored)
    return memory_KiB < MEMORY_KiB || passes < PASSES || salt.length < SALT_BYTES || tag.length < TAG_BYTES
  },
  async hash(text) {
    const salt = randomBytes(SALT_BYTES)
    return write(salt, await derive(text, { memory_KiB: MEMORY_KiB, passes: PASSES, lanes: LANES, salt }, TAG_BYTES))
  },
  async verify(text, stored) {
    const { tag, ...cost } = read(stored)
    return timingSafeEqual(await derive(text, cost, tag.length), tag)
  },
}

type Cost = { memory_KiB: number; passes: number; lanes: number; salt: Buffer }

function write(salt: Buffer, tag: Buffer): string {
  const [saltText, tagText] = [salt, tag].map((bytes) => bytes.toString('base64').replace(/=+$/, ''))
  return `$argon2id$v=19$m=${MEMORY_KiB},t=${PASSES},p=${LANES}$${saltText}$${tagText}`
}

function read(stored: string): Cost & { tag: Buffer } {
  const [, memory, passes, lanes, salt, tag] = FORM.exec(stored)!
  return {
    memory_KiB: Number(memory),
    passes: Number(passes),
    lanes: Number(lanes),
    salt: Buffer.from(salt!, 'base64'),
    tag: Buffer.from(tag!, 'base64'),
  }
}

/** On a thread of the process's own, never on the one that answers requests. */
const derive = (
  text: string,
  { memory_KiB: memory, passes, lanes: parallelism, salt: nonce }: Cost,
  tagLength: number,
) => promisify(argon2)('argon2id', { message: text, nonce, memory, passes, parallelism, tagLength })
