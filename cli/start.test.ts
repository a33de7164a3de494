import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'

/** What a person sees who starts the product, well or badly. Each test starts the real thing. */
const LAUNCHER = fileURLToPath(new URL('../bin/vouchsafe.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-start-'))
const started: ChildProcess[] = []
after(async () => {
  const running = started.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
  for (const child of running) child.kill('SIGTERM')
  await Promise.all(running.map((child) => once(child, 'close')))
  rmSync(folder, { recursive: true, force: true })
})

type Said = { code: number | null; out: string }
const data = join(folder, 'data')

const start = (env: Record<string, string>, args: string[] = []) => launch('start', env, args)
const command = ([name = '', ...args]: string[]) => launch(name, {}, args).ended

function launch(name: string, env: Record<string, string>, args: string[]) {
  const clean = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    NO_COLOR: '1',
    PORT: '0',
    TLS_PORT: '0',
    VOUCHSAFE_DATA: data,
  }
  const child = spawn(process.execPath, [LAUNCHER, name, ...args], {
    env: { ...clean, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  let out = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (out += chunk.toString()))
  const ended: Promise<Said> = once(child, 'close').then(([code]) => ({ code: code as number | null, out }))
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => out.includes('Ctrl-C stops it.') && resolve(out))
    void ended.then(() => reject(new Error(out)))
  })
  ready.catch(() => undefined)
  return { child, ended, ready, said: () => out }
}

/** It ends by itself, with one sentence that says what to do. */
async function refuses(env: Record<string, string>, code: number, sentence: RegExp, args: string[] = []) {
  const said = await start(env, args).ended
  assert.deepEqual({ code: said.code, lines: said.out.trim().split('\n').length }, { code, lines: 1 }, said.out)
  assert.match(said.out, sentence)
}

test('a first start says how to get in, a second that it found its data; both end without a trace', async () => {
  const first = start({})
  const key = /vsk_[\w-]{62}/.exec(await first.ready)?.[0]
  const port = /localhost:(\d+)\/security/.exec(await first.ready)?.[1]
  const told = await fetch(`http://127.0.0.1:${port}/v1/identity.workspace.get`, {
    headers: { authorization: `Bearer ${key}` },
  })
  assert.equal(told.status, 200)
  const link = /http:\/\/localhost:\d+\/enter#owner=vst_[\w-]+/.exec(await first.ready)?.[0] ?? ''
  assert.equal(new URL(link).port, port)
  assert.equal(await becomeOwner(link, 'first@example.com'), 200)
  assert.equal(await becomeOwner(link, 'second@example.com'), 401, 'it works once')
  first.child.kill('SIGTERM')
  assert.equal((await first.ended).code, 0)
  assert.deepEqual(processesIn(data), [])

  const second = start({})
  assert.match(await second.ready, /is ready again, with the data it had/)
  assert.doesNotMatch(await second.ready, /vsk_|vst_/)
  assert.match(await second.ready, /Sign in +http:\/\/localhost:\d+\/enter\n/)
  second.child.kill('SIGINT')
  assert.equal((await second.ended).code, 0)
  assert.deepEqual(processesIn(data), [])
})

