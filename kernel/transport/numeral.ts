import { malformed, type Reading } from './reading.ts'

/**
 * Reads a number, and refuses one that would become another number: a whole number beyond what JavaScript counts
 * exactly, digits that a double cannot hold, an exponent that ends in infinity or in nothing.
 */
export function readNumeral(reading: Reading): number {
  NUMERAL.lastIndex = reading.at
  const literal = NUMERAL.exec(reading.text)?.[0]
  if (literal === undefined) throw malformed(reading, 'syntax')
  reading.at += literal.length
  if (literal.length > MAX_NUMERAL_chars) throw malformed(reading, 'inexact-number')
  const value = Number(literal)
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) throw malformed(reading, 'number-out-of-range')
  if (!isExact(literal, value)) throw malformed(reading, 'inexact-number')
  return value
}

/** Seventeen digits say all that a double holds; the rest is room for a sign, a point, zeros and an exponent. */
const MAX_NUMERAL_chars = 64

const NUMERAL = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y

/** Fifteen significant digits always survive the way into a double and back, unless an exponent is involved. */
const SURELY_EXACT_chars = 15

function isExact(literal: string, value: number): boolean {
  if (literal.length <= SURELY_EXACT_chars && !literal.includes('e') && !literal.includes('E')) return true
  const printed = String(value)
  return literal === printed || canonical(literal) === canonical(printed)
}

/** The same quantity is the same text: its digits without zeros around them, and the power of ten of the last one. */
function canonical(literal: string): string {
  const [mantissa = '', exponent = '0'] = literal.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const digits = `${whole}${fraction}`.replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`
}
