import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { testServer } from '../testing.ts'
import { asAdmin } from '../tenancy/cluster.ts'
import type { Statement } from './batch.ts'
import { Pool } from './pool.ts'
import type { Login } from './pool.ts'
import { named } from './queries.ts'

/** What a connection believes that the server has prepared must be true after every kind of failure. */
const schema = `batch_${process.pid}`
let server: Awaited<ReturnType<typeof testServer>>
let login: Login
let pool: Pool
before(async () => {
  server = await testServer()
  login = server.admin
  await admin(`create schema ${schema}; create domain ${schema}.small as bigint check (value < 100);
    create table ${schema}.thing (n ${schema}.small unique, big bigint, text text)`)
  pool = new Pool(login, 1)
})
after(async () => {
  await pool.end()
  await admin(`drop schema ${schema} cascade`)
  await server.stop()
})

const admin = (sql: string) => asAdmin(login, login.database, (client) => client.query(sql))
const statement = (text: string, ...values: unknown[]) => named(text.replaceAll('thing', `${schema}.thing`), values, '')
const run = async (...statements: Statement[]) => (await pool.run(statements)).map(({ rows }) => rows)
const pid = async () => (await run({ text: 'select pg_backend_pid() as pid' }))[0]![0]!['pid']

const insert = (n: number) => statement('insert into thing (n) values ($1) returning n', n)

test('a statement refused by a constraint at its first use is prepared as if it had worked', async () => {
  await run(statement('insert into thing (n) values (1)'))
  const before = await pid()
  await assert.rejects(run(insert(1)), { code: '23505' })
  assert.deepEqual(await run(insert(2)), [[{ n: 2 }]])
  await assert.rejects(run(insert(2)), { code: '23505' })
  assert.deepEqual(await run(insert(3), insert(4)), [[{ n: 3 }], [{ n: 4 }]])
  assert.equal(await pid(), before, 'a refusal costs no connection')
})

test('a statement refused while its values were read, before it was described, still answers its columns', async () => {
  const text = 'insert into thing (n, text) values ($1, $2) returning n, text'
  const before = await pid()
  await assert.rejects(run(statement(text, 100, 'too much')), { code: '23514' })
  assert.deepEqual(await run(statement(text, 50, 'enough')), [[{ n: 50, text: 'enough' }]])
  assert.deepEqual(await run(statement(text, 51, 'enough')), [[{ n: 51, text: 'enough' }]])
  assert.equal(await pid(), before)
})

test('a statement that could not be parsed is not believed to be prepared', async () => {
  const late = statement('select n from thing_of_tomorrow order by n')
  await assert.rejects(run(late), { code: '42P01' })
  await assert.rejects(run(late), { code: '42P01' })
  await admin(`create table ${schema}.thing_of_tomorrow (n int); insert into ${schema}.thing_of_tomorrow values (7)`)
  assert.deepEqual(await run(late), [[{ n: 7 }]])
})

test('a statement that waited in vain for a lock while it was parsed is not believed to be prepared', async () => {
  const count = statement('select count(*) from thing where n = 1')
  await asAdmin(login, login.database, async (holder) => {
    await holder.query(`begin; lock table ${schema}.thing in access exclusive mode`)
    await assert.rejects(run({ text: `select set_config('lock_timeout', '50', true)` }, count), { code: '55P03' })
    await holder.query('rollback')
  })
  assert.deepEqual(await run(count), [[{ count: 1 }]])
})

test('two statements of one name in one batch are both run', async () => {
  assert.deepEqual(await run(insert(10), insert(11), insert(12)), [[{ n: 10 }], [{ n: 11 }], [{ n: 12 }]])
  const twice = statement('select $1::int as told', 1)
  assert.deepEqual(await run(twice, { ...twice, values: [2] }), [[{ told: 1 }], [{ told: 2 }]])
  assert.deepEqual(await run(twice), [[{ told: 1 }]])
})

test('a name that is given to another text never runs the first text', async () => {
  assert.deepEqual(await run({ text: 'select 1 as one', name: 'taken' }), [[{ one: 1 }]])
  assert.deepEqual(await run({ text: 'select 2 as two', name: 'taken' }), [[{ two: 2 }]])
  assert.deepEqual(await run({ text: 'select 1 as one', name: 'taken' }), [[{ one: 1 }]])
})

test('what is undone leaves its statements prepared, and what was never reached is not', async () => {
  const [first, last] = [statement('select 1 as first'), statement('select 2 as last')]
  await assert.rejects(run({ text: 'begin' }, first, insert(1), last), { code: '23505' })
  assert.deepEqual(await run(last, first), [[{ last: 2 }], [{ first: 1 }]])
})