test('who runs it makes workspaces and owners at any time, and the log has it', async () => {
  const made = JSON.parse((await command(['workspace', 'create', 'Ashgrove', '--json'])).out) as Record<string, string>
  assert.match(made['ownerLink']!, /^http:\/\/localhost:\d+\/enter#owner=vst_/)
  const running = start({})
  const port = /localhost:(\d+)\/security/.exec(await running.ready)?.[1]
  const again = (await command(['owner-link', made['workspace']!])).out.trim()
  assert.equal(new URL(again).port, port, 'a link to where it runs')
  for (const [at, link] of [made['ownerLink']!, again].entries())
    assert.equal(await becomeOwner(link, `owner-${at}@example.com`, port), 200)
  await inPool(async (client) => {
    const { rows } = await client.query(
      `select actor_kind, action from audit.entry where workspace_id = $1 and action = 'identity.workspace.invite-owner'`,
      [made['workspace']],
    )
    assert.deepEqual(rows, Array(2).fill({ actor_kind: 'system', action: 'identity.workspace.invite-owner' }))
  })
  running.child.kill('SIGTERM')
  await running.ended
  const nowhere = await command(['owner-link', '0190a5b2-7c3e-7d21-9f10-2b8a4c6d8e0f'])
  assert.deepEqual([nowhere.code, /no such workspace/.test(nowhere.out)], [4, true], nowhere.out)
  assert.equal((await command(['owner-link', 'Ashgrove'])).code, 2)
})

test('the audit logs are sealed by a process of its own, where the others are told so', async () => {
  const serving = start({ VOUCHSAFE_SEQUENCER: 'elsewhere' })
  await serving.ready
  const made = JSON.parse((await command(['workspace', 'create', 'Sealed', '--json'])).out) as Record<string, string>
  const unsealed = () =>
    inPool(async (client) => {
      const { rows } = await client.query<{ n: number }>(
        `select count(*)::int as n from audit.entry e
         where workspace_id = $1 and not exists (select from audit.leaf f where f.id = e.id)`,
        [made['workspace']],
      )
      return rows[0]!.n
    })
  assert.ok((await unsealed()) > 0, 'nobody is there to seal it')
  const sequencer = launch('sequencer', {}, [])
  await sequencer.ready
  for (const until_ms = Date.now() + 60_000; (await unsealed()) > 0; await sleep(50))
    assert.ok(Date.now() < until_ms, sequencer.said())
  sequencer.child.kill('SIGTERM')
  assert.equal((await sequencer.ended).code, 0)
  serving.child.kill('SIGTERM')
  assert.equal((await serving.ended).code, 0)
  assert.deepEqual(processesIn(data), [])
})

test('data of another edition is not touched', () =>
  refuses({ EDITION: 'suite' }, 4, /belongs to the edition jeweller/))

test('a schema newer than the code is not touched', async () => {
  const running = start({})
  await running.ready
  await inPool((client) =>
    client.query(`insert into tenancy.migration (stream, file, checksum) values ('shop', '9999_later.sql', 'x')`),
  )
  await inControl((client) => client.query(`update directory.realm set digest = 'later'`))
  running.child.kill('SIGTERM')
  await running.ended
  await refuses({}, 3, /newer Vouchsafe/)
})

test('a taken port is named, and how to choose another', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await refuses(
    { PORT: String(port), VOUCHSAFE_DATA: join(folder, 'taken') },
    3,
    new RegExp(`Port ${port} is taken.*PORT=`),
  )
  server.close()
})

test('what cannot be right is refused before anything is made', async () => {
  await refuses({ PORT: 'eighty' }, 2, /^Set PORT to/)
  await refuses({ TLS_CERT: 'cert.pem' }, 2, /both TLS_CERT and TLS_KEY/)
  await refuses({}, 2, /Did you mean jeweller\?/, ['--edition', 'jewler'])
  await refuses({ DATABASE_URL: 'mysql://me@here/db' }, 2, /postgres:\/\/user:password@host\/database/)
  await refuses({ DATABASE_URL: 'postgres://u:p@db.example.com/v?sslmode=disable' }, 2, /turns encryption off/)
})

test('what is not there, or does not let us in, is told from what is wrong', async () => {
  await refuses(
    { DATABASE_URL: 'postgres://u:p@127.0.0.1:1/v', VOUCHSAFE_DATA: join(folder, 'none') },
    3,
    /no Postgres server listens there/,
  )
  await refuses({ VOUCHSAFE_DATA: '/proc/vouchsafe' }, 3, /data folder \/proc\/vouchsafe cannot be used/)
})

/** What the page behind the link does when its button is pressed. */
async function becomeOwner(link: string, email: string, port = new URL(link).port): Promise<number> {
  const ticket = new URL(link).hash.replace('#owner=', '')
  const { status } = await fetch(`http://127.0.0.1:${port}/auth/welcome`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ticket, name: 'Asha', email, password: 'seven quiet herons over water' }),
  })
  return status
}

const admin = (database: string) => ({
  host: join(data, 'postgres/run'),
  user: 'postgres',
  password: readFileSync(join(data, 'postgres/admin.secret'), 'utf8').trim(),
  database,
})

async function inDatabase<T>(name: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(admin(name))
  await client.connect()
  const told = await work(client)
  await client.end()
  return told
}
const inPool = <T>(work: (client: pg.Client) => Promise<T>) => inDatabase('vouchsafe_pool', work)
const inControl = (work: (client: pg.Client) => Promise<unknown>) => inDatabase('vouchsafe', work)

/** Processes whose command line or working folder is inside of a folder. */
function processesIn(path: string): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return pids.map(commandOf).filter((command) => command.includes(path))
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    // It ended while we looked.
    return ''
  }
}
