import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { module, operations, refuse } from '#kernel'
import { edition, page } from '#kernel/edition'
import { world } from '#kernel/testing'
import type { World } from '#kernel/testing'
import { asAdmin } from '../tenancy/cluster.ts'

/** A module made for this test: an errand is asked for, and run later; some go wrong. */
type Tables = { note: { text: string } }
const { action, job } = operations<Tables>()
const Word = z.strictObject({ text: z.string() })
let tries = 0

const errand = {
  ask: action({
    summary: 'Ask for an errand',
    input: Word,
    output: z.strictObject({}),
    refuses: ['never_mind'],
    example: () => ({ text: 'once' }),
    async run({ input, later }) {
      await later('errands.errand.run', { text: input.text })
      if (input.text === 'never mind') throw refuse('never_mind')
      return {}
    },
  }),
  run: job({
    summary: 'Run the errand',
    input: Word,
    output: z.strictObject({}),
    example: () => ({ text: 'once' }),
    async run({ input, db }) {
      await db.insertInto('note').values({ text: input.text }).execute()
      if (input.text === 'stumbles' && tries++ === 0) throw new Error('stumbled after writing')
      return {}
    },
  }),
}

const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-errands-'))
mkdirSync(join(folder, 'migrations'))
writeFileSync(
  join(folder, 'migrations/0001_notes.sql'),
  'create table note (like workspace_row including all, text text not null);',
)
const base = { workspace_id: 'uuid default', id: 'uuid default', created_at: 'timestamptz default' }
const errands = module('errands', pathToFileURL(join(folder, 'module.ts')).href, {
  nouns: { errand },
  tables: { note: { ...base, text: 'text' } },
  plant: async () => ({}),
})
const runners = edition({
  name: 'runners',
  title: { en: 'Errands', ar: 'مهمات' },
  modules: [errands],
  roles: { owner: ['errands.*', 'identity.*', 'audit.*'] },
  policy: {
    tenancy: 'pool',
    tls: '1.2',
    plainHttp: 'refuse',
    passwordHash: 'argon2id',
    secondFactor: 'optional',
    signIn: ['password'],
    signUp: 'invitation',
    session: { access_minutes: 5, idle_hours: 1, absolute_hours: 12 },
    auditMonths: 12,
    auditTotalMonths: 24,
    alerts: [],
    weekend: [0],
  },
  page: page('2026-11-20'),
  demo: { workspace: 'Runners', fill: async () => undefined },
})

let here: World
before(async () => {
  here = await world(runners)
})
after(() => here[Symbol.asyncDispose]())

const rows = async (sql: string) => {
  const { admin, names } = here.served.parts.deployment
  return await asAdmin(admin, names.pool, async (client) => (await client.query<Record<string, unknown>>(sql)).rows)
}
const until = async (isSo: () => Promise<boolean>) => {
  for (let i = 0; i < 100 && !(await isSo()); i++) await sleep(50)
  assert.ok(await isSo())
}

test('what was asked for is done after it, in its own workspace, and recorded under the same request', async () => {
  const told = await here.as('owner').call('errands.errand.ask', { text: 'once' })
  assert.equal(told.status, 200)
  await until(async () => (await rows(`select from errands.note where text = 'once'`)).length === 1)
  const [note] = await rows(`select workspace_id from errands.note where text = 'once'`)
  assert.equal(note!['workspace_id'], here.north.place.workspace)
  const entries = await rows(
    `select action, actor_kind, request_id from audit.entry where action like 'errands.%' order by id`,
  )
  const request_id = told.headers.get('x-request-id')
  assert.deepEqual(entries, [
    { action: 'errands.errand.ask', actor_kind: 'key', request_id },
    { action: 'errands.errand.run', actor_kind: 'job', request_id },
  ])
  assert.deepEqual(await rows('select from events.job'), [])
})

test('what was refused asked for nothing', async () => {
  assert.equal((await here.as('owner').call('errands.errand.ask', { text: 'never mind' })).status, 409)
  assert.deepEqual(await rows(`select from events.job`), [])
})

test('a job that fails leaves nothing behind, and takes effect once when it is tried again', async () => {
  await here.as('owner').call('errands.errand.ask', { text: 'stumbles' })
  await until(async () => (await rows('select from events.job where attempts = 1')).length === 1)
  assert.deepEqual(await rows(`select from errands.note where text = 'stumbles'`), [])
  await rows('update events.job set run_at = now() returning 1')
  here.served.parts.worker.wake(here.north.place.realm)
  await until(async () => (await rows('select from events.job')).length === 0)
  assert.equal((await rows(`select from errands.note where text = 'stumbles'`)).length, 1)
})

test('fifty at once are each done once, though two workers take them', async () => {
  const { worker } = here.served.parts
  await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      here.as('owner', i % 2 ? 'north' : 'south').call('errands.errand.ask', { text: `many ${i}` }),
    ),
  )
  worker.wake(here.north.place.realm)
  await until(async () => (await rows('select from events.job')).length === 0)
  assert.equal((await rows(`select from errands.note where text like 'many %'`)).length, 50)
})

test('a job has no route', async () => {
  const told = await here.as('owner').call('errands.errand.run', { text: 'from outside' })
  assert.equal(told.status, 404)
})
