import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { Id, operations, Page, page, paging } from '#kernel'
import { world } from '#kernel/testing'
import type { Answer, World } from '#kernel/testing'
import { rowColumns, trialEdition } from '../../../test/trial.ts'

/** Lists that are read page by page while rows come and go, whatever stands in the rows, with cursors from anywhere. */
type Tables = { line: { id: string; text: string; place: number } }
const { query } = operations<Tables>()
const Line = z.strictObject({ id: Id, text: z.string(), place: z.int() })
const input = z.strictObject({ ...paging })
const example = () => ({})
const line = {
  list: query({
    summary: 'List the lines, last first',
    input,
    output: Page(Line),
    example,
    run: ({ input, db }) => page(db.selectFrom('line').select(['id', 'text', 'place']), input),
  }),
  sorted: query({
    summary: 'List the lines by text',
    input,
    output: Page(Line),
    example,
    run: ({ input, db }) => page(db.selectFrom('line').select(['id', 'text', 'place']), input, ['text', 'id'], 'asc'),
  }),
  other: query({
    summary: 'List the lines by text as somebody else might',
    input,
    output: Page(Line),
    example,
    run: ({ input, db }) => page(db.selectFrom('line').select(['id', 'text', 'place']), input, ['text', 'id'], 'asc'),
  }),
}

let here: World
before(async () => {
  const sql = 'create table line (like workspace_row including all, text text not null, place integer not null);'
  const columns = { line: { ...rowColumns, text: 'text', place: 'integer' } }
  here = await world(trialEdition({ line }, columns, sql))
})
after(() => here[Symbol.asyncDispose]())

type Row = { id: string; text: string; place: number }
const list = (asked: object, name = 'trial.line.list', side: 'north' | 'south' = 'north') =>
  here.as('owner', side).call(name, asked)
const ok = (answer: Answer) => {
  assert.equal(answer.status, 200, answer.text)
  return answer.body as { data: Row[]; nextCursor: string | null }
}
const isRefused = ({ status, body, text }: Answer, what: string) => {
  assert.equal(status, 400, `${what}: ${text}`)
  assert.equal(body.errors[0].pointer, '/cursor', what)
}

const put = async (texts: readonly string[], workspace = here.north.place.workspace) => {
  const { catalogue } = here.served.live.canaries[0]!.north
  await catalogue(
    `insert into trial.line (workspace_id, text, place) select $1, t, n from unnest($2::text[]) with ordinality as u (t, n)`,
    [workspace, texts],
  )
}
const clear = () => here.served.live.canaries[0]!.north.catalogue('delete from trial.line')

async function walk(
  limit: number,
  name = 'trial.line.list',
  between = async () => undefined as unknown,
): Promise<Row[][]> {
  const pages: Row[][] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const { data, nextCursor } = ok(await list({ limit, ...(cursor && { cursor }) }, name))
    pages.push(data)
    cursor = nextCursor
    await between()
    assert.ok(pages.length < 100, 'the pages have no end')
  }
  return pages
}

test('nothing, a page that is not full, exactly full pages, and one row more', async () => {
  for (const [rows, limit, expected] of [
    [0, 3, [0]],
    [2, 3, [2]],
    [3, 3, [3]],
    [4, 3, [3, 1]],
    [6, 3, [3, 3]],
    [7, 3, [3, 3, 1]],
    [200, 200, [200]],
    [201, 200, [200, 1]],
    [3, 1, [1, 1, 1]],
  ] as const) {
    await clear()
    await put(Array.from({ length: rows }, (_, i) => `row ${i}`))
    const pages = await walk(limit)
    assert.deepEqual(
      pages.map(({ length }) => length),
      expected,
    )
    assert.equal(new Set(pages.flat().map(({ id }) => id)).size, rows)
  }
})

const NASTY = [
  '',
  ' ',
  '\n',
  ', \n',
  '}, \n {',
  '"}, \n {"id":"',
  '\\',
  '\\n',
  '\\", \\n',
  '"',
  '""',
  ']',
  '],"nextCursor":"x"',
  '[{',
  '\u2028',
  '\u2029',
  '\u0001\u001f',
  '\r\n, \n',
  '👍🏽',
  'ا',
  '\t',
  '/* */',
  '</script>',
  `'; drop table line; --`,
  '{"data":[]}',
  '\ufeff',
  '\ue000',
  '\uffff',
  'null',
  '\\u0000',
  `${', \n'.repeat(50)}`,
]

