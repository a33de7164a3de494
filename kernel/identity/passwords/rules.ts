import { isCommon, fold, plain } from './blocklist.ts'
import { codePoints, readPassword, unfit } from './password.ts'

/**
 * What may become a password: long enough, not on the lists that attackers start with, and not made of what anybody
 * would try here. No rule says which kinds of characters it must have (NIST SP 800-63B-4 § 3.1.1.2, ASVS 6.2.5).
 */
export function insistOnPassword(typed: string, { hasSecondFactor, context, pointer = '/password' }: Given): void {
  const text = readPassword(typed, pointer)
  const fewest = hasSecondFactor ? FEWEST_WITH_SECOND_FACTOR : FEWEST
  if (codePoints(text) < fewest) throw unfit('password_too_short', pointer)
  const folded = fold(text)
  if (isCommon(folded)) throw unfit('password_common', pointer)
  if (isMadeOf(context, folded)) throw unfit('password_guessable', pointer)
}

type Given = {
  hasSecondFactor: boolean
  /** Product, edition, workspace, the person's own name and address, as they are written. */
  context: readonly string[]
  /** Where the password stands in the input. */
  pointer?: string
}

const FEWEST = 15
const FEWEST_WITH_SECOND_FACTOR = 8

/** Shorter words are parts of too many others. */
const SHORTEST_WORD = 3

/** What is left when every known word and all digits are taken out must be able to stand alone. */
function isMadeOf(context: readonly string[], folded: string): boolean {
  const whole = plain(folded)
  const left = wordsOf(context).reduce((rest, word) => rest.replaceAll(word, ''), whole)
  if (left === whole) return false
  const letters = left.replace(/\p{N}/gu, '')
  return codePoints(letters) < FEWEST_WITH_SECOND_FACTOR || isCommon(letters)
}

/** The longest first, so that a short one does not break a long one. */
const wordsOf = (context: readonly string[]) =>
  context
    .flatMap((text) => fold(text).match(/[\p{L}\p{N}]+/gu) ?? [])
    .filter((word) => codePoints(word) >= SHORTEST_WORD)
    .sort((a, b) => b.length - a.length)
