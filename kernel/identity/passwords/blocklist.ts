import { dictionary } from '@zxcvbn-ts/language-common'

/** 49,000 passwords that occur most often in what was stolen elsewhere. */
const LISTED = new Set(dictionary['passwords-common'].map((entry) => fold(entry)))

/**
 * Few of the listed ones are long, since few people choose long ones. Where they must, they write a short one twice, or
 * two in a row, or one with the year. So a text is common when it is listed, is two listed ones in a row, repeats a
 * piece that is common or too short to count, or walks along the alphabet; with or without its punctuation, and without
 * what is hung on at either end.
 */
export function isCommon(folded: string): boolean {
  const bare = plain(folded)
  const spellings = [folded, bare].flatMap((text) => [text, text.replace(HUNG_ON, '')])
  return spellings.some((text) => text.length >= folded.length / 2 && isWorn(text))
}

/** A year, an exclamation mark. */
const HUNG_ON = /^\P{L}{1,5}|\P{L}{1,5}$/gu

/** For comparing with lists only: without case, accents and forms of writing. What is hashed is never folded. */
export function fold(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()
}

/** Letters and digits. */
export const plain = (folded: string) => folded.replace(/[^\p{L}\p{N}]/gu, '')

/** A piece that is repeated counts once, and then as little as if it were the whole password. */
const SHORTEST_PIECE = 8

function isWorn(text: string): boolean {
  const piece = pieceOf(text)
  const isTiny = piece !== text && piece.length < SHORTEST_PIECE
  return isTiny || LISTED.has(piece) || isTwoListed(piece) || isRun(text)
}

/** The shortest piece that makes the text when it is repeated, the last time perhaps not to its end. */
function pieceOf(text: string): string {
  for (let length = 1; length <= text.length / 2; length++)
    if (text.startsWith(text.slice(length))) return text.slice(0, length)
  return text
}

function isTwoListed(text: string): boolean {
  for (let at = 1; at < text.length; at++) if (LISTED.has(text.slice(0, at)) && LISTED.has(text.slice(at))) return true
  return false
}

/** abcdefgh, 87654321, 2468: every step is the same. */
function isRun(text: string): boolean {
  const points = Array.from(text, (character) => character.codePointAt(0)!)
  const steps = points.slice(1).map((point, at) => point - points[at]!)
  return new Set(steps).size === 1
}
