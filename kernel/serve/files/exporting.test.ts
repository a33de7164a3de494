import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql as raw } from 'kysely'
import { z } from 'zod'
import { file, formats, Id, lines, operations } from '#kernel'
import { world } from '#kernel/testing'
import type { World } from '#kernel/testing'
import { sql } from '../../../test/people.ts'
import { rowColumns, trialEdition } from '../../../test/trial.ts'
import { exporting } from './exporting.ts'

/** Files as they are taken: whole, from one moment, by those who may; and those who go away or dawdle hold up nobody. */
type Tables = { line: { id: string; text: string; place: number; day: string | null; tags: string[] } }
const { download } = operations<Tables>()
const Line = z.strictObject({ id: Id, text: z.string(), place: z.int(), tags: z.array(z.string()) })
const columns = ['id', 'text', 'place', 'tags'] as const
const kind = { name: 'lines', types: ['text/csv', 'application/jsonl'] as const }
const given = { input: z.strictObject({ ...formats, text: z.string().max(50).optional() }), example: () => ({}) }

const line = {
  take: download({
    ...given,
    summary: 'Take the lines',
    file: kind,
    output: Line,
    run({ input, db }) {
      const all = db.selectFrom('line').select(columns)
      return file([input.text === undefined ? all : all.where('text', '=', input.text)], input.format, ['place'], 'asc')
    },
  }),
  takeTooMuch: download({
    ...given,
    summary: 'Take more than is declared',
    file: kind,
    output: Line,
    run: ({ input, db }) => file([db.selectFrom('line').select([...columns, 'day'])], input.format),
  }),
  takeBroken: download({
    ...given,
    summary: 'Take what cannot be computed',
    file: kind,
    output: Line,
    run: ({ input, db }) =>
      file(
        [
          db
            .selectFrom('line')
            .select(columns)
            .where(raw`1 / place`, '=', 1),
        ],
        input.format,
      ),
  }),
  takeLines: download({
    summary: 'Take lines that are made',
    file: { name: 'made', types: ['application/jsonl'] },
    input: z.strictObject({ breaks: z.enum(['never', 'first', 'later']).default('never') }),
    output: z.strictObject({ n: z.int() }),
    example: () => ({}),
    run: ({ input: { breaks }, db }) => lines(made(breaks, () => db.selectFrom('line').select('place').execute())),
  }),
}

async function* made(breaks: string, look: () => Promise<{ place: number }[]>) {
  if (breaks === 'first') throw new Error('broken at once')
  yield `{"n":${(await look()).length}}\n`
  yield `${' '.repeat(200_000)}\n`
  if (breaks === 'later') throw new Error('broken later')
  yield `{"n":${(await look()).length}}\n`
}

let here: World
before(async () => {
  const table = `create table line (like workspace_row including all, text text not null, place integer not null,
    day date, tags text[] not null default '{}');`
  const typed = { ...rowColumns, text: 'text', place: 'integer', day: 'date null', tags: 'text[] default' }
  here = await world(trialEdition({ line }, { line: typed }, table))
})
after(() => here[Symbol.asyncDispose]())
beforeEach(() => sql(here)('truncate trial.line'))

const workspace = () => here.north.place.workspace
const put = (texts: readonly string[], into = workspace()) =>
  sql(here)(
    `insert into trial.line (workspace_id, text, place) select $1, t, n from unnest($2::text[]) with ordinality as u (t, n)`,
    [into, texts],
  )
/** In pieces, since no single act may change as much. */
const putMany = async (count: number, length = 10) => {
  for (let from = 0; from < count; from += AT_ONCE)
    await sql(here)(
      `insert into trial.line (workspace_id, text, place)
         select $1, repeat('x', $2::int), n from generate_series($3::int + 1, $4::int) n`,
      [workspace(), length, from, Math.min(count, from + AT_ONCE)],
    )
}
const AT_ONCE = 3_000
const take = (input: object = {}, name = 'trial.line.take') => here.as('owner').call(name, input)
const entries = (action: string) =>
  sql(here)(
    `select outcome, input, target, changes, actor_kind, request_id from audit.entry
     where workspace_id = $1 and action = $2 and outcome = 'done' order by xid, id`,
    [workspace(), action],
  )
/** Connections of files: those of the pools are never in a transaction for long. */
const openTransactions = async () =>
  (
    await sql(here)(`select count(*)::int as n from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`)
  )[0]!['n'] as number