test('whatever stands in the rows, pages are cut where a row ends and the next begins', async () => {
  await clear()
  await put(NASTY)
  for (const name of ['trial.line.list', 'trial.line.sorted'])
    for (const limit of [1, 2, 3, NASTY.length - 1, NASTY.length]) {
      const rows = (await walk(limit, name)).flat()
      assert.deepEqual(rows.map(({ text }) => text).toSorted(), NASTY.toSorted(), `${name} by ${limit}`)
    }
  const texts = (await walk(2, 'trial.line.sorted')).flat().map(({ text }) => Buffer.from(text))
  assert.deepEqual(
    texts,
    texts.toSorted((a, b) => Buffer.compare(a, b)),
    'in the order of their bytes',
  )
})

test('rows that arrive or go while somebody pages shift nothing: none is shown twice, none is left out', async () => {
  await clear()
  await put(Array.from({ length: 20 }, (_, i) => `first ${i}`))
  const all = ok(await list({ limit: 200 })).data.map(({ id }) => id)
  const seen = (await walk(3, 'trial.line.list', () => put(['arrived', 'arrived']))).flat()
  const first = seen.filter(({ text }) => text !== 'arrived').map(({ id }) => id)
  assert.deepEqual(first, all)
  assert.equal(new Set(seen.map(({ id }) => id)).size, seen.length)
  const { catalogue } = here.served.live.canaries[0]!.north
  await catalogue(`delete from trial.line where text = 'arrived'`)
  const { data, nextCursor } = ok(await list({ limit: 5 }))
  await catalogue('delete from trial.line where id = $1', [data.at(-1)!.id])
  const next = ok(await list({ limit: 5, cursor: nextCursor }))
  assert.equal(next.data[0]!.id, all[5], 'though the row that the cursor stands on is gone')
})

test('equal values on the border of two pages are told apart by the id', async () => {
  await clear()
  await put(Array.from({ length: 11 }, () => 'same'))
  const rows = (await walk(2, 'trial.line.sorted')).flat()
  assert.equal(new Set(rows.map(({ id }) => id)).size, 11)
})

test('a cursor of another workspace or another operation, and one that was touched, is none', async () => {
  await clear()
  await put(['a', 'b', 'c', 'd'])
  await put(['a', 'b', 'c', 'd'], here.south.place.workspace)
  const cursor = ok(await list({ limit: 1 })).nextCursor!
  const sorted = ok(await list({ limit: 1 }, 'trial.line.sorted')).nextCursor!
  ok(await list({ cursor }))
  ok(await list({ cursor: sorted }, 'trial.line.sorted'))
  isRefused(await list({ cursor }, 'trial.line.list', 'south'), 'of the neighbour')
  isRefused(await list({ cursor: sorted }, 'trial.line.other'), 'of another operation with the same order')
  isRefused(await list({ cursor: sorted }), 'of another operation')
  const [text = '', signature = ''] = cursor.split('.')
  const forged = [
    `${cursor}x`,
    `${cursor}.`,
    `${cursor}.x`,
    `.${signature}`,
    `${text}.`,
    text,
    signature,
    '.',
    '..',
    'x',
    `${text}.${signature.slice(1)}`,
    `${text}.${signature.toLowerCase()}`,
    `${text}=.${signature}`,
    `${Buffer.from('["a"]').toString('base64url')}.${signature}`,
    `${Buffer.from('[]').toString('base64url')}.${signature}`,
    `${text}\n.${signature}`,
    `${text} .${signature}`,
    'x'.repeat(1_000),
  ]
  for (const one of forged) isRefused(await list({ cursor: one }), one)
  assert.equal((await list({ cursor: 'x'.repeat(1_001) })).status, 400)
})

test('a limit is a whole number between 1 and 200', async () => {
  for (const limit of ['0', '-1', '201', '1.5', 'many', 'NaN', 'Infinity', '1e9', '9007199254740993', ''])
    assert.equal((await list({ limit })).status, 400, limit)
  for (const limit of ['1', '200']) ok(await list({ limit }))
})
