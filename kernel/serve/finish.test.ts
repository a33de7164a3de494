import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { Id, one, operations, Secret } from '#kernel'
import { world } from '#kernel/testing'
import type { World } from '#kernel/testing'
import { rowColumns, trialEdition } from '../../test/trial.ts'

/**
 * A change that is one statement travels with its record, its event and its commit. Whoever looks afterwards must not
 * be able to tell it from one that took its time.
 */
type Tables = { note: { id: string; text: string; pin: string | null } }
const { action, query } = operations<Tables>()
const Note = z.strictObject({ id: Id, text: z.string() })
const columns = ['id', 'text'] as const
const text = z.string()

const note = {
  write: action({
    summary: 'Write a note',
    input: z.strictObject({ text }),
    output: Note,
    refuses: ['note_taken'],
    example: () => ({ text: 'x' }),
    run: ({ input, db }) =>
      one(
        db
          .insertInto('note')
          .values(input as never)
          .returning(columns),
      ),
  }),
  change: action({
    summary: 'Change a note',
    input: z.strictObject({ id: Id, text }),
    output: Note,
    refuses: ['note_taken'],
    example: (id) => ({ id: id('note'), text: 'x' }),
    run: ({ input: { id, text }, db }) =>
      one(db.updateTable('note').set({ text }).where('id', '=', id).returning(columns)),
  }),
  /** Answers no id: what it was done to is then known from the input. */
  shout: action({
    summary: 'Shout a note',
    input: z.strictObject({ id: Id }),
    output: z.strictObject({ text }),
    example: (id) => ({ id: id('note') }),
    run: ({ input, db }) =>
      one(db.updateTable('note').set({ text: 'LOUD' }).where('id', '=', input.id).returning('text')),
  }),
  /** Two statements, of which the second finds nothing. */
  changeTwo: action({
    summary: 'Write a note and change another',
    input: z.strictObject({ id: Id, text }),
    output: Note,
    example: (id) => ({ id: id('note'), text: 'x' }),
    async run({ input: { id, text }, db }) {
      await db
        .insertInto('note')
        .values({ text } as never)
        .execute()
      return one(db.updateTable('note').set({ text }).where('id', '=', id).returning(columns))
    },
  }),
  tooMuch: action({
    summary: 'Answer more than is declared',
    input: z.strictObject({ text }),
    output: Note,
    example: () => ({ text: 'x' }),
    run: ({ input, db }) =>
      one(
        db
          .insertInto('note')
          .values(input as never)
          .returning(['id', 'text', 'pin']),
      ) as never,
  }),
  withPin: action({
    summary: 'Write a note with a secret',
    input: z.strictObject({ text, pin: Secret }),
    output: z.strictObject({ id: Id, pin: Secret }),
    example: () => ({ text: 'x', pin: '12345678' }),
    run: ({ input, db }) =>
      one(
        db
          .insertInto('note')
          .values(input as never)
          .returning(['id', 'pin']),
      ) as never,
  }),
  get: query({
    summary: 'Show a note',
    input: z.strictObject({ id: Id }),
    output: Note,
    example: (id) => ({ id: id('note') }),
    run: ({ input, db }) => one(db.selectFrom('note').select(columns).where('id', '=', input.id)),
  }),
}

let here: World
before(async () => {
  here = await world(
    trialEdition(
      { note },
      { note: { ...rowColumns, text: 'text', pin: 'text null' } },
      `create table note (like workspace_row including all, text text not null, pin text,
       constraint note_taken unique (workspace_id, text));`,
    ),
  )
})
after(() => here[Symbol.asyncDispose]())

const call = (name: string, input: object, headers = {}) => here.as('owner').call(`trial.note.${name}`, input, headers)
const rows = (sql: string, ...values: unknown[]) => here.served.live.canaries[0]!.north.catalogue(sql, values)
const entriesOf = (target: string) => rows('select action, target, input from audit.entry where target = $1', target)
const eventsOf = (subject: string) => rows('select event, payload from events.outbox where subject = $1', subject)
const notes = async () => (await rows('select text from trial.note order by id')).map((row) => row['text'])
const count = async () =>
  (
    await rows(`select (select count(*)::int from audit.entry where outcome = 'done') a,
    (select count(*)::int from events.outbox) e`)
  )[0]

