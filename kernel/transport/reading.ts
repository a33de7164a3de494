import { isUtf8 } from 'node:buffer'
import { Refusal } from '../contract/refusal.ts'

/**
 * Where the reader of a body stands. `path` names the member at each depth, `undefined` before its key is known, and is
 * only turned into a pointer when something is refused.
 */
export type Reading = {
  text: string
  at: number
  values: number
  depth: number
  path: (string | number | undefined)[]
  /** False when the text came as a JavaScript string that holds half characters: then every string is looked at. */
  wellFormed: boolean
}

export function open(body: string | Buffer): Reading {
  const reading = { text: '', at: 0, values: 0, depth: 0, path: [], wellFormed: true }
  if (typeof body !== 'string' && !isUtf8(body)) throw malformed(reading, 'not-utf8')
  reading.text = typeof body === 'string' ? body : body.toString('utf8')
  reading.wellFormed = typeof body !== 'string' || body.isWellFormed()
  if (reading.text.charCodeAt(0) === BYTE_ORDER_MARK) throw malformed(reading, 'byte-order-mark')
  return reading
}

const BYTE_ORDER_MARK = 0xfeff

export function malformed(reading: Reading, code: string): Refusal {
  const pointer = reading.path
    .slice(0, reading.depth)
    .filter((part) => part !== undefined)
    .map(pointerTo)
    .join('')
  return new Refusal(400, 'malformed-json', { errors: [{ pointer, code }] })
}

/** One step of a JSON pointer; what was refused may be half a character, and the refusal itself must not be. */
export const pointerTo = (part: string | number) =>
  `/${String(part).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')}`

export function skipSpace(reading: Reading) {
  const { text } = reading
  let { at } = reading
  let code = text.charCodeAt(at)
  while (code === SPACE || code === NEWLINE || code === RETURN || code === TAB) code = text.charCodeAt((at += 1))
  reading.at = at
}

const SPACE = 0x20
const NEWLINE = 0x0a
const RETURN = 0x0d
const TAB = 0x09
