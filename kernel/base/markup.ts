/**
 * HTML that cannot be broken out of: every value set into a template is escaped unless it came from a template itself.
 * The mark that says so is a symbol of this file, which no data from outside can carry.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  const text = strings.reduce((sofar, string, index) => sofar + written(values[index - 1]) + string)
  return { [safe]: text }
}

export type Markup = { readonly [safe]: string }
export type Piece = Markup | string | number | undefined | readonly Piece[]

export const textOf = (markup: Markup) => markup[safe]

const safe = Symbol('markup')

function written(piece: Piece): string {
  if (piece === undefined) return ''
  if (Array.isArray(piece)) return piece.map(written).join('')
  if (typeof piece === 'object') return (piece as Markup)[safe]
  return String(piece).replace(/[&<>"'`\0]/g, (character) => ESCAPES[character] ?? '')
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
  '\0': '\uFFFD',
}
