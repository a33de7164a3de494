import { readNumeral } from './numeral.ts'
import { malformed, open, skipSpace, type Reading } from './reading.ts'
import { isForbiddenKey, MAX_KEY_chars, textFault } from './text.ts'

/**
 * Transport is the skin between the network and everything else: bodies and query strings that mean one thing only,
 * the headers of every answer, certificates, and who is on the other side. It knows no operation and no database.
 *
 * JSON has corners where two readers disagree, and an attacker lives in the disagreement. This parser gives what
 * `JSON.parse` gives, or refuses: a body it accepts has one meaning, and every text and number in it can be stored.
 */
export function parseJson(body: string | Buffer): unknown {
  const reading = open(body)
  skipSpace(reading)
  const value = readValue(reading)
  skipSpace(reading)
  if (reading.at < reading.text.length) throw malformed(reading, 'syntax')
  return value
}

/** Deeper than any operation's input by far, and shallow enough that reading it by recursion costs nothing. */
export const MAX_DEPTH = 32

/** A body of one MiB could hold half a million values; the longest real list, an import, has tens of thousands. */
export const MAX_VALUES = 100_000

/** No operation's input has a tenth of this. */
export const MAX_KEYS_PER_OBJECT = 1_000

function readValue(reading: Reading): unknown {
  reading.values += 1
  if (reading.values > MAX_VALUES) throw malformed(reading, 'too-many-values')
  const code = reading.text.charCodeAt(reading.at)
  if (code === QUOTE) return readString(reading)
  if (code === BRACE_OPEN) return readObject(reading)
  if (code === BRACKET_OPEN) return readArray(reading)
  if (code === LETTER_T) return readWord(reading, 'true', true)
  if (code === LETTER_F) return readWord(reading, 'false', false)
  if (code === LETTER_N) return readWord(reading, 'null', null)
  return readNumeral(reading)
}

function readWord(reading: Reading, word: string, value: boolean | null) {
  if (!reading.text.startsWith(word, reading.at)) throw malformed(reading, 'syntax')
  reading.at += word.length
  return value
}

function readObject(reading: Reading): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  enter(reading)
  for (let keys = 0; !closes(reading, BRACE_CLOSE, keys); keys += 1) {
    reading.path[reading.depth - 1] = undefined
    const key = readKey(reading)
    reading.path[reading.depth - 1] = key
    if (keys === MAX_KEYS_PER_OBJECT) throw malformed(reading, 'too-many-keys')
    if (isForbiddenKey(key)) throw malformed(reading, 'forbidden-key')
    if (Object.hasOwn(object, key)) throw malformed(reading, 'duplicate-key')
    object[key] = readValue(reading)
  }
  leave(reading)
  return object
}

function readArray(reading: Reading): unknown[] {
  const array: unknown[] = []
  enter(reading)
  for (let index = 0; !closes(reading, BRACKET_CLOSE, index); index += 1) {
    reading.path[reading.depth - 1] = index
    array.push(readValue(reading))
  }
  leave(reading)
  return array
}

function enter(reading: Reading) {
  if (reading.depth === MAX_DEPTH) throw malformed(reading, 'too-deep')
  reading.path[reading.depth] = undefined
  reading.depth += 1
  reading.at += 1
}

function leave(reading: Reading) {
  reading.depth -= 1
  reading.at += 1
}

/** Stands on the closing mark or on the next member; a comma is wanted between members and nowhere else. */
function closes(reading: Reading, mark: number, members: number): boolean {
  skipSpace(reading)
  const code = reading.text.charCodeAt(reading.at)
  if (code === mark) return true
  if (members === 0) return false
  if (code !== COMMA) throw malformed(reading, 'syntax')
  reading.at += 1
  skipSpace(reading)
  if (reading.text.charCodeAt(reading.at) === mark) throw malformed(reading, 'syntax')
  return false
}

function readKey(reading: Reading): string {
  if (reading.text.charCodeAt(reading.at) !== QUOTE) throw malformed(reading, 'syntax')
  const key = readString(reading)
  if (key.length > MAX_KEY_chars) throw malformed(reading, 'key-too-long')
  skipSpace(reading)
  if (reading.text.charCodeAt(reading.at) !== COLON) throw malformed(reading, 'syntax')
  reading.at += 1
  skipSpace(reading)
  return key
}

/** Most strings have no escape: they are one slice of the text. */
function readString(reading: Reading): string {
  const { text } = reading
  let start = reading.at + 1
  let value = ''
  let escaped = false
  for (let at = start; ; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      reading.at = at + 1
      value = escaped ? value + text.slice(start, at) : text.slice(start, at)
      return checkRaw(reading, value, escaped)
    }
    if (code === BACKSLASH) {
      value += text.slice(start, at)
      reading.at = at
      value += readEscape(reading)
      escaped = true
      start = reading.at
      at = start - 1
    } else if (!(code >= SPACE)) throw malformed(reading, code === 0 ? 'nul' : 'syntax')
  }
}

/** Only an escape can bring NUL or half a character into a body that was whole as text. */
function checkRaw(reading: Reading, value: string, escaped: boolean): string {
  if (!escaped && reading.wellFormed) return value
  const code = textFault(value)
  if (code) throw malformed(reading, code)
  return value
}

/** Stands on the backslash; leaves behind the escape. */
function readEscape(reading: Reading): string {
  const letter = reading.text.charAt(reading.at + 1)
  if (letter === 'u') {
    const digits = reading.text.slice(reading.at + 2, reading.at + 6)
    if (!FOUR_HEX.test(digits)) throw malformed(reading, 'syntax')
    reading.at += 6
    return String.fromCharCode(Number.parseInt(digits, 16))
  }
  const character = ESCAPES.get(letter)
  if (character === undefined) throw malformed(reading, 'syntax')
  reading.at += 2
  return character
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const BRACE_OPEN = 0x7b
const BRACE_CLOSE = 0x7d
const BRACKET_OPEN = 0x5b
const BRACKET_CLOSE = 0x5d
const COMMA = 0x2c
const COLON = 0x3a
const SPACE = 0x20
const LETTER_T = 0x74
const LETTER_F = 0x66
const LETTER_N = 0x6e
const FOUR_HEX = /^[0-9a-fA-F]{4}$/
const ESCAPES = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])
