import { Refusal } from '../../contract/refusal.ts'

/** Room for a sentence, in any script. */
const MOST_CODE_POINTS = 128

/**
 * Longer than this nothing comes down to 128: one composed character comes from at most four code points of two units.
 * It keeps composing away from a megabyte of accents, which would take a minute.
 */
const MOST_UNITS = MOST_CODE_POINTS * 4 * 2

/**
 * What was typed, in the one spelling that is hashed and compared. A keyboard may send é as one character or as two;
 * apart from that nothing is changed: not trimmed, not cut, no letter's case. Every password goes through here.
 */
export function readPassword(typed: string, pointer = '/password'): string {
  if (!typed.isWellFormed()) throw unfit('password_not_text', pointer)
  if (typed.length > MOST_UNITS) throw unfit('password_too_long', pointer)
  const text = typed.normalize('NFC')
  if (codePoints(text) > MOST_CODE_POINTS) throw unfit('password_too_long', pointer)
  return text
}

/** Which rule says no. Never which entry of which list: others may see the answer, and people change one letter. */
export const unfit = (code: string, pointer: string) => new Refusal(400, code, { errors: [{ pointer, code }] })

export const codePoints = (text: string) => Array.from(text).length
