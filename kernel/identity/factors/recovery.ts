import { hash, randomInt } from 'node:crypto'
import { asTyped } from './typed.ts'

/**
 * Codes on paper, for whoever has lost the phone: ten, each good once. A code is 24 letters out of 29, which are 116
 * random bits. ASVS 6.5.2 wants a slow, salted hash below 112 bits and is content with a fast one from there: so these
 * are a few letters longer than what others print, and in return one look-up by digest finds a code, one statement
 * uses it up, and guessing costs us nothing. They are typed once in years, and pasted more often than typed.
 *
 * What is stored is `digestOf(code)` beside its person. Matching is `delete … where person_id = $1 and digest = $2`:
 * whoever deletes a row has won, and a digest tells an attacker's clock nothing about the code.
 */
export const newCodes = (): string[] => Array.from({ length: CODES }, newCode)

const CODES = 10
const GROUPS = 6
const GROUP_LETTERS = 4

function newCode(): string {
  const letters = () => Array.from({ length: GROUP_LETTERS }, () => ALPHABET.charAt(randomInt(ALPHABET.length)))
  return Array.from({ length: GROUPS }, () => letters().join('')).join('-')
}

/** No two letters of it look alike in print or in handwriting. */
const ALPHABET = '0123456789ACDEFGHJKMNPQRTVWXY'
/** What is left out reads as what it looks like, so that a misreading is no mistake. */
const READ_AS: Record<string, string> = { O: '0', I: '1', L: '1', Z: '2', S: '5', B: '8', U: 'V' }

/** What is stored of a code and looked for, however the code was typed; undefined for what cannot be one. */
export function digestOf(typed: string): string | undefined {
  const code = asTyped(typed)
    .toUpperCase()
    .replace(/[OILZSBU]/g, (letter) => READ_AS[letter]!)
  return FORM.test(code) ? hash('sha256', code) : undefined
}

const FORM = new RegExp(`^[${ALPHABET}]{${GROUPS * GROUP_LETTERS}}$`)
