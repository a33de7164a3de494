import assert from 'node:assert/strict'
import { after, before, mock, test } from 'node:test'
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { z } from 'zod'
import { Id, many, Moment, one, operations, page, Page, paging } from '#kernel'
import { world } from '#kernel/testing'
import type { World } from '#kernel/testing'
import { rowColumns, trialEdition } from '../../../test/trial.ts'

/**
 * Careless builds: operations whose statements or answers are not what they declared. Nothing of it may leave, and what
 * such an action changed is undone.
 */
type Tables = { line: { id: string; text: string; place: number; at: string; hidden: string } }
const { action, query } = operations<Tables>()
const Line = z.strictObject({ id: Id, text: z.string(), place: z.int() })
const nothing = z.strictObject({})
type Db = Kysely<Tables>

const told = (run: (db: Db) => unknown, output: z.ZodType = Line) =>
  query({ summary: 'Tell a line', input: nothing, output, example: () => ({}), run: ({ db }) => run(db) as never })
const lines = (db: Db) => db.selectFrom('line')

const line = {
  good: told((db) => one(lines(db).select(['id', 'text', 'place']))),
  more: told((db) => one(lines(db).select(['id', 'text', 'place', 'hidden']))),
  fewer: told((db) => one(lines(db).select(['id', 'text']))),
  renamed: told((db) => one(lines(db).select(['id', 'hidden as text', 'place', 'text as secret']))),
  mistyped: told((db) => one(lines(db).select(['id', 'place as text', 'place']))),
  counted: told((db) => one(lines(db).select(['id', 'text', sql<number>`place / 2.0`.as('place')]))),
  floating: told((db) => one(lines(db).select(['id', 'text', sql<number>`place::float8`.as('place')]))),
  nested: told((db) => one(lines(db).select(['id', sql<string>`to_jsonb(line)`.as('text'), 'place']))),
  twice: told((db) => one(lines(db).select(['id', 'text', 'place', 'hidden as text']))),
  star: told((db) => many(lines(db).selectAll()), z.array(Line)),
  someDay: told((db) => one(lines(db).select(['id', 'text as at'])), z.strictObject({ id: Id, at: Moment })),
  list: query({
    summary: 'List with too much',
    input: z.strictObject({ ...paging }),
    output: Page(Line),
    example: () => ({}),
    run: ({ input, db }) => page(lines(db).select(['id', 'text', 'place', 'hidden']), input) as never,
  }),
  plain: told(() => ({ id: 'x', text: 'y', place: 1, hidden: 'z' })),
  none: told(() => undefined),
  writes: told((db) =>
    db
      .insertInto('line')
      .values({ text: 'written', place: 9, hidden: 'x' } as never)
      .execute(),
  ),
}

const put = (answer: (row: { id: string }) => unknown) =>
  action({
    summary: 'Put a line',
    input: z.strictObject({ text: z.string() }),
    output: Line,
    example: () => ({ text: 'x' }),
    async run({ input, db }) {
      const row = { text: input.text, place: 1, hidden: 'very hidden' } as never
      return answer(
        await db.insertInto('line').values(row).returning(['id', 'text', 'place']).executeTakeFirstOrThrow(),
      ) as never
    },
  })
const act = {
  good: put((row) => row),
  more: put((row) => ({ ...row, hidden: 'very hidden' })),
  fewer: put(({ id }) => ({ id })),
  mistyped: put((row) => ({ ...row, place: 'first' })),
  none: put(() => undefined),
  throws: put(() => {
    throw new Error('very hidden')
  }),
  swallows: action({
    summary: 'Go on after an error',
    input: z.strictObject({ text: z.string() }),
    output: nothing,
    example: () => ({ text: 'x' }),
    async run({ input, db }) {
      await db
        .insertInto('line')
        .values({ text: input.text, place: 1, hidden: 'x' } as never)
        .execute()
      await sql`select 1 / 0`.execute(db).catch(() => undefined)
      return {}
    },
  }),
  forgets: action({
    summary: 'Forget to wait',
    input: z.strictObject({ text: z.string() }),
    output: nothing,
    example: () => ({ text: 'x' }),
    run({ input, db }) {
      setTimeout(
        () =>
          void db
            .insertInto('line')
            .values({ text: input.text, place: 1, hidden: 'x' } as never)
            .execute()
            .catch(() => undefined),
        20,
      )
      return {}
    },
  }),
  large: action({
    summary: 'Answer much',
    input: z.strictObject({ text: z.string() }),
    output: z.strictObject({ text: z.string() }),
    example: () => ({ text: 'x' }),
    run: ({ input }) => ({ text: input.text.repeat(200_000) }),
  }),
}

