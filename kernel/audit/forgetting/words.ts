/**
 * What a subject is known by, from its own rows in the log. An address or a telephone number is nobody else's, and is
 * looked for everywhere. Any other text (a name, a street, a note) may be somebody else's too, and counts only where
 * the entry also names the subject, or is about a record that does; it is kept in quotes, as it stands in JSON.
 */
export const wordsIn = (said: string, told: string) => `
  select value #>> '{}' as word from ${said} where is_own and key ~ '(^|_)(e?mail|phone|mobile)(_|$)' and ${IS_CONTACT}
  union
  select value::text from ${told} where ${IS_TEXT}`

const TEXT = `(value #>> '{}')`
const IS_CONTACT = `(${TEXT} ~ '^[^\\s"\\\\@]+@[^\\s"\\\\@]+\\.[^\\s"\\\\@]+$' or ${TEXT} ~ '^[+(]?[0-9][0-9 ()./-]+$'
  and length(regexp_replace(${TEXT}, '[^0-9]', '', 'g')) >= 7)`

/**
 * No id, no number and no time; nor what a program calls a state, a role or a currency, unless it is where a name is.
 * Two letters may be a whole name, but not of the Latin ones.
 */
const IS_TEXT = `jsonb_typeof(value) = 'string' and (length(${TEXT}) >= 3 or octet_length(${TEXT}) >= 4)
  and ${TEXT} <> '[secret]' and ${TEXT} ~ '[[:alpha:]]'
  and ${TEXT} !~ '^[0-9][0-9TZ:., +/-]*$' and ${TEXT} !~* '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$'
  and (key ~* '(name|address|note)' or ${TEXT} !~ '^([a-z][a-z0-9_.-]*|[A-Z]{1,5})$')`

/** More than anybody's rows ever said; of what comes beyond, contacts come first. */
const MOST_WORDS = 500

export function merged(known: readonly string[], found: readonly string[]): string[] {
  const all = [...new Set([...known, ...found])]
  const [contacts, texts] = [all.filter((word) => !isText(word)), all.filter(isText)]
  return [...contacts, ...texts].slice(0, MOST_WORDS)
}

/** How a word is found in JSON in which what JSON escapes was made a blank: literally, and not in a longer one. */
export function soughtAs(words: readonly string[]): { contacts: Sought; texts: Sought } {
  const [texts, contacts] = [words.filter(isText), words.filter((word) => !isText(word))]
  const plain = texts.map((text) => cut(text.slice(1, -1).replaceAll(/\\(u[0-9a-f]{4}|.)/g, ' ')))
  return {
    contacts: { plain: contacts, patterns: contacts.map((word) => `${BEFORE}${escaped(word)}${AFTER}`) },
    texts: { plain, patterns: plain.map((text) => `(?<![[:alnum:]])${escaped(text)}${endOf(text)}`) },
  }
}

/** The text is looked for first, which is fast, and the pattern decides. */
type Sought = { plain: string[]; patterns: string[] }

const BEFORE = '(?<![[:alnum:]._%+-])'
const AFTER = '(?![[:alnum:]-]|\\.[[:alnum:]])'

const isText = (word: string) => word.startsWith('"')
const escaped = (word: string) => word.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')

/** A long note is known by how it begins, never with half a letter. */
const LONGEST_chars = 200
const cut = (text: string) => text.slice(0, LONGEST_chars).replace(/[\uD800-\uDBFF]$/, '')
const endOf = (text: string) => (text.length < LONGEST_chars - 1 ? '(?![[:alnum:]])' : '')
