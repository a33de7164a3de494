/**
 * Comma-separated values as RFC 4180 has them and as spreadsheets write them: with a mark of byte order or without,
 * with either line break, and a last line that may be empty. A quote that is never closed is no table.
 */
export function parseCsv(text: string): string[][] | undefined {
  const rows: string[][] = []
  let row: string[] = []
  let at = text.startsWith('\uFEFF') ? 1 : 0
  while (at < text.length) {
    const cell = text[at] === '"' ? quoted(text, at) : plain(text, at)
    if (!cell) return undefined
    row.push(cell.value)
    at = cell.end
    if (text[at] === ',') {
      at++
      // A comma at the very end promises one more cell, which is empty.
      if (at < text.length) continue
      row.push('')
    }
    const lineBreak = /\r\n|\r|\n|$/y
    lineBreak.lastIndex = at
    const ended = lineBreak.exec(text)
    if (!ended) return undefined
    at += ended[0].length
    rows.push(row)
    row = []
  }
  return rows.filter((cells) => cells.some((cell) => cell !== ''))
}

type Cell = { value: string; end: number }

function plain(text: string, from: number): Cell {
  const end = /[,\r\n]|$/g
  end.lastIndex = from
  const { index } = end.exec(text)!
  return { value: text.slice(from, index), end: index }
}

/** Two quotes in a row are one; the first that stands alone ends the cell. */
function quoted(text: string, from: number): Cell | undefined {
  for (let at = text.indexOf('"', from + 1); at !== -1; at = text.indexOf('"', at + 2))
    if (text[at + 1] !== '"') return { value: text.slice(from + 1, at).replaceAll('""', '"'), end: at + 1 }
  return undefined
}
