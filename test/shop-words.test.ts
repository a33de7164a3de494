import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { readNumber, showNumber, writeNumber } from '../web/ui/number.ts'

/** What the shop’s screens say, and how they read and write numbers. */
describe('numbers', () => {
  test('numbers are read in every script, in groups and to the last digit, and nothing else is', () => {
    const good: [string, number, number][] = [
      ['1184.5', 2, 118_450],
      ['1,18,450.00', 2, 11_845_000],
      ['١٬١٨٤٫٥', 2, 118_450],
      ['۴٫۱۲', 3, 4_120],
      ['0.001', 3, 1],
      ['90071992547409.91', 2, 9_007_199_254_740_991],
      ['12 500', 0, 12_500],
      [' 7. ', 1, 70],
    ]
    for (const [text, digits, units] of good) assert.equal(readNumber(text, digits), units, text)
    for (const text of ['', 'x', '1,5', '1.2.3', '1e3', '0.0001', '--1', '90071992547409930', ',', '.'])
      assert.equal(readNumber(text, 3), undefined, text)
  })

  test('what is shown can be read again, whatever the digits of the currency', () => {
    for (const digits of [0, 2, 3])
      for (const units of [0, 1, 9, 10, 100, 999, 118_450, -5, 9_007_199_254_740_991]) {
        assert.equal(readNumber(writeNumber(units, digits), digits), units)
        assert.equal(readNumber(showNumber(units, digits, 'INR'), digits), units)
      }
    assert.equal(showNumber(11_845_000, 2, 'INR'), '1,18,450.00')
    assert.equal(showNumber(11_845_000, 3, 'KWD'), '11,845.000')
  })
})

const WORDS = JSON.parse(readFileSync('modules/shop/screens/locales/en.json', 'utf8')) as object

test('every word of the shop’s screens is said somewhere', () => {
  const said = globSync('modules/shop/screens/**/*.{ts,tsx}')
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  const plain = Object.keys(WORDS).map((key) => key.replace(/_(one|other)$/, ''))
  const isSaid = (key: string) => said.includes(`'${key}'`) || BUILT.some((prefix) => key.startsWith(prefix))
  assert.deepEqual(
    plain.filter((key) => !isSaid(key)),
    [],
  )
})

/** Keys that are put together where they are said. */
const BUILT = ['group.', 'screen.', 'shop.screen.entry.', 'shop.screen.column.', 'shop.screen.word.'].concat(
  ['balance', 'metal', 'of', 'paper', 'piece', 'place', 'report', 'way', 'invoices'].map(
    (one) => `shop.screen.${one}.`,
  ),
  ['from', 'to', 'tax', 'taxable', 'total', 'roundOff', 'settled', 'credited', 'discount'].map(
    (one) => `shop.screen.${one}`,
  ),
)
