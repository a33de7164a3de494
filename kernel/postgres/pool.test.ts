import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { openWorkspace } from '../serve/workspaces.ts'
import { asAdmin } from '../tenancy/cluster.ts'
import { openStage } from '../testing.ts'
import type { Stage } from '../testing.ts'
import { Pool } from './pool.ts'
import type { Login } from './pool.ts'
import { reading, Writing } from './work.ts'
import type { Scope } from './work.ts'

/** Everything that can go wrong on a connection, on a pool of one: whoever comes next must find nothing of it. */
let stage: Stage
let login: Login
let north: Scope
let south: Scope
before(async () => {
  stage = await openStage(jeweller)
  const { parts } = stage
  const places = [await openWorkspace(parts, 'North', 'pool'), await openWorkspace(parts, 'South', 'pool')]
  const { database, login: user, password } = places[0]!.place.realm
  login = { ...stage.admin, database, user, password }
  const role = parts.deployment.names.role('shop')
  ;[north, south] = places.map(({ place }) => ({ role, schema: 'shop', workspace: place.workspace })) as [Scope, Scope]
})
after(() => stage[Symbol.asyncDispose]())

const FAILED = 'Written by a transaction that failed'
const insert = (name: string) => ({ text: 'insert into customer (name) values ($1)', values: [name], name: 'insert' })
const within = (name: string, value: string) => ({ text: 'select set_config($1, $2, true)', values: [name, value] })
const sleeping = { text: 'select pg_sleep(20)' }

/** Each way to break a transaction of north's, with what its own caller hears. */
const poisons: Record<string, (pool: Pool) => Promise<unknown>> = {
  'a statement timeout': (pool) =>
    attempt(pool, async (work) => {
      await work.run(within('statement_timeout', '50'))
      await work.run(sleeping)
    }),
  'a transaction that lasts too long': (pool) =>
    attempt(pool, async (work) => {
      // Before version 17 the server knows only of time spent idle.
      await work.run(within('idle_in_transaction_session_timeout', '50'))
      await sleep(150)
      await work.run(sleeping)
    }),
  'a cancel from outside': (pool) =>
    attempt(pool, async (work) => {
      await Promise.all([work.run(sleeping), onceAsleep('select pg_cancel_backend(pid)')])
    }),
  'a backend killed in the middle of a statement': (pool) =>
    attempt(pool, async (work) => {
      await Promise.all([work.run(sleeping), onceAsleep('select pg_terminate_backend(pid)')])
    }),
  'a backend killed between two statements': (pool) =>
    attempt(pool, async (work) => {
      await asAdmin(stage.admin, login.database, (client) => client.query(`select pg_terminate_backend(pid) ${ours}`))
      await work.run(insert(FAILED))
    }),
  'a caller who changes their mind': (pool) =>
    attempt(pool, () => {
      throw new Error('no longer wanted')
    }),
  'a client that goes away while its statement runs': (pool) =>
    attempt(pool, async (work) => {
      void work.run(sleeping).catch(() => undefined)
      await onceAsleep('select')
      throw new Error('gone')
    }),
  'a client that goes away before its first statement was sent': async (pool) => {
    await using work = new Writing(pool, north)
    void work.run(insert(FAILED)).catch(() => undefined)
  },
  'a constraint that says no': (pool) =>
    attempt(pool, (work) => work.run({ text: `insert into customer (name, phone) values ('x', 'not a phone')` })),
  'a constraint that says no to the very first statement': async (pool) => {
    await using work = new Writing(pool, north)
    await work.run({ text: `insert into customer (name, phone) values ('x', 'not a phone')` })
  },
  'a statement that is no SQL': (pool) => attempt(pool, (work) => work.run({ text: 'insert into' })),
  'an error in the batch that was to commit': (pool) =>
    attempt(pool, (work) => work.commit({ ...north, schema: 'audit' }, [{ text: 'insert into entry default values' }])),
  'two statements at once, one of which fails': (pool) =>
    attempt(pool, (work) => Promise.all([work.run({ text: 'select 1 / 0' }), work.run(insert(FAILED))])),
}

