import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { Id, notFound, one, operations, refuse } from '#kernel'
import { world } from '#kernel/testing'
import type { World } from '#kernel/testing'
import { somebody, sql } from '../../test/people.ts'
import { rowColumns, trialEdition } from '../../test/trial.ts'
import { createLimits } from '../limits/limits.ts'

/** What somebody known was refused is in the log, whoever's the record is, and never so often that it fills it. */
type Tables = { note: { id: string; text: string } }
const { action, query, row } = operations<Tables>()
const Note = z.strictObject({ id: Id, text: z.string() })
const notes = row('note', ['id', 'text'])
const text = z.string()

const note = {
  get: query({
    summary: 'Show a note',
    input: z.strictObject({ id: Id }),
    output: Note,
    example: (id) => ({ id: id('note') }),
    run: ({ input }) => notes(input.id),
  }),
  named: query({
    summary: 'Show a note by its text',
    input: z.strictObject({ text }),
    output: Note,
    example: () => ({ text: 'x' }),
    run: () => {
      throw notFound()
    },
  }),
  move: action({
    summary: 'Move a note to another',
    input: z.strictObject({ text, to: Id }),
    output: Note,
    refuses: ['note_fixed'],
    example: (id) => ({ text: 'x', to: id('note') }),
    run: ({ input, db }) => {
      if (input.text === 'fixed') throw refuse('note_fixed')
      return one(db.updateTable('note').set({ text: 'moved' }).where('id', '=', input.to).returning(['id', 'text']))
    },
  }),
  fill: action({
    summary: 'Write many notes',
    input: z.strictObject({ count: z.int(), length: z.int() }),
    output: z.strictObject({ count: z.int() }),
    example: () => ({ count: 1, length: 1 }),
    async run({ input: { count, length }, db }) {
      const texts = Array.from({ length: count }, () => ({ text: 'x'.repeat(length) }))
      await db
        .insertInto('note')
        .values(texts as never)
        .execute()
      return { count }
    },
  }),
  lock: action({
    summary: 'Lock a note',
    rate: 'sensitive',
    input: z.strictObject({ id: Id }),
    output: z.strictObject({ id: Id }),
    example: (id) => ({ id: id('note') }),
    run: ({ input }) => input,
  }),
}

let here: World
before(async () => {
  const table = 'create table note (like workspace_row including all, text text not null);'
  const trial = trialEdition({ note }, { note: { ...rowColumns, text: 'text' } }, table)
  here = await world({ ...trial, roles: { ...trial.roles, least: ['identity.workspace.get'] } }, 'pool', createLimits())
})
after(() => here[Symbol.asyncDispose]())

type Kept = { outcome: string; actor_id: string; target: string | null; input: { times: number }; changes: unknown }
async function kept(action: string, workspace = here.north.place.workspace): Promise<Kept[]> {
  await here.served.parts.refusals.flush()
  return (await sql(here)(
    `select outcome, actor_kind, actor_id, target, input, changes, address, request_id from audit.entry
     where workspace_id = $1 and action = $2 and outcome <> 'done' order by xid, id`,
    [workspace, action],
  )) as unknown as Kept[]
}
const since = async (action: string, work: () => Promise<unknown>) => {
  const before = (await kept(action)).length
  await work()
  return (await kept(action)).slice(before)
}
const timesOf = (all: Kept[]) => all.reduce((sum, { input }) => sum + input.times, 0)

test('who may not is told of with what they asked for, and with nothing that they said', async () => {
  const target = randomUUID()
  let request: string | null = null
  const [entry, ...more] = (await since('trial.note.move', async () => {
    const told = await here.as('least').call('trial.note.move', { text: 'my password', to: target })
    request = told.headers.get('x-request-id')
    assert.equal(told.status, 403)
  })) as (Kept & { address: string; request_id: string; actor_kind: string })[]
  assert.deepEqual(more, [])
  const { outcome, actor_kind, input, changes, request_id, address } = entry!
  assert.deepEqual(
    { outcome, actor_kind, input, changes, request_id, target: entry!.target },
    {
      outcome: 'forbidden',
      actor_kind: 'key',
      input: { times: 1 },
      changes: null,
      request_id: request,
      target,
    },
  )
  assert.match(address, /^(127\.0\.0\.1|::1)$/)
  assert.deepEqual(await kept('trial.note.move', here.south.place.workspace), [])
})