test('generated SQL cannot fill the server: named statements are capped, and all of them still answer', async () => {
  const many = new Pool(login, 1)
  for (let round = 0; round < 2; round++)
    for (let i = 0; i < 300; i += 3) {
      const three = [i, i + 1, i + 2].map((n) => statement(`select ${n} as n`))
      assert.deepEqual(
        (await many.run(three)).map(({ rows }) => rows[0]!['n']),
        [i, i + 1, i + 2],
      )
    }
  const [counted] = await many.run([{ text: 'select count(*) as n from pg_prepared_statements' }])
  assert.ok(Number(counted!.rows[0]!['n']) <= 260, JSON.stringify(counted!.rows))
  await many.end()
})

test('a whole number that JavaScript cannot hold is refused, not rounded', async () => {
  const before = await pid()
  for (const big of ['9007199254740992', '-9007199254740992', '9223372036854775807'])
    await assert.rejects(run({ text: `select ${big}::bigint as n from generate_series(1, 3)` }), RangeError)
  const edge = {
    text: `select 9007199254740991::bigint as most, -9007199254740991::bigint as least, 0.1::float8 as tenth`,
  }
  assert.deepEqual(await run(edge), [[{ most: 9_007_199_254_740_991, least: -9_007_199_254_740_991, tenth: 0.1 }]])
  assert.ok(before)
})

test('values go and come back as they were', async () => {
  const values = [
    ['a"b', 'c\\d', null, '{e,f}', ''],
    { a: [1, null] },
    true,
    'line\nbreak',
    new Date(0),
    Buffer.from([0, 255]),
  ]
  const [rows] = await run({
    text: `select $1::text[] as list, $2::jsonb as json, $3::bool as yes, $4::text as text,
      $5::timestamptz as at, $6::bytea as raw`,
    values,
  })
  assert.deepEqual(rows, [
    {
      list: values[0],
      json: values[1],
      yes: true,
      text: 'line\nbreak',
      at: '1970-01-01T00:00:00+00:00',
      raw: values[5],
    },
  ])
})

test('long texts and many values arrive whole; too many are refused before a byte is sent', async () => {
  const texts = ['', 'é', '金', '👍🏽', 'ا'.repeat(40_000), 'x'.repeat(3_000_000), '\n\t"\\', ' '.repeat(70_000)]
  for (const text of texts)
    assert.deepEqual(await run({ text: 'select $1::text as told, $2::int as n', values: [text, 7] }), [
      [{ told: text, n: 7 }],
    ])
  const holes = (n: number) => Array.from({ length: n }, (_, at) => `$${at + 1}`).join()
  const most = 32_767
  assert.deepEqual(
    await run({ text: `select 1 in (${holes(most)}) as found`, values: Array.from({ length: most }, (_, at) => at) }),
    [[{ found: true }]],
  )
  await using lease = await pool.lease()
  const slow = lease.run([{ text: 'select pg_sleep(0.05)' }])
  const many = Array.from({ length: most + 1 }, () => 1)
  await assert.rejects(lease.run([{ text: 'select 1', values: many }]), RangeError)
  await slow
  await lease.end()
  assert.deepEqual(await run({ text: 'select 1 as one' }), [[{ one: 1 }]])
})

test('a value that cannot be sent is an error of its caller, also when it waits behind another statement', async () => {
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  await using lease = await pool.lease()
  const slow = lease.run([{ text: 'select pg_sleep(0.05)' }])
  await assert.rejects(lease.run([{ text: 'select $1::jsonb', values: [circle] }]), TypeError)
  await slow
  assert.deepEqual((await lease.run([{ text: 'select 1 as one' }]))[0]!.rows, [{ one: 1 }])
})

test('copying is refused and keeps nobody waiting', async () => {
  const started = performance.now()
  await assert.rejects(run(statement('copy thing from stdin')))
  await run({ text: 'copy (select 1) to stdout' })
  assert.deepEqual(await run({ text: 'select 1 as one' }), [[{ one: 1 }]])
  assert.ok(performance.now() - started < 3_000)
})

test('an empty statement answers nothing, a lost connection answers for itself', async () => {
  assert.deepEqual(await run({ text: '' }, { text: 'select 1 as one' }), [[], [{ one: 1 }]])
  const dying = run({ text: 'select pg_terminate_backend(pg_backend_pid())' })
  await assert.rejects(dying, { status: 503, code: 'unavailable' })
  await sleep(10)
  assert.deepEqual(await run({ text: 'select 1 as one' }), [[{ one: 1 }]])
})
