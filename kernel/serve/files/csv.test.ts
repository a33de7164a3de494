import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvHead, csvRow } from './csv.ts'

test('a file begins with a byte order mark and the names, and a row ends with CR LF (RFC 4180)', () => {
  assert.equal(csvHead(['id', 'actorName']), '\uFEFFid,actorName\r\n')
  assert.equal(csvRow(['a', 'b']), 'a,b\r\n')
})

test('what would divide a cell is quoted, and a quote is written twice', () => {
  assert.equal(
    csvRow(['one, two', 'say "yes"', 'line\nbreak', 'both\r\n', 'a;b', 'a\tb']).slice(0, -2).length > 0,
    true,
  )
  assert.equal(csvRow(['one, two']), '"one, two"\r\n')
  assert.equal(csvRow(['say "yes"']), '"say ""yes"""\r\n')
  assert.equal(csvRow(['line\nbreak']), '"line\nbreak"\r\n')
  assert.equal(csvRow(['a;b', 'a\tb', ' a', 'a ']), '"a;b","a\tb"," a","a "\r\n')
})

test('Arabic stays as it is', () => {
  assert.equal(csvRow(['فاتورة رقم ٧', 'محل «اللوتس»']), 'فاتورة رقم ٧,محل «اللوتس»\r\n')
})

test('a text that a spreadsheet would run is a text (ASVS 1.2.10)', () => {
  for (const first of ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) {
    const [cell] = parse(csvRow([`${first}cmd|' /C calc'!A0`]))[0]!
    assert.equal(cell, `'${first}cmd|' /C calc'!A0`, JSON.stringify(first))
  }
  assert.deepEqual(parse(csvRow(['=HYPERLINK("https://evil.example","x")', 'a=b']))[0], [
    `'=HYPERLINK("https://evil.example","x")`,
    'a=b',
  ])
  // A cell that tries to begin another one stays one cell.
  assert.deepEqual(parse(csvRow(['x",=1+1,"', 'x\r\n=1+1'])), [['x",=1+1,"', 'x\r\n=1+1']])
})

test('a number stays a number, nothing is nothing, and what has an inside is JSON', () => {
  assert.equal(csvRow([-12, 0, 1.5, true, null, undefined, '']), '-12,0,1.5,true,,,\r\n')
  assert.deepEqual(parse(csvRow([['a', '=b'], { a: 'x, y' }]))[0], ['["a","=b"]', '{"a":"x, y"}'])
})

/** RFC 4180 read by itself. */
function parse(text: string): string[][] {
  const rows: string[][] = [[]]
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)!.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === '\r\n') rows.push([])
  }
  return rows.slice(0, -1)
}