/** The first of a text takes two round trips, the second one: both must leave the same behind. */
for (const [which, text] of Object.entries({ first: 'One', second: 'Two' }))
  test(`the ${which} of its text: the answer, the entry and the event tell of the same row`, async () => {
    const { status, body } = await call('write', { text })
    assert.equal(status, 200)
    assert.deepEqual(body, { id: body.id, text })
    assert.deepEqual((await call('get', { id: body.id })).body, body)
    assert.deepEqual(await entriesOf(body.id), [{ action: 'trial.note.write', target: body.id, input: { text } }])
    assert.deepEqual(await eventsOf(body.id), [{ event: 'trial.note.write', payload: body }])
  })

for (const which of ['first', 'second', 'third'])
  test(`a change of nothing is 404 and leaves nothing, the ${which} time too, and costs no connection`, async () => {
    const [before, pids] = [await count(), await backends()]
    const { status, body } = await call('change', { id: '00000000-0000-7000-8000-000000000000', text: which })
    assert.deepEqual([status, body.code], [404, 'not-found'])
    assert.deepEqual(await count(), before)
    assert.deepEqual(await backends(), pids)
  })

test('a constraint that says no is the refusal that the operation lists, and leaves nothing', async () => {
  for (const text of ['Three', 'Four']) await call('write', { text })
  const before = await count()
  const taken = await call('write', { text: 'Three' })
  assert.deepEqual([taken.status, taken.body.code], [409, 'note_taken'])
  assert.deepEqual(await count(), before)
})

test('what answers no id is recorded under the id that it was asked for', async () => {
  const { id } = (await call('write', { text: 'Quiet' })).body
  for (let i = 0; i < 2; i++) assert.deepEqual((await call('shout', { id })).body, { text: 'LOUD' })
  const actions = (await entriesOf(id)).map((entry) => entry['action'])
  assert.deepEqual(actions, ['trial.note.write', 'trial.note.shout', 'trial.note.shout'])
})

test('an answer of an earlier change is not taken for that of a later one on the same connection', async () => {
  await call('write', { text: 'Earlier' })
  const before = await count()
  for (let i = 0; i < 30; i++)
    assert.equal((await call('change', { id: '00000000-0000-7000-8000-000000000000', text: `${i}` })).status, 404)
  assert.deepEqual(await count(), before)
})

test('when the last of several statements finds nothing, none of them happened', async () => {
  for (const text of ['Half', 'Half again']) {
    const { status } = await call('changeTwo', { id: '00000000-0000-7000-8000-000000000000', text })
    assert.equal(status, 404)
  }
  assert.ok(!(await notes()).some((text) => String(text).startsWith('Half')))
})

test('a column that was not declared does not leave, and what was done for it is undone', async () => {
  for (let i = 0; i < 2; i++) assert.equal((await call('tooMuch', { text: 'Too much' })).status, 500)
  assert.ok(!(await notes()).includes('Too much'))
})

test('a secret in the answer is told to the caller alone', async () => {
  for (const pin of ['very secret 1', 'very secret 2']) {
    const { status, body } = await call('withPin', { text: pin.replace('secret', 'open'), pin })
    assert.deepEqual([status, body.pin], [200, pin])
    const left = JSON.stringify([await entriesOf(body.id), await eventsOf(body.id)])
    assert.ok(left.includes('[secret]') && !left.includes('very secret'), left)
  }
})

test('asked again under the same key, a change is made once', async () => {
  const key = { 'idempotency-key': 'the-same' }
  const [first, second] = [await call('write', { text: 'Once' }, key), await call('write', { text: 'Once' }, key)]
  assert.deepEqual([first.status, second.status], [200, 200])
  assert.equal(first.text, second.text)
  assert.equal((await entriesOf(first.body.id)).length, 1)
})

const backends = async () => {
  const { app } = here.served.parts.deployment.names
  const found = await rows('select pid from pg_stat_activity where usename = $1 order by pid', app)
  return found.map(({ pid }) => pid)
}
