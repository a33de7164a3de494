import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { startEmbedded } from './embedded.ts'
import { accountFor } from './embedded/account.ts'
import { clusterName, listedByPs, runningIn, standing } from './embedded/processes.ts'
import { ask, cannotBe, cannotRun, connect, inAnotherNode, isRoot, NOBODY, openTo } from './embedded/trial.ts'
import { scratch, WITHOUT_PTRACE, workingInside } from './embedded/trial.ts'

const { root, remove } = scratch()
const fast = { durable: false }
/** One cluster for the tests that leave it whole: a first start is the slow part. */
const shared = join(root, 'shared')

after(() => {
  const left = workingInside(root)
  for (const pid of left) process.kill(pid, 'SIGKILL')
  remove()
  assert.deepEqual(left, [], 'a process outlived the tests')
})

test('a first start, a second, and a clean stop', async (t) => {
  const folder = join(root, 'first')
  const [first, first_ms] = await timed(() => startEmbedded(folder, { maxConnections: 33 }))
  await ask(first.admin, 'create table kept as select 42 as answer')
  const told = 'listen_addresses,max_connections,fsync,password_encryption,unix_socket_permissions,log_error_verbosity'
  const shown = told.split(',').map((name) => `current_setting('${name}')`)
  assert.deepEqual(await ask(first.admin, `select ${shown.join()}`), ['', '33', 'on', 'scram-sha-256', '0700', 'terse'])
  const shape = 'select datlocprovider, datlocale, pg_encoding_to_char(encoding) from pg_database where oid = 1'
  assert.deepEqual(await ask(first.admin, shape), ['b', 'C.UTF-8', 'UTF8'])
  for (const name of ['run', 'data', 'admin.secret', 'server.log', 'turn.lock', 'users.lock'])
    assert.equal(statSync(join(folder, name)).mode & 0o077, 0, `${name} is open to others`)
  await assert.rejects(ask({ ...first.admin, password: 'guess' }, 'select 1'), { code: '28P01' })
  assert.equal(session(first.pid), first.pid, 'Ctrl-C in the terminal would reach the server')
  assert.notEqual(session(first.pid), session(process.pid))
  const [, stop_ms] = await timed(() => first.stop())
  assert.deepEqual(runningIn(join(folder, 'data')), [])
  assert.ok(!existsSync(join(folder, 'data/postmaster.pid')), 'not a clean stop')
  await first.stop()

  const [second, second_ms] = await timed(() => startEmbedded(folder))
  assert.deepEqual(await ask(second.admin, 'select answer from kept'), [42])
  assert.ok(!second.adopted)
  await second.stop()
  t.diagnostic(`first start ${first_ms} ms, second ${second_ms} ms, stop ${stop_ms} ms`)
})

test('a system without /proc finds the same processes', { skip: cannotRun('ps', '-p', '1') }, async () => {
  const server = await startEmbedded(shared, fast)
  const name = clusterName(join(shared, 'data'))
  const named = listedByPs().filter((process) => process.name === 'postgres' && process.command.includes(name))
  assert.ok(named.length > 4)
  const sorted = (pids: number[]) => pids.toSorted((one, other) => one - other)
  assert.deepEqual(sorted(named.map(({ pid }) => pid)), sorted(runningIn(join(shared, 'data'))))
  await server.stop()
})

test('who finds a live server shares it, and the last to leave stops it', async () => {
  const starter = await startEmbedded(shared, fast)
  const guest = await startEmbedded(shared, fast)
  const other = inAnotherNode(shared)
  const told = await other.told
  assert.deepEqual([starter.adopted, guest.adopted, told.adopted], [false, true, true])
  assert.deepEqual([guest.pid, told.pid], [starter.pid, starter.pid])
  await guest.stop()
  assert.deepEqual(await ask(starter.admin, 'select 1'), [1])
  await starter.stop()
  assert.deepEqual(await ask(told.admin, 'select 1'), [1])
  await other.finish()
  assert.deepEqual(runningIn(join(shared, 'data')), [])
})