for (const [what, poison] of Object.entries(poisons))
  test(`pool poisoning, an aborted transaction returned: after ${what} the next finds nothing`, async () => {
    const pool = new Pool(login, 1)
    try {
      await poison(pool).catch((error: unknown) => error)
      await expectClean(pool)
    } finally {
      await pool.end()
    }
  })

test('a workspace setting that survives in the pool: a batch without a scope is in no workspace', async () => {
  const pool = new Pool(login, 1)
  await reading(pool, north).run({ text: 'select count(*)::int as n from customer' })
  await expectClean(pool)
  await pool.end()
})

test('a statement that its caller left behind does not run in the next caller’s transaction', async () => {
  const pool = new Pool(login, 1)
  const left = new Writing(pool, north)
  await left.run(insert(FAILED))
  await left[Symbol.asyncDispose]()
  {
    await using next = new Writing(pool, south)
    await next.run(insert('Next'))
    await assert.rejects(left.run(insert(FAILED)), TypeError)
    await next.commit(south, [])
  }
  assert.ok((await namesIn(pool, south)).includes('Next'))
  await expectClean(pool)
  await pool.end()
})

test('a statement that comes too late for its transaction is not run outside of it, unrecorded', async () => {
  const pool = new Pool(login, 1)
  {
    await using work = new Writing(pool, north)
    await work.run(insert('In time'))
    const done = work.commit(north, [])
    await assert.rejects(work.run(insert(FAILED)), TypeError)
    await done
    await assert.rejects(work.run(insert(FAILED)), TypeError)
  }
  const refused = new Writing(pool, north)
  await refused[Symbol.asyncDispose]()
  await assert.rejects(refused.run(insert(FAILED)), TypeError)
  assert.ok((await namesIn(pool, north)).includes('In time'))
  await expectClean(pool)
  await pool.end()
})

test('a change is committed with the statements before it, also with those that nobody waited for', async () => {
  const pool = new Pool(login, 1)
  {
    await using work = new Writing(pool, north)
    void work.run(insert('Before it')).catch(() => undefined)
    await work.commit(north, [], [insert('With it')])
  }
  const names = await namesIn(pool, north)
  assert.ok(names.includes('Before it') && names.includes('With it'))
  await expectClean(pool)
  await pool.end()
})

test('what failed is not reported as committed, even when its author caught the error', async () => {
  const pool = new Pool(login, 1)
  await assert.rejects(
    attempt(pool, async (work) => {
      await work.run({ text: `insert into customer (name, phone) values ('x', 'not a phone')` }).catch(() => undefined)
      await work.commit(north, [])
    }),
  )
  await expectClean(pool)
  await pool.end()
})

test('cancelled requests leave no reply on the wire: each reply is that of its own question', async () => {
  const pool = new Pool(login, 2)
  let answered = 0
  const ask = async (i: number) => {
    const mine = `${i}`
    const work = new Writing(pool, i % 2 ? north : south)
    const told = work.run({
      text: `select $1 as mine, current_setting('app.workspace') as workspace, pg_sleep($2)`,
      values: [mine, randomInt(3) / 1_000],
    })
    const aborted = told.catch(() => undefined)
    if (randomInt(2)) await sleep(randomInt(4))
    else await aborted
    await work[Symbol.asyncDispose]()
    const row = (await aborted)?.rows[0]
    if (!row) return
    answered++
    assert.deepEqual([row['mine'], row['workspace']], [mine, (i % 2 ? north : south).workspace])
  }
  for (let round = 0; round < 40; round++) await Promise.all(Array.from({ length: 8 }, (_, i) => ask(round * 8 + i)))
  assert.ok(answered > 100, `${answered} of 320 were answered`)
  await expectClean(pool)
  await pool.end()
})