test('a record of another workspace and one that never was leave the same entry, here and there', async () => {
  const [theirs] = await sql(here)(`insert into trial.note (workspace_id, text) values ($1, 'theirs') returning id`, [
    here.south.place.workspace,
  ])
  const asked = async (id: string) => {
    const entries = await since('trial.note.get', () => here.as('owner').call('trial.note.get', { id }))
    assert.equal(timesOf(entries), 1)
    return { ...entries[0]!, target: entries[0]!.target === id, request_id: undefined }
  }
  const foreign = await asked(String(theirs!['id']))
  assert.equal(foreign.outcome, 'not-found')
  assert.equal(foreign.target, true)
  assert.deepEqual(await asked(randomUUID()), foreign)
  assert.deepEqual(await kept('trial.note.get', here.south.place.workspace), [])
})

test('what is no refusal of anybody is not kept: bad input, a rule of the business, an unknown name', async () => {
  for (const [name, input, status] of [
    ['trial.note.get', { id: 'no id' }, 400],
    ['trial.note.get', { id: randomUUID(), more: '1' }, 400],
    ['trial.note.named', { text: 'nothing' }, 404],
    ['trial.note.move', { text: 'fixed', to: randomUUID() }, 409],
  ] as const) {
    const left = await since(name, async () => assert.equal((await here.as('owner').call(name, input)).status, status))
    assert.deepEqual(left, [], name)
  }
})

test('a proof that is too old, and asking too often, are told of', async () => {
  const { session, call } = await somebody(here, ['owner'])
  const past = `now() - interval '1 hour'`
  await sql(here)(`update identity.session set proved_at = ${past}, strong_at = ${past} where id = $1`, [session])
  const id = randomUUID()
  const stale = await since('trial.note.lock', () => call('trial.note.lock', { id }))
  assert.deepEqual(
    stale.map(({ outcome, target }) => [outcome, target]),
    [['step-up-required', id]],
  )
  const often = await since('trial.note.lock', async () => {
    for (let n = 0; n < 60; n++) await here.as('owner').call('trial.note.lock', { id })
  })
  assert.deepEqual([...new Set(often.map(({ outcome }) => outcome))], ['rate-limited'])
  assert.ok(timesOf(often) >= 30, JSON.stringify(often))
})

test('who is refused hundreds of times leaves few entries that count them all', async () => {
  const count = 200
  const left = await since('trial.note.fill', async () => {
    for (let n = 0; n < count; n++) await here.as('least').call('trial.note.fill', { count: n, length: 1 })
  })
  const outcomes = ['forbidden', 'rate-limited']
  assert.ok(left.every(({ outcome }) => outcomes.includes(outcome)))
  assert.equal(timesOf(left), count)
  assert.ok(left.length < 40, `${left.length} entries`)
})

test('an act that changes more than its entry can hold is refused in words, and nothing of it is there', async () => {
  const told = await here.as('owner').call('trial.note.fill', { count: 900, length: 10_000 })
  assert.deepEqual([told.status, told.body.code], [413, 'too-much-at-once'])
  assert.match(told.body.title, /too much/i)
  const arabic = await here
    .as('owner')
    .call('trial.note.fill', { count: 900, length: 10_000 }, { 'accept-language': 'ar' })
  assert.match(arabic.body.title, /\p{Script=Arabic}/u)
  const [{ n } = { n: -1 }] = await sql(here)(`select count(*)::int as n from trial.note where text like 'xxx%'`)
  assert.equal(n, 0)
  const done = await sql(here)(`select from audit.entry where action = 'trial.note.fill' and outcome = 'done'`)
  assert.equal(done.length, 0)
  assert.equal((await here.as('owner').call('trial.note.fill', { count: 9, length: 10_000 })).status, 200)
})
