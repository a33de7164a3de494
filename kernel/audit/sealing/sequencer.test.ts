import assert from 'node:assert/strict'
import { randomInt, randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { drain, ENTRIES, examined, openLogbook, workspaces, type Logbook } from '../../../test/logbook.ts'
import { definedRoot } from '../log/definition.ts'
import { pass } from './sequencer.ts'
import { newMemory } from './sequencing/belief.ts'

/** On a real server: what is written by many at once becomes one log, whoever seals it and however they end. */
let book: Logbook
before(async () => {
  book = await openLogbook()
})
after(() => book[Symbol.asyncDispose]())

const one = `insert into audit.entry (workspace_id, action, actor_kind, actor_id, actor_name, request_id, input)
  values ($1, 'trial.thing.create', 'person', 'p', 'Asha', 'r', '{}') returning id`

test('what nobody has written to has a log of nothing, opened once by whoever comes first', async () => {
  await using empty = await openLogbook()
  const passes = Array.from({ length: 6 }, () => pass(empty.means, empty.realm, newMemory()))
  for (const { sealed } of await Promise.all(passes)) assert.equal(sealed, 0)
  const logs = await empty.sql('select epoch, size::int, origin, checkpoint from audit.log')
  assert.equal(logs.length, 1)
  const { epoch, size, origin, checkpoint } = logs[0]!
  assert.deepEqual([epoch, size, origin], [1, 0, `vouchsafe/${empty.realm.id}/1`])
  assert.match(String(checkpoint), /\n0\n/)
})

test('each entry is one leaf, counted from one in its workspace, whatever it says', async () => {
  const [here, there] = workspaces(2)
  await book.sql(ENTRIES, [[here, there], 40])
  const odd = [
    '{"half": 0.5, "huge": 1e400, "precise": 12345678901234567890.10}',
    `${'{"a":['.repeat(150)}1${']}'.repeat(150)}`,
    '{"__proto__": {"a": "\\u2028"}, "emoji": "😀", "arabic": "ليرة"}',
    '"text"',
    'null',
    '[]',
  ]
  const text = `insert into audit.entry
      (workspace_id, action, actor_kind, actor_id, actor_name, request_id, input, changes)
    values ($1, 'trial.thing.create', 'system', 's', 'نور', 'r', $2::jsonb, $2::jsonb)`
  for (const json of odd) await book.sql(text, [here, json])
  await book.sql(
    `insert into audit.entry (workspace_id, action, outcome, actor_kind, actor_id, request_id)
     values ($1, 'trial.thing.create', 'forbidden', 'nobody', '', 'r')`,
    [there],
  )
  const memory = await drain(book)
  await examined(book)
  const { sealed } = await pass(book.means, book.realm, memory)
  assert.equal(sealed, 0)
})

test('an act that tells of very much does not take more memory than a batch may', async () => {
  const [here] = workspaces(1)
  const large = `insert into audit.entry (workspace_id, action, actor_kind, actor_id, request_id, input, changes)
    select $1, 'trial.thing.create', 'system', 's', 'r', '{}', jsonb_build_array(repeat('a', 7000000))
    from generate_series(1, 12)`
  await book.sql(large, [here])
  const memory = newMemory()
  const batches: number[] = []
  for (let passed = await pass(book.means, book.realm, memory); ;) {
    if (passed.sealed > 0) batches.push(passed.sealed)
    if (passed.isAll) break
    passed = await pass(book.means, book.realm, memory, passed.ahead)
  }
  assert.ok(batches.length > 2 && Math.max(...batches) < 6, String(batches))
})

test('what nobody could read is not written, so that it holds up nothing', async () => {
  const [here] = workspaces(1)
  const written = (input: string) =>
    book.sql(
      `insert into audit.entry (workspace_id, action, actor_kind, actor_id, request_id, input)
       values ($1, 'trial.thing.create', 'system', 's', 'r', ${input})`,
      [here],
    )
  const numbers = (n: number) => `(select jsonb_agg(1e131071) from generate_series(1, ${n}))`
  for (const input of ['to_jsonb(repeat(chr(1), 20000000))', numbers(1_000)])
    await assert.rejects(written(input), { code: '23514' }, input)
  await assert.rejects(written(`to_jsonb(repeat(chr(1), 200000000))`), { code: /^(?:23514|54000)$/ })
  await written(numbers(100))
  const memory = await drain(book)
  assert.equal((await pass(book.means, book.realm, memory)).isAll, true)
})

test('nothing is passed over or sealed twice, whatever order transactions end in', async () => {
  await using apart = await openLogbook()
  const all = workspaces(5)
  let writing = true
  const written = Array.from({ length: 12 }, () => writer(apart, all, () => writing))
  const sealing = Array.from({ length: 3 }, async () => {
    const memory = newMemory()
    while (writing) await pass(apart.means, apart.realm, memory)
  })
  await sleep(4_000)
  writing = false
  const kept = (await Promise.all(written)).flat()
  await Promise.all(sealing)
  await drain(apart)
  assert.ok(kept.length > 200, `${kept.length} is no crowd`)
  assert.deepEqual(await examined(apart), [kept.length])
  const leaves = await apart.sql('select id from audit.leaf order by id')
  assert.deepEqual(
    leaves.map(({ id }) => id),
    kept.toSorted(),
  )
})

/** Transactions that begin in one order and end in another, with parts that are undone; answers what was kept. */
async function writer({ connect }: Logbook, all: readonly string[], goesOn: () => boolean): Promise<string[]> {
  const client = await connect()
  const kept: string[] = []
  const write = async () => String((await client.query<{ id: string }>(one, [all[randomInt(all.length)]])).rows[0]!.id)
  while (goesOn()) {
    await client.query('begin')
    const ids = [await write()]
    await sleep(randomInt(10) === 0 ? 150 : randomInt(12))
    if (randomInt(2)) ids.push(...(await inSavepoint(client, write)))
    ids.push(await write())
    const isKept = randomInt(4) > 0
    await client.query(isKept ? 'commit' : 'rollback')
    if (isKept) kept.push(...ids)
  }
  await client.end()
  return kept
}

async function inSavepoint(client: pg.Client, write: () => Promise<string>): Promise<string[]> {
  await client.query('savepoint s')
  const id = await write()
  await sleep(randomInt(5))
  const isKept = randomInt(2) > 0
  await client.query(isKept ? 'release savepoint s' : 'rollback to savepoint s')
  return isKept ? [id] : []
}

test('whenever it is killed, nothing is half-written and the next goes on', async () => {
  await using apart = await openLogbook()
  const all = workspaces(3)
  const { names } = apart.stage.parts.deployment
  const killer = await apart.connect()
  let [memory, died] = [newMemory(), 0]
  for (let round = 0; round < 60; round++) {
    await apart.sql(ENTRIES, [all, 40])
    const passing = pass(apart.means, apart.realm, memory).catch(() => {
      died++
      // A process that begins anew remembers nothing.
      if (round % 2) memory = newMemory()
    })
    await sleep(randomInt(25))
    await killer.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1 and datname = $2', [
      names.keeper,
      apart.realm.database,
    ])
    await passing
  }
  await killer.end()
  assert.ok(died > 5, `only ${died} were killed at work`)
  await drain(apart)
  assert.deepEqual(await examined(apart), [2_400])
})