test('killed backends end no process: idle, busy and while connecting', async () => {
  const pool = new Pool(login, 5)
  for (let round = 0; round < 10; round++) {
    const asked = Array.from({ length: 5 }, () => pool.run([{ text: 'select pg_sleep(0.02)' }]).catch(String))
    await asAdmin(stage.admin, login.database, (client) => client.query(`select pg_terminate_backend(pid) ${ours}`))
    await Promise.all(asked)
  }
  await sleep(20)
  await pool.run([{ text: 'select 1' }]).catch(String)
  assert.deepEqual((await pool.run([{ text: 'select 1 as one' }]))[0]!.rows, [{ one: 1 }])
  await pool.end()
})

test('a dead server is a refusal and no endless wait: closed port, silence, every connection taken', async () => {
  const silent = await listening(() => undefined)
  const rude = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const closed = await listening(() => undefined)
  await closing(closed)
  const full = new Pool(login, 1)
  await using holder = await full.lease()
  await holder.run([{ text: 'select 1' }])
  const portOf = (server: Server) => (server.address() as AddressInfo | null)?.port ?? 1
  const away = [silent, rude, closed].map(
    (server) => new Pool({ ...login, host: '127.0.0.1', port: portOf(server) }, 2),
  )
  const started = performance.now()
  for (const told of await Promise.allSettled([...away, full].flatMap((pool) => [read(pool), write(pool)])))
    assert.deepEqual([told.status, refusalOf(told)], ['rejected', [503, 'unavailable']])
  assert.ok(performance.now() - started < 8_000)
  await Promise.all([...away.map((pool) => pool.end()), closing(silent), closing(rude)])
})

const read = (pool: Pool) => reading(pool, north).run({ text: 'select 1' })
async function write(pool: Pool) {
  await using work = new Writing(pool, north)
  await work.run({ text: 'select 1' })
}
const refusalOf = (told: PromiseSettledResult<unknown>) => {
  const { status, code } = (told as PromiseRejectedResult).reason as { status: number; code: string }
  return [status, code]
}

/** One write, then whatever goes wrong; whoever asked hears of it. */
async function attempt(pool: Pool, then: (work: Writing) => unknown) {
  await using work = new Writing(pool, north)
  await work.run(insert(FAILED))
  await then(work)
}

const ours = `from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`

async function onceAsleep(act: string) {
  await asAdmin(stage.admin, login.database, async (client) => {
    for (let i = 0; i < 200; i++) {
      const { rowCount } = await client.query(`${act} ${ours} and query like '%pg_sleep(20)%' and state = 'active'`)
      if (rowCount) return
      await sleep(5)
    }
    throw new Error('nobody slept')
  })
}

/**
 * Nothing is open, nobody is in a workspace, and even a later commit of somebody else's brings nothing of it to
 * light.
 */
async function expectClean(pool: Pool) {
  const [, told] = await pool.run([
    { text: 'select 1' },
    {
      text: `select nullif(current_setting('app.workspace', true), '') as workspace, current_user::text as name,
        current_setting('search_path') as path, pg_current_xact_id_if_assigned() as xid`,
    },
  ])
  assert.deepEqual(told!.rows, [{ workspace: null, name: login.user, path: '"$user", public', xid: null }])
  await asAdmin(stage.admin, login.database, async (client) => {
    const { rows } = await client.query(`select state ${ours} and usename = $1 and state like 'idle in%'`, [login.user])
    assert.deepEqual(rows, [])
  })
  const theirs = `Neighbour ${randomInt(1_000_000)}`
  {
    await using work = new Writing(pool, south)
    await work.run(insert(theirs))
    await work.commit(south, [])
  }
  assert.ok((await namesIn(pool, south)).includes(theirs))
  for (const scope of [north, south]) assert.ok(!(await namesIn(pool, scope)).includes(FAILED))
}

const namesIn = async (pool: Pool, scope: Scope) =>
  (await reading(pool, scope).run({ text: 'select name from customer order by id' })).rows.map(({ name }) => name)

const sockets = new Set<Socket>()
async function listening(serve: (socket: Socket) => void): Promise<Server> {
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
const closing = (server: Server) =>
  new Promise((resolve) => {
    for (const socket of sockets) socket.destroy()
    server.close(resolve)
  })
