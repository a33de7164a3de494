import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { world } from '#kernel/testing'
import type { World } from '#kernel/testing'
import { lineEdition, openFile, putMany, readers, rest, take, until } from '../../../test/lines.ts'
import { sql } from '../../../test/people.ts'

/** Files as they are taken: whole, from one moment, by those who may, and recorded before they begin. */
let here: World
before(async () => {
  here = await world(lineEdition())
})
after(() => here[Symbol.asyncDispose]())
beforeEach(() => sql(here)('truncate trial.line'))

const workspace = () => here.north.place.workspace
const put = (texts: readonly string[], into = workspace()) =>
  sql(here)(
    `insert into trial.line (workspace_id, text, place) select $1, t, n from unnest($2::text[]) with ordinality as u (t, n)`,
    [into, texts],
  )
const entries = (action: string) =>
  sql(here)(
    `select outcome, input, target, changes, actor_kind, request_id from audit.entry
     where workspace_id = $1 and action = $2 and outcome = 'done' order by xid, id`,
    [workspace(), action],
  )
test('a file of CSV is what a spreadsheet reads, with its name, and nobody keeps it', async () => {
  await put(['Layla', 'قيد رقم ٧', 'say "yes", or\r\nno', '=1+1'])
  const { status, headers, text } = await take(here)
  assert.equal(status, 200)
  assert.equal(headers.get('content-type'), 'text/csv; charset=utf-8')
  assert.match(headers.get('content-disposition')!, /^attachment; filename="lines-\d{4}-\d\d-\d\d\.csv"$/)
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.match(headers.get('ratelimit-policy')!, /sensitive/)
  const [head, ...rows] = text.split(/\r\n(?!no)/)
  assert.equal(head, '\uFEFFid,text,place,tags')
  assert.deepEqual(
    rows.map((row) => row.slice(37)),
    ['Layla,1,[]', 'قيد رقم ٧,2,[]', '"say ""yes"", or\r\nno",3,[]', "'=1+1,4,[]", ''],
  )
})

test('a file of JSON Lines is a row a line, filtered as asked, and of no other workspace', async () => {
  await put(['mine', 'other'])
  await put(['mine'], here.south.place.workspace)
  const { headers, text } = await take(here, { format: 'jsonl', text: 'mine' })
  assert.equal(headers.get('content-type'), 'application/jsonl; charset=utf-8')
  const rows = text
    .trimEnd()
    .split('\n')
    .map((one) => JSON.parse(one) as { text: string; place: number; tags: [] })
  assert.deepEqual(
    rows.map(({ text, place, tags }) => ({ text, place, tags })),
    [{ text: 'mine', place: 1, tags: [] }],
  )
  assert.equal((await take(here, { format: 'jsonl', text: 'nothing' })).text, '')
  assert.equal((await take(here, { text: 'nothing' })).text, '\uFEFFid,text,place,tags\r\n')
})

test('it is recorded with its filter before the first byte, once', async () => {
  await put(['one'])
  const before = (await entries('trial.line.take')).length
  const told = await take(here, { format: 'jsonl', text: 'one' })
  const [entry, ...more] = (await entries('trial.line.take')).slice(before)
  assert.deepEqual(more, [])
  assert.deepEqual(entry, {
    outcome: 'done',
    input: { format: 'jsonl', text: 'one', rows: 1 },
    target: null,
    changes: null,
    actor_kind: 'key',
    request_id: told.headers.get('x-request-id'),
  })
})

test('what cannot be recorded is not sent', async () => {
  await put(['secret'])
  const { parts } = here.served
  const { record } = parts
  parts.record = () => ({ text: 'select 1 / 0', name: 'broken' })
  try {
    const told = await take(here)
    assert.deepEqual([told.status, told.body.code], [503, 'unavailable'])
    assert.ok(!told.text.includes('secret'))
  } finally {
    parts.record = record
  }
  await until(async () => (await readers(here)) === 0)
})

test('whatever can be refused is a problem and no file, and leaves no entry of something done', async () => {
  const before = (await entries('trial.line.take')).length
  for (const [input, code] of [
    [{ format: 'xlsx' }, 400],
    [{ cursor: 'x' }, 400],
    [{ limit: '5' }, 400],
    [{ unknown: '1' }, 400],
  ] as const) {
    const told = await take(here, input)
    assert.equal(told.status, code, told.text)
    assert.equal(told.headers.get('content-type'), 'application/problem+json; charset=utf-8')
    assert.equal(told.headers.get('content-disposition'), null)
  }
  assert.equal((await here.nobody.call('trial.line.take')).status, 401)
  assert.equal((await entries('trial.line.take')).length, before)
})

test('a column that is not declared leaves in no file, and a failure before the first row is a problem', async () => {
  await put(['one'])
  const told = await take(here, {}, 'trial.line.takeTooMuch')
  assert.deepEqual([told.status, told.body.code], [500, 'internal'])
  await sql(here)('update trial.line set place = 0')
  assert.equal((await take(here, {}, 'trial.line.takeBroken')).status, 500)
  assert.equal((await take(here, { breaks: 'first' }, 'trial.line.takeLines')).status, 500)
  for (const name of ['takeTooMuch', 'takeBroken', 'takeLines'])
    assert.deepEqual(await entries(`trial.line.${name}`), [], name)
  await until(async () => (await readers(here)) === 0)
})

test('lines that are made see one state too', async () => {
  await putMany(here, 3)
  const file = await openFile(here, 'trial.line.takeLines', {})
  assert.equal((await file.pieces.next()).value, '{"n":3}\n')
  await putMany(here, 2)
  await file.pieces.next()
  assert.equal((await file.pieces.next()).value, '{"n":3}\n')
  assert.equal((await file.pieces.next()).done, true)
})

test('two files at once hold one state each, whatever is added meanwhile', async () => {
  await putMany(here, 1_500)
  const first = await openFile(here, 'trial.line.take', { format: 'jsonl' })
  await first.pieces.next()
  await putMany(here, 700)
  const second = await openFile(here, 'trial.line.take', { format: 'jsonl' })
  await sql(here)('delete from trial.line')
  assert.equal((await rest(first)) + 500, 1_500)
  assert.equal(await rest(second), 2_200)
})
