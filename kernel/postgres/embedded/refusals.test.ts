import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Trouble } from '../../base/trouble.ts'
import { startEmbedded } from '../embedded.ts'
import { accountFor } from './account.ts'
import { findBinaries } from './binaries.ts'
import { openHome } from './home.ts'
import { bound } from './journal.ts'
import { runningIn } from './processes.ts'
import { spawning } from './run.ts'
import {
  ask,
  cannotBe,
  cannotRun,
  inAnotherNode,
  isRoot,
  NOBODY,
  openTo,
  scratch,
  WITHOUT_PTRACE,
  workingInside,
} from './trial.ts'

const { root, remove } = scratch()
const fast = { durable: false }
const shared = join(root, 'shared')
const data = join(shared, 'data')

after(() => {
  const left = workingInside(root)
  for (const pid of left) process.kill(pid, 'SIGKILL')
  remove()
  assert.deepEqual(left, [], 'a process outlived the tests')
})

test('a server with another password is left alone (ASVS 13.2.3)', async () => {
  const server = await startEmbedded(shared, fast)
  const secret = join(shared, 'admin.secret')
  const right = readFileSync(secret)
  writeFileSync(secret, 'not this one\n')
  await refused(shared, /refuses the password in .*admin\.secret: put back/)
  writeFileSync(secret, right)
  assert.deepEqual(await ask(server.admin, 'select 1'), [1])
  await server.stop()
})

test('a wrong or missing secret is told before anything is served', async () => {
  const secret = join(shared, 'admin.secret')
  renameSync(secret, `${secret}.kept`)
  await refused(shared, /admin\.secret is missing/)
  writeFileSync(secret, 'not this one\n')
  await refused(shared, /refuses the password/)
  assert.deepEqual(runningIn(data), [], 'a server that nobody can use was left running')
  renameSync(`${secret}.kept`, secret)
})

const cannotDrop = !isRoot || cannotRun('setpriv', ...WITHOUT_PTRACE, 'true')
test('a server that somebody started by hand is neither used nor ended', async () => {
  const elsewhere = join(root, 'by hand')
  mkdirSync(elsewhere)
  const account = accountFor(data)
  if (account) chownSync(elsewhere, account.uid, account.gid)
  chmodSync(root, 0o711)
  chmodSync(shared, 0o711)
  const program = join((await findBinaries(openHome(shared))).folder, 'postgres')
  const args = ['-D', data, '-k', elsewhere, '-c', 'listen_addresses=']
  const byHand = spawn(program, args, { ...spawning(account, '/'), stdio: 'ignore' })
  await until(() => /ready/.test(pidFile(data)))
  await refused(shared, new RegExp(`Vouchsafe did not start \\(process ${byHand.pid}\\) holds .*: stop it`))
  // Root in a container cannot even see where that server works, and has to leave it alone all the more.
  if (!cannotDrop) {
    const blind = inAnotherNode(shared, { through: ['setpriv', ...WITHOUT_PTRACE] })
    assert.match((await blind.told).trouble ?? '', /Vouchsafe did not start/)
  }
  assert.equal(byHand.exitCode ?? byHand.signalCode, null)
  await ended(byHand)
  chmodSync(root, 0o700)
})

test('a copy of a folder that is being served is refused, and the server is not disturbed', async () => {
  const server = await startEmbedded(shared, fast)
  const copy = join(root, 'copy')
  execFileSync('cp', ['-a', shared, copy])
  await refused(copy, new RegExp(`copied while its server ran \\(process ${server.pid}\\)`))
  assert.deepEqual(await ask(server.admin, 'select 1'), [1])
  await server.stop()
})

test('a cluster of another version, and a folder that is none', async () => {
  const folder = join(root, 'old')
  const old = join(folder, 'data')
  mkdirSync(old, { recursive: true })
  if (isRoot) chownSync(old, NOBODY, NOBODY)
  await refused(folder, /old\/data is not a Postgres cluster: move it aside/)
  writeFileSync(join(old, 'PG_VERSION'), '17\n')
  await refused(folder, /written by Postgres 17 and this is 18: start the version/)
})

test('root does not serve what belongs to root', { skip: !isRoot && 'we are not root' }, async () => {
  const folder = join(root, 'of root')
  mkdirSync(join(folder, 'data'), { recursive: true })
  await refused(folder, /belongs to root, who may not run Postgres: run chown/)
})

test('a file in the way', async () => {
  writeFileSync(join(root, 'file'), '')
  await refused(join(root, 'file'), /file is in the way/)
  await refused(join(root, 'file/below'), /in the way/)
})

