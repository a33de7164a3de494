/**
 * RFC 4180 as spreadsheets read it: a byte order mark, since they would take Arabic for something else without it, a
 * row of names, and every row ended by CR LF. A text that they would run as a formula is made a text by an apostrophe.
 */
export const csvHead = (columns: readonly string[]): string => `\uFEFF${csvRow(columns)}`

export const csvRow = (cells: readonly unknown[]): string => `${cells.map(cell).join(',')}\r\n`

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  // A number is no text that somebody typed: one below nothing stays what it is.
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return quoted(inert(typeof value === 'string' ? value : JSON.stringify(value)))
}

/** What makes a formula of the rest, in the width of Asian scripts too, and what a spreadsheet skips before it. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/

const inert = (text: string): string => (FORMULA.test(text) ? `'${text}` : text)

/** Semicolons and tabs divide cells where a spreadsheet's language says so. */
const DIVIDES = /[",;\t\r\n]|^\s|\s$/

const quoted = (text: string): string => (DIVIDES.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
