import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { parseCsv } from './csv.ts'
import { readSheet } from './sheet.ts'

const written = (rows: readonly (readonly string[])[], end: string) =>
  rows.map((cells) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',') + end).join('')

test('whatever stands in the cells, a table that was written is read as it was', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'ا', '\uFEFF', ';', '=') })
  const table = fc
    .array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 })
    .filter((rows) => rows.every((cells) => cells.some((one) => one !== '')))
  fc.assert(
    fc.property(table, fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), (rows, end, isMarked) => {
      assert.deepEqual(parseCsv((isMarked ? '\uFEFF' : '') + written(rows, end)), rows)
    }),
    { numRuns: 5_000 },
  )
})

test('tables are read as spreadsheets write them', () => {
  assert.deepEqual(parseCsv('a,b\r\n1,\r\n,2\r\n'), [
    ['a', 'b'],
    ['1', ''],
    ['', '2'],
  ])
  assert.deepEqual(parseCsv('a,b\n1,2'), [
    ['a', 'b'],
    ['1', '2'],
  ])
  assert.deepEqual(parseCsv('a,b\n\n,\n1,'), [
    ['a', 'b'],
    ['1', ''],
  ])
  assert.deepEqual(parseCsv(''), [])
  for (const broken of ['"a', '"a"b', 'a,"b""']) assert.equal(parseCsv(broken), undefined, broken)
})

test('no text makes it fail, or forget where it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\n', 'a'), maxLength: 60 }), (text) => {
      const rows = parseCsv(text)
      assert.ok(rows === undefined || rows.flat().join('').length <= text.length)
    }),
    { numRuns: 5_000 },
  )
})

const schema = z.strictObject({ name: z.string().min(2), weight: z.int().optional(), phone: z.string().optional() })

test('each row is read by the names of the columns, and each problem says where it is', () => {
  const { rows, problems, count } = readSheet(schema, 'phone,name,weight\n+971,Anna,5\n,B,x\n12,Carl,\n1,2,3,4\n')
  assert.equal(count, 4)
  assert.deepEqual(
    rows.map(({ at, row }) => [at, row.name, row.weight, row.phone]),
    [
      [2, 'Anna', 5, '+971'],
      [4, 'Carl', undefined, '12'],
    ],
  )
  assert.deepEqual(
    problems.map(({ row, column }) => [row, column]),
    [
      [3, 'name'],
      [3, 'weight'],
      [5, ''],
    ],
  )
  const odd = (csv: string) => readSheet(schema, csv).problems.map(({ code }) => code)
  assert.deepEqual(odd('name,colour\nAnna,red'), ['unknown_column'])
  assert.deepEqual(odd('name,name\nAnna,Bert'), ['unknown_column'])
  assert.deepEqual(odd('name,__proto__\nAnna,Bert'), ['unknown_column'])
  assert.deepEqual(odd('"name'), ['not_a_table'])
  assert.deepEqual(odd(`name\n${'Anna\n'.repeat(1_001)}`), ['too_many_rows'])
})