test('of two processes that start an empty folder at once, one starts and the other shares', async () => {
  const folder = join(root, 'race')
  const racers = [inAnotherNode(folder), inAnotherNode(folder), inAnotherNode(folder)]
  const told = await Promise.all(racers.map((racer) => racer.told))
  assert.equal(told.filter(({ adopted }) => adopted).length, 2)
  assert.equal(new Set(told.map(({ pid }) => pid)).size, 1)
  await Promise.all(racers.map((racer) => racer.finish()))
  assert.deepEqual(runningIn(join(folder, 'data')), [])
  assert.deepEqual(unfinished(folder), [])
})

test('a server whose Node was killed is taken over, and stopped by whoever took it', async () => {
  const killed = inAnotherNode(shared)
  const { pid, admin } = await killed.told
  await ask(admin, 'create table of_the_killed as select 7 as n')
  await killed.kill()
  assert.equal(standing(pid, join(shared, 'data')), 'ours')
  const heir = await startEmbedded(shared, fast)
  assert.deepEqual([heir.adopted, heir.pid], [true, pid])
  assert.deepEqual(await ask(heir.admin, 'select n from of_the_killed'), [7])
  await heir.stop()
  assert.equal(standing(pid, join(shared, 'data')), 'gone')
})

test('after a killed postmaster its busy backend is ended, and nobody else who works there', async () => {
  const data = join(shared, 'data')
  const server = await startEmbedded(shared, fast)
  await ask(server.admin, 'create table before as select 1 as n')
  const busy = await keepBusy(server.admin)
  const bystander = sleeper(data)
  process.kill(server.pid, 'SIGKILL')
  await until(() => runningIn(data).length === 1)
  assert.deepEqual(runningIn(data), [busy], 'the busy backend should have survived')

  const again = await startEmbedded(shared, fast)
  assert.ok(!again.adopted)
  assert.equal(standing(busy, data), 'gone')
  assert.equal(bystander.exitCode ?? bystander.signalCode, null)
  assert.deepEqual(await ask(again.admin, 'select n from before'), [1])
  bystander.kill()
  await again.stop()
  await server.stop()
})

test('a killed backend takes the server down and up again, and a newcomer waits for that', async () => {
  const server = await startEmbedded(shared, fast)
  const busy = await keepBusy(server.admin)
  const witness = await connect(server.admin)
  const dropped = new Promise((resolve) => witness.once('end', resolve))
  process.kill(busy, 'SIGKILL')
  await dropped
  const newcomer = await startEmbedded(shared, fast)
  assert.deepEqual([newcomer.adopted, newcomer.pid], [true, server.pid])
  assert.deepEqual(await ask(newcomer.admin, 'select 1'), [1])
  await newcomer.stop()
  await server.stop()
})

test('a stale pid file whose id is somebody else by now is no hindrance', async () => {
  const data = join(shared, 'data')
  await (await startEmbedded(shared, fast)).stop()
  const stranger = sleeper('/')
  const { uid, gid } = statSync(data)
  for (const name of ['data/postmaster.pid', 'run/.s.PGSQL.5432.lock']) {
    writeFileSync(join(shared, name), `${stranger.pid}\n${data}\n1700000000\n5432\n${shared}/run\n\n 1 2\nready\n`)
    chownSync(join(shared, name), uid, gid)
  }
  const server = await startEmbedded(shared, fast)
  assert.ok(!server.adopted)
  assert.equal(stranger.exitCode ?? stranger.signalCode, null)
  stranger.kill()
  await server.stop()
})

test('a first start that was killed is done again', async () => {
  const folder = join(root, 'cut off')
  const killed = inAnotherNode(folder)
  await until(() => unfinished(folder).some((name) => existsSync(join(folder, name, 'base'))))
  // Held, so that they are surely still there: on their own they go on for as long as they find their folder.
  const orphans = hold(() => unfinished(folder).flatMap((name) => runningIn(join(folder, name))))
  await killed.kill()
  assert.ok(orphans.length > 0 && !existsSync(join(folder, 'data')), 'the kill came too late to show anything')
  const server = await startEmbedded(folder, fast)
  assert.deepEqual(await ask(server.admin, 'select 1'), [1])
  assert.deepEqual(unfinished(folder), [])
  for (const pid of orphans) assert.equal(standing(pid, join(folder, 'data')), 'gone')
  await server.stop()
})