let here: World
before(async () => {
  const columns = { line: { ...rowColumns, text: 'text', place: 'integer', hidden: 'text' } }
  here = await world(
    trialEdition(
      { line, act },
      columns,
      'create table line (like workspace_row including all, text text not null, place integer not null, hidden text not null);',
    ),
  )
  const { catalogue } = here.served.live.canaries[0]!.north
  await catalogue(`insert into trial.line (workspace_id, text, place, hidden) values ($1, 'open', 1, 'very hidden')`, [
    here.north.place.workspace,
  ])
})
after(() => here[Symbol.asyncDispose]())

const call = (name: string, input: object = {}, headers = {}) => here.as('owner').call(`trial.${name}`, input, headers)
const rows = (sql: string) => here.served.live.canaries[0]!.north.catalogue(sql)

/** Listens to the log for as long as the test runs. */
function listening() {
  const logged: string[] = []
  const write = mock.method(process.stderr, 'write', (text: string) => logged.push(text) > 0)
  return { logged, stop: () => write.mock.restore() }
}

const GUARDED = Object.keys(line).filter((name) => name !== 'good')

test('a query that answers else than declared tells nothing, and is logged (ASVS 8.2.3, 14.2.6)', async () => {
  assert.equal((await call('line.good')).status, 200)
  for (const name of GUARDED)
    for (let round = 0; round < 2; round++) {
      const log = listening()
      const told = await call(`line.${name}`, {})
      log.stop()
      assert.deepEqual([told.status, told.body.code], [500, 'internal'], `${name}: ${told.text}`)
      assert.doesNotMatch(told.text, /hidden|open|trial\.line|column|select/, name)
      assert.ok(
        log.logged.some((entry) => entry.includes(told.headers.get('x-request-id')!)),
        `${name} is not in the log`,
      )
      assert.ok(
        log.logged.every((entry) => !entry.includes('very hidden')),
        name,
      )
    }
  assert.deepEqual(await rows(`select from trial.line where text = 'written'`), [])
})

test('an action that answers what it did not declare is undone, with its entry and its event', async () => {
  assert.equal((await call('act.good', { text: 'kept' })).status, 200)
  const before = await rows(
    'select (select count(*) from audit.entry) as entries, (select count(*) from events.outbox) as events',
  )
  for (const name of ['more', 'fewer', 'mistyped', 'none', 'throws', 'swallows'])
    for (const headers of [{}, { 'idempotency-key': `guard-${name}` }]) {
      const log = listening()
      const told = await call(`act.${name}`, { text: `undone ${name}` }, headers)
      log.stop()
      assert.deepEqual([told.status, told.body.code], [500, 'internal'], `${name}: ${told.text}`)
      assert.doesNotMatch(told.text, /hidden/)
    }
  assert.deepEqual(await rows(`select text from trial.line where text like 'undone%'`), [])
  assert.deepEqual(
    await rows('select (select count(*) from audit.entry) as entries, (select count(*) from events.outbox) as events'),
    before,
  )
})

test('a statement that an action did not wait for comes too late, and is not run unrecorded', async () => {
  assert.equal((await call('act.forgets', { text: 'forgotten' })).status, 200)
  await new Promise((resolve) => setTimeout(resolve, 100))
  assert.deepEqual(await rows(`select from trial.line where text = 'forgotten'`), [])
})

test('a long answer can be asked for again', async () => {
  const ask = () => call('act.large', { text: 'long' }, { 'idempotency-key': 'large' })
  const first = await ask()
  assert.equal(first.status, 200, first.text.slice(0, 300))
  assert.equal((await ask()).text, first.text)
})
