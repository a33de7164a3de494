import { createHmac } from 'node:crypto'
import native from '@node-rs/bcrypt'
import type { Method } from './hashing.ts'

/** 2^12 rounds; ASVS 5.0 appendix C asks for 10. */
const COST = 12

/** A cost of at most 16: whoever can write to the store cannot make a sign-in take minutes. */
const FORM = /^\$2b\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}$/

/** On threads of the process's own, by a library that brings its builds as packages and runs nothing to install. */
export const bcrypt: Method = {
  nobody: `$2b$${COST}$${'.'.repeat(53)}`,
  reads: (stored) => FORM.test(stored),
  isWeak: (stored) => Number(FORM.exec(stored)![1]) < COST,
  hash: (text) => native.hash(shorten(text), COST),
  verify: (text, stored) => native.verify(shorten(text), stored),
}

/**
 * bcrypt sees 72 bytes and drops the rest in silence, so what it is given is the SHA-384 of the password, which is 64
 * letters of base64 and contains no zero byte. The HMAC's key is a label and no secret: it makes the digest one that
 * occurs nowhere else, so that unsalted digests which leaked elsewhere cannot be tried here in place of passwords.
 */
const shorten = (text: string) => createHmac('sha384', 'vouchsafe: a password for bcrypt').update(text).digest('base64')
