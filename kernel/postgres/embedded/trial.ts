import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import pg from 'pg'
import { hasCode } from './failure.ts'

/** What the tests of the embedded server share: scratch folders, other Node processes, and a look for leftovers. */
export function scratch() {
  // mkdtemp makes it private, so as root every test runs where the server's user may not go.
  const root = mkdtempSync(join(tmpdir(), 'vouchsafe-trial-'))
  const remove = () => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(root, { recursive: true, force: true, maxRetries: 10 })
  }
  return { root, remove }
}

/** Those that a test which failed left waiting. */
const children = new Set<ChildProcess>()

export const isRoot = process.getuid?.() === 0
/** An ordinary user for child processes when the tests run as root. */
export const NOBODY = 65_534

export function openTo(folder: string, uid: number) {
  chownSync(folder, uid, uid)
  chmodSync(folder, 0o700)
}

export const WITHOUT_PTRACE = ['--bounding-set=-sys_ptrace', '--inh-caps=-sys_ptrace']

/** Why a child cannot run as that user here, or false. */
export const cannotBe = (uid: number) =>
  spawnSync(process.execPath, ['--eval', `require('node:fs').accessSync(${JSON.stringify(import.meta.filename)})`], {
    uid,
    gid: uid,
  }).status !== 0 && 'the project is in a folder where no ordinary user may go'

export const cannotRun = (program: string, ...args: string[]) =>
  spawnSync(program, args).status !== 0 && `this system does not let us run ${program} ${args.join(' ')}`

type Login = { host: string; port: number; user: string; password: string; database: string }

export async function connect(admin: Login) {
  const client = new pg.Client(admin)
  client.on('error', () => undefined)
  await client.connect()
  return client
}

export async function ask(admin: Login, sql: string): Promise<unknown[]> {
  const client = await connect(admin)
  try {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: 'array' })
    return rows.flat()
  } finally {
    await client.end()
  }
}

export type Told = { pid: number; adopted: boolean; admin: Login; trouble?: string }

/** Another Node process that starts the server of a folder, says so, and stops it when its input ends. */
export function inAnotherNode(folder: string, { uid, through = [] }: { uid?: number; through?: string[] } = {}) {
  const command = [...through, process.execPath, '--input-type=module', '--eval', SCRIPT, folder]
  const child = spawn(command[0] ?? '', command.slice(1), {
    stdio: ['pipe', 'pipe', 'inherit'],
    ...(uid !== undefined && { uid, gid: uid }),
  })
  children.add(child)
  const told = new Promise<Told>((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve(JSON.parse(line) as Told))
    child.once('error', reject)
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve())).then(() => {
    children.delete(child)
  })
  const finish = async () => {
    child.stdin.end()
    await ended
  }
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  return { told, finish, kill }
}

const SCRIPT = `
import { startEmbedded } from ${JSON.stringify(new URL('../embedded.ts', import.meta.url).href)}
try {
  const { stop, ...server } = await startEmbedded(process.argv[1], { durable: false })
  console.log(JSON.stringify(server))
  process.stdin.resume().on('end', () => stop().then(() => process.exit()))
} catch (error) {
  console.log(JSON.stringify({ trouble: error.constructor.name + ': ' + error.message }))
}`

/** Every process that works inside a folder: after the tests there must be none. */
export function workingInside(root: string) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && folderOf(name).startsWith(root))
    .map(Number)
}

function folderOf(pid: string) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EACCES', 'EPERM', 'ESRCH')) return ''
    throw error
  }
}