test('a file of CSV is what a spreadsheet reads, with its name, and nobody keeps it', async () => {
  await put(['Layla', 'قيد رقم ٧', 'say "yes", or\r\nno', '=1+1'])
  const { status, headers, text } = await take()
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
  const { headers, text } = await take({ format: 'jsonl', text: 'mine' })
  assert.equal(headers.get('content-type'), 'application/jsonl; charset=utf-8')
  const rows = text
    .trimEnd()
    .split('\n')
    .map((one) => JSON.parse(one) as { text: string; place: number; tags: [] })
  assert.deepEqual(
    rows.map(({ text, place, tags }) => ({ text, place, tags })),
    [{ text: 'mine', place: 1, tags: [] }],
  )
  assert.equal((await take({ format: 'jsonl', text: 'nothing' })).text, '')
  assert.equal((await take({ text: 'nothing' })).text, '\uFEFFid,text,place,tags\r\n')
})

test('it is recorded with its filter before the first byte, once', async () => {
  await put(['one'])
  const before = (await entries('trial.line.take')).length
  const told = await take({ format: 'jsonl', text: 'one' })
  const [entry, ...more] = (await entries('trial.line.take')).slice(before)
  assert.deepEqual(more, [])
  assert.deepEqual(entry, {
    outcome: 'done',
    input: { format: 'jsonl', text: 'one' },
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
    const told = await take()
    assert.deepEqual([told.status, told.body.code], [503, 'unavailable'])
    assert.ok(!told.text.includes('secret'))
  } finally {
    parts.record = record
  }
  await until(async () => (await openTransactions()) === 0)
})

test('whatever can be refused is a problem and no file, and leaves no entry of something done', async () => {
  const before = (await entries('trial.line.take')).length
  for (const [input, code] of [
    [{ format: 'xlsx' }, 400],
    [{ cursor: 'x' }, 400],
    [{ limit: '5' }, 400],
    [{ unknown: '1' }, 400],
  ] as const) {
    const told = await take(input)
    assert.equal(told.status, code, told.text)
    assert.equal(told.headers.get('content-type'), 'application/problem+json; charset=utf-8')
    assert.equal(told.headers.get('content-disposition'), null)
  }
  assert.equal((await here.nobody.call('trial.line.take')).status, 401)
  assert.equal((await entries('trial.line.take')).length, before)
})

test('a column that is not declared leaves in no file, and a failure before the first row is a problem', async () => {
  await put(['one'])
  const told = await take({}, 'trial.line.takeTooMuch')
  assert.deepEqual([told.status, told.body.code], [500, 'internal'])
  await sql(here)('update trial.line set place = 0')
  assert.equal((await take({}, 'trial.line.takeBroken')).status, 500)
  assert.equal((await take({ breaks: 'first' }, 'trial.line.takeLines')).status, 500)
  for (const name of ['takeTooMuch', 'takeBroken', 'takeLines'])
    assert.deepEqual(await entries(`trial.line.${name}`), [], name)
  await until(async () => (await openTransactions()) === 0)
})

test('a file that breaks in the middle is a broken transfer', async () => {
  await assert.rejects(take({ breaks: 'later' }, 'trial.line.takeLines'))
  await putMany(10_000, 2_000)
  const socket = await asking('/v1/trial.line.take')
  await sql(here)(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`)
  const ended = await end(socket)
  assert.match(ended, /^HTTP\/1\.1 200 /)
  assert.ok(!ended.endsWith('\r\n0\r\n\r\n'), 'a broken file looked whole')
  await until(async () => (await openTransactions()) === 0)
})

test('lines that are made see one state too', async () => {
  await putMany(3)
  const file = await openFile('trial.line.takeLines', {})
  assert.equal((await file.pieces.next()).value, '{"n":3}\n')
  await putMany(2)
  await file.pieces.next()
  assert.equal((await file.pieces.next()).value, '{"n":3}\n')
  assert.equal((await file.pieces.next()).done, true)
})

test('two files at once hold one state each, whatever is added meanwhile', async () => {
  await putMany(1_500)
  const first = await openFile('trial.line.take', { format: 'jsonl' })
  await first.pieces.next()
  await putMany(700)
  const second = await openFile('trial.line.take', { format: 'jsonl' })
  await sql(here)('delete from trial.line')
  assert.equal((await rest(first)) + 500, 1_500)
  assert.equal(await rest(second), 2_200)
})

test(
  'a hundred thousand rows are sent, each once and in order, and little of them is held',
  { timeout: 120_000 },
  async () => {
    await putMany(100_000, 200)
    const file = await openFile('trial.line.take', { format: 'csv' })
    let [rows, most, last] = [0, 0, 0]
    for await (const piece of file.pieces) {
      most = Math.max(most, piece.length)
      for (const [, place] of piece.matchAll(/,(\d+),\[\]\r\n/g)) {
        rows += 1
        assert.equal(Number(place), last + 1)
        last = Number(place)
      }
    }
    assert.equal(rows, 100_000)
    assert.ok(most < 1_000_000, `${most} characters in one piece`)
    // The same over a socket that nobody reads for a while: what is not taken is not read.
    const socket = await asking('/v1/trial.line.take')
    await until(isStill)
    assert.equal(await openTransactions(), 1, 'all of it was read for somebody who takes none')
    socket.destroy()
    await until(async () => (await openTransactions()) === 0)
  },
)

test('who goes away gives back their seat and their connection at once', async () => {
  await putMany(10_000, 2_000)
  for (let turn = 0; turn < 6; turn++) {
    const socket = await asking('/v1/trial.line.take')
    socket.destroy()
    await until(async () => (await openTransactions()) === 0)
  }
  assert.equal((await take({ text: 'nothing' })).status, 200)
})

test('who dawdles is cut off in the middle, by the server and by the clock', async () => {
  await putMany(10_000, 2_000)
  const idle = await openFile('trial.line.take', {}, { idle_ms: 300, whole_ms: 60_000 })
  await idle.pieces.next()
  await until(() => idle.cut.aborted)
  await assert.rejects(rest(idle))
  const late = await openFile('trial.line.take', {}, { idle_ms: 60_000, whole_ms: 300 })
  await late.pieces.next()
  await until(() => late.cut.aborted)
  await assert.rejects(rest(late))
  await until(async () => (await openTransactions()) === 0)
})

test('so many at once, and then the next is told when to come again', { timeout: 60_000 }, async () => {
  await putMany(1_000)
  const open = [await openFile('trial.line.take', {}), await openFile('trial.line.take', {})]
  const told = await take()
  assert.deepEqual([told.status, told.body.code], [503, 'unavailable'])
  assert.ok(Number(told.headers.get('retry-after')) > 0)
  for (const one of open) one.end()
  assert.equal((await take({ text: 'nothing' })).status, 200)
})

test('a client that could not tell a broken file from a whole one gets none', async () => {
  await put(['one'])
  const text = await saying(
    `GET /v1/trial.line.take HTTP/1.0\r\nhost: localhost\r\nauthorization: Bearer ${here.north.token}\r\n\r\n`,
  )
  assert.match(text, /^HTTP\/1\.1 505 /)
  assert.match(text, /"code":"http-too-old"/)
  assert.ok(!text.includes('one,'))
})

async function openFile(name: string, input: object, patience?: Parameters<typeof exporting>[4]) {
  const { parts } = here.served
  const caller = (await parts.whois.of(here.north.token))!
  return await exporting(parts, parts.catalogue.get(name)!, caller, { input, origin: { requestId: 'test' } }, patience)
}

/** How many lines are still to come. */
async function rest(file: Awaited<ReturnType<typeof openFile>>): Promise<number> {
  let count = 0
  for await (const piece of file.pieces) count += piece.split('\n').length - 1
  return count
}

/** A request whose answer has begun, and of which nothing more is read. */
async function asking(path: string) {
  const socket = connect(here.served.listening.port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${here.north.token}\r\n\r\n`)
  await new Promise((resolve) => socket.once('readable', resolve))
  socket.pause()
  return socket
}

function saying(request: string): Promise<string> {
  const socket = connect(here.served.listening.port, '127.0.0.1')
  socket.write(request)
  return end(socket)
}

/** All that comes until the connection is over. */
function end(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    const parts: Buffer[] = []
    socket.on('error', () => undefined)
    socket.on('data', (data) => parts.push(data)).on('close', () => resolve(Buffer.concat(parts).toString()))
    socket.resume()
  })
}

/** Whether whoever reads for a file has been waiting for a while. */
const isStill = async () => {
  const look = async () =>
    (
      await sql(here)(`select state, state_change from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null`)
    )[0]
  const one = await look()
  await sleep(200)
  const other = await look()
  return one?.['state'] === 'idle in transaction' && String(one['state_change']) === String(other?.['state_change'])
}

async function until(is: () => boolean | Promise<boolean>) {
  const deadline = Date.now() + 20_000
  while (!(await is())) {
    assert.ok(Date.now() < deadline, 'it did not come to pass')
    await sleep(20)
  }
}