test('the head is the root of RFC 6962 where tiles become full, of the first level and the second', async () => {
  await using apart = await openLogbook()
  const all = workspaces(2)
  const memory = newMemory()
  const roots = new Map<number, unknown>()
  for (const size of [1, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537]) {
    await apart.sql(ENTRIES, [all, size - Math.max(0, ...roots.keys())])
    await drain(apart, memory)
    roots.set(size, (await apart.sql('select root from audit.log'))[0]!['root'])
  }
  const leaves = (await apart.sql('select hash from audit.leaf order by index')).map(({ hash }) => hash as Buffer)
  for (const [size, root] of roots) assert.deepEqual(root, definedRoot(leaves.slice(0, size)), String(size))
  assert.deepEqual(await examined(apart), [65_537])
})

test('an entry that waits for another transaction is known to wait, and one of another database counts', async () => {
  const [here] = workspaces(1)
  const memory = await drain(book)
  const [mine, theirs] = [await book.connect(), await book.connect()]
  await mine.query('begin')
  await mine.query(one, [here])
  await theirs.query(one, [here])
  const { sealed, isWaiting } = await pass(book.means, book.realm, memory)
  assert.deepEqual([sealed, isWaiting], [0, true])
  await mine.query('rollback')
  await drain(book, memory)
  const [{ n } = {}] = await book.sql('select count(*)::int as n from audit.leaf where workspace_id = $1', [here])
  assert.equal(n, 1)
  await Promise.all([mine.end(), theirs.end()])
})

test('who writes an entry does not choose its place, its time or its transaction', async () => {
  const { app, recorder } = { app: book.realm.login, recorder: book.stage.parts.deployment.names.recorder }
  const client = await book.connect()
  await client.query(`set session authorization ${app}`)
  await client.query('begin')
  await client.query(`set local role ${recorder}`)
  await client.query(`select set_config('app.workspace', $1, true)`, [randomUUID()])
  for (const [column, value] of [
    ['xid', "'1'"],
    ['id', 'gen_random_uuid()'],
    ['at', 'now()'],
  ] as const) {
    await client.query('savepoint s')
    await assert.rejects(
      client.query(`insert into audit.entry (action, actor_kind, actor_id, actor_name, request_id, input, ${column})
        values ('a', 'system', 's', 'S', 'r', '{}', ${value})`),
      { code: '42501' },
      column,
    )
    await client.query('rollback to s')
  }
  await client.query(`insert into audit.entry (action, actor_kind, actor_id, actor_name, request_id, input)
    values ('a', 'system', 's', 'S', 'r', '{}')`)
  await client.query('rollback')
  await client.end()
  const keeper = book.means.keeper.open(book.realm)
  for (const column of ['xid', 'id', 'at']) {
    const text = `insert into audit.entry (action, actor_kind, actor_id, request_id, ${column})
      values ('a', 'system', 's', 'r', default)`
    await assert.rejects(keeper.run([{ text }]), { code: '42501' }, column)
  }
})