const noMount = isRoot ? cannotRun('unshare', '--mount', 'true') : 'only root can mount a small or read-only disk'
test('a full disk and a read-only one', { skip: noMount }, async (t) => {
  const small = mount(t, 'size=20m')
  await refused(small, /The disk that holds .* is full: free at least 100 MB/)
  execFileSync('mount', ['-o', 'remount,ro', small])
  await refused(small, /disk.* is not open to this user/)
  await refused(join(small, 'db'), /disk.*db is not open to this user/)
})

test('a server whose disk filled up while it was away', { skip: noMount }, async (t) => {
  const small = mount(t, 'size=120m')
  await (await startEmbedded(small, fast)).stop()
  assert.throws(() => execFileSync('dd', ['if=/dev/zero', `of=${small}/filler`, 'bs=4k'], { stdio: 'ignore' }))
  await refused(small, /The disk that holds .* is full/)
  rmSync(join(small, 'filler'))
  await (await startEmbedded(small, fast)).stop()
})

const noOther = isRoot ? cannotBe(NOBODY) : false
test('a folder that this user may not write to, or not enter', { skip: noOther }, async () => {
  const folder = join(root, 'closed')
  mkdirSync(folder)
  chmodSync(root, 0o711)
  if (isRoot) openTo(folder, NOBODY)
  chmodSync(folder, 0o500)
  const as = isRoot ? { uid: NOBODY } : {}
  assert.match(
    (await inAnotherNode(folder, as).told).trouble ?? '',
    /^Trouble: .*closed is not open to this user: open it/,
  )
  assert.match((await inAnotherNode(join(folder, 'db'), as).told).trouble ?? '', /^Trouble: .*closed.* is not open/)
  if (isRoot) assert.match((await inAnotherNode(shared, as).told).trouble ?? '', /^Trouble: .*shared.* is not open/)
  chmodSync(folder, 0o700)
  chmodSync(root, 0o700)
})

const NAMELESS = 54_321
const nameless = isRoot ? cannotBe(NAMELESS) : 'only root can be somebody else'
test('a user without a name, as in docker run --user', { skip: nameless }, async () => {
  const folder = join(root, 'nameless')
  mkdirSync(folder)
  chmodSync(root, 0o711)
  openTo(folder, NAMELESS)
  const { trouble } = await inAnotherNode(folder, { uid: NAMELESS }).told
  assert.match(trouble ?? '', /^Trouble: Postgres wants this user to have a name: add the user id to .etc.passwd/)
  chmodSync(root, 0o700)
})

const IN_A_CONTAINER = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child']
const noContainer = isRoot
  ? cannotRun('unshare', ...IN_A_CONTAINER.slice(1), 'true')
  : 'only root can make a pid namespace'
test('two containers on one folder, where process ids mean nothing', { skip: noContainer }, async () => {
  const contained = inAnotherNode(shared, { through: IN_A_CONTAINER })
  const { admin } = await contained.told
  await refused(shared, /Another container or machine is using .*shared: stop it first/)
  assert.deepEqual(await ask(admin, 'select 1'), [1])
  await contained.finish()
  const server = await startEmbedded(shared, fast)
  assert.ok(!server.adopted)
  await server.stop()
})

test('the log is kept within its bound, with the part before', async () => {
  const log = join(root, 'server.log')
  writeFileSync(log, 'x'.repeat(100))
  await bound(log, 100)
  assert.ok(!existsSync(`${log}.1`))
  await bound(log, 99)
  assert.deepEqual([readFileSync(log, 'utf8'), readFileSync(`${log}.1`, 'utf8')], ['', 'x'.repeat(100)])
  await bound(join(root, 'no such log'))
})

async function refused(folder: string, sentence: RegExp) {
  await assert.rejects(startEmbedded(folder, fast), (error: unknown) => {
    assert.ok(error instanceof Trouble, String(error instanceof Error ? error.stack : error))
    assert.match(error.message, sentence)
    assert.doesNotMatch(error.message, /\n|undefined/)
    return true
  })
}

function mount(t: TestContext, size: string) {
  const disk = mkdtempSync(join(root, 'disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'trial', disk])
  t.after(() => execFileSync('umount', ['--lazy', disk]))
  return disk
}

const pidFile = (of: string) =>
  existsSync(join(of, 'postmaster.pid')) ? readFileSync(join(of, 'postmaster.pid'), 'utf8') : ''

async function until(isSo: () => boolean) {
  const deadline = Date.now() + 10_000
  while (!isSo()) {
    assert.ok(Date.now() < deadline, 'it did not come about')
    await setTimeout(5)
  }
}

async function ended(child: ReturnType<typeof spawn>) {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  child.once('close', () => resolve(undefined))
  child.kill('SIGINT')
  await promise
}