test('a folder with a long name is reached by a short way, which is gone after the stop', async () => {
  const folder = join(root, 'l'.repeat(100))
  const server = await startEmbedded(folder, fast)
  const { host } = server.admin
  assert.ok(host.length < 60)
  assert.deepEqual(await ask(server.admin, 'select 1'), [1])
  // Whoever cleans the temporary folder must not cut a live server off.
  rmSync(dirname(host), { recursive: true })
  const healed = await startEmbedded(folder, fast)
  assert.ok(healed.adopted)
  assert.deepEqual(await ask(healed.admin, 'select 1'), [1])
  await server.stop()
  await healed.stop()
  assert.ok(!existsSync(healed.admin.host))
})

const noOther = isRoot ? cannotBe(NOBODY) : 'these tests already run as one'
test('an ordinary user starts, shares and recovers', { skip: noOther }, async () => {
  const folder = join(root, 'ordinary')
  chmodSync(root, 0o711)
  mkdirSync(folder)
  openTo(folder, NOBODY)
  const [first, guest] = [inAnotherNode(folder, { uid: NOBODY }), inAnotherNode(folder, { uid: NOBODY })]
  const told = await Promise.all([first.told, guest.told])
  assert.notEqual(told[0].adopted, told[1].adopted)
  const busy = await keepBusy(told[0].admin)
  process.kill(told[0].pid, 'SIGKILL')
  const third = inAnotherNode(folder, { uid: NOBODY })
  assert.equal((await third.told).adopted, false)
  assert.equal(standing(busy, join(folder, 'data')), 'gone')
  for (const process of [first, guest, third]) await process.finish()
  assert.deepEqual(runningIn(join(folder, 'data')), [])
  chmodSync(root, 0o700)
})

const noDrop = isRoot ? cannotRun('setpriv', ...WITHOUT_PTRACE, 'true') : 'only root has capabilities to give up'
test('root in a container, who may not see where others work, recovers too', { skip: noDrop }, async () => {
  const folder = join(root, 'container')
  const through = ['setpriv', ...WITHOUT_PTRACE]
  const first = inAnotherNode(folder, { through })
  const { admin, pid } = await first.told
  const busy = await keepBusy(admin)
  process.kill(pid, 'SIGKILL')
  const second = inAnotherNode(folder, { through })
  assert.deepEqual([(await second.told).trouble, (await second.told).adopted], [undefined, false])
  assert.equal(standing(busy, join(folder, 'data')), 'gone')
  await first.finish()
  await second.finish()
})

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const from = performance.now()
  const result = await work()
  return [result, Math.round(performance.now() - from)]
}

async function until(isSo: () => boolean) {
  const deadline = Date.now() + 10_000
  while (!isSo()) {
    assert.ok(Date.now() < deadline, 'it did not come about')
    await setTimeout(5)
  }
}

/** A backend that computes without end, which neither a signal from nor the death of its server interrupts. */
/** Stops processes that start and end others until none is left that runs: a stopped parent has no new children. */
function hold(list: () => number[]): number[] {
  const held = new Set<number>()
  for (;;) {
    const found = list()
    if (found.every((pid) => held.has(pid))) return found
    for (const pid of found) if (signalled(pid, 'SIGSTOP')) held.add(pid)
  }
}

/** False when it had ended by itself. */
function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

async function keepBusy(admin: Parameters<typeof connect>[0]) {
  const client = await connect(admin)
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
  client.query('do $$ begin loop end loop; end $$').catch(() => undefined)
  await setTimeout(50)
  return rows[0]?.pid ?? assert.fail('a backend has a process id')
}

/** A process of the server's user that has nothing to do with the server. */
const sleeper = (cwd: string) => spawn('sleep', ['60'], { cwd, stdio: 'ignore', ...accountFor(join(shared, 'data')) })

/** The fifth field after the name, which is in brackets and may hold anything. */
const session = (pid: number) => Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3])

const unfinished = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('unfinished-')) : []
