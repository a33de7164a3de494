import { Refusal } from '../contract/refusal.ts'
import { pointerTo } from './reading.ts'
import { checkText, isForbiddenKey, MAX_KEY_chars } from './text.ts'

/**
 * The query string as one value for each name. A name that comes twice is refused, because the proxy in front may have
 * looked at the other one; so is a percent sign that decodes to nothing.
 */
export function parseQuery(search: string): Record<string, string> {
  const query: Record<string, string> = {}
  if (search === '') return query
  const parts = search.split('&', MAX_PARAMETERS + 1)
  if (parts.length > MAX_PARAMETERS) throw malformed('', 'too-many-keys')
  for (const part of parts) {
    const equals = part.indexOf('=')
    const key = decode(equals === -1 ? part : part.slice(0, equals), '')
    if (key.length > MAX_KEY_chars) throw malformed('', 'key-too-long')
    const pointer = pointerTo(key)
    if (key === '' || isForbiddenKey(key)) throw malformed(pointer, 'forbidden-key')
    if (Object.hasOwn(query, key)) throw malformed(pointer, 'duplicate-key')
    query[key] = equals === -1 ? '' : decode(part.slice(equals + 1), pointer)
  }
  return query
}

/** A query's input is flat and short: the fields of one filter and its page. */
const MAX_PARAMETERS = 100

function decode(part: string, pointer: string): string {
  return checkText(unescaped(part.replaceAll('+', ' '), pointer), pointer)
}

function unescaped(part: string, pointer: string): string {
  if (!PLAIN.test(part)) throw malformed(pointer, 'bad-escape')
  try {
    return decodeURIComponent(part)
  } catch {
    throw malformed(pointer, 'bad-escape')
  }
}

/** A raw byte outside of ASCII reads differently to everyone on the way; it must come escaped. */
const PLAIN = /^[ -~]*$/

const malformed = (pointer: string, code: string) =>
  new Refusal(400, 'malformed-query', { errors: [{ pointer, code }] })
