/**
 * One text for one value, in every language and for ever: canonical JSON as RFC 8785 defines it, so that a hash over it
 * can be computed again by people who have never seen this code. Of numbers it takes whole ones that are counted
 * exactly; whatever JSON would drop, round or guess at is refused instead.
 */
export function canonical(value: unknown): string {
  return written(value, 0)
}

/** Far deeper than any input of an operation; a value without an end is refused before the stack is. */
const DEEPEST_levels = 200

function written(value: unknown, depth: number): string {
  if (depth > DEEPEST_levels) throw new TypeError(`a value of more than ${DEEPEST_levels} levels has no canonical form`)
  if (value === null || value === true || value === false) return String(value)
  if (typeof value === 'number') return whole(value)
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${Array.from(value, (each) => written(each, depth + 1)).join()}]`
  if (isPlain(value)) return members(value, depth + 1)
  throw new TypeError(`${describe(value)} has no canonical form`)
}

/** Minus nothing is nothing. */
function whole(value: number): string {
  if (Number.isSafeInteger(value)) return String(value)
  throw new TypeError(`${value} is no whole number that is counted exactly, and has no canonical form`)
}

/** JSON.stringify escapes as the standard does; half of a character is what it would let through. */
function quoted(text: string): string {
  if (text.isWellFormed()) return JSON.stringify(text)
  throw new TypeError('a text with half a character has no canonical form')
}

/** In the order of UTF-16 units, which is how JavaScript sorts. */
function members(value: Record<string, unknown>, depth: number): string {
  const keys = Object.keys(value)
  if (Reflect.ownKeys(value).length !== keys.length) throw new TypeError('a hidden property has no canonical form')
  return `{${keys
    .sort()
    .map((key) => `${quoted(key)}:${written(value[key], depth)}`)
    .join()}}`
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const describe = (value: unknown) =>
  typeof value === 'object' ? `an object of ${value?.constructor.name}` : `a value of type ${typeof value}`
