import { accessSync, chmodSync, constants, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { Trouble } from '../../base/trouble.ts'
import { hasErrcode } from './failure.ts'
import { read } from './home.ts'

/**
 * Two locks of a folder: whose turn it is to start or stop the server, and who uses it. They are held by the kernel and
 * so cannot outlive their process, and they are seen from other containers on the same volume, where a process id means
 * nothing. Node reaches such locks only through SQLite: the files stay empty. Nothing else in this process may open
 * them, because closing any handle of a file gives up all of a process's locks on it.
 */
export async function takeTurn(folder: string): Promise<() => void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  accessSync(folder, constants.W_OK)
  const deadline = Date.now() + TURN_LIMIT_MS
  for (;;) {
    const release = lock(join(folder, 'turn.lock'), 'begin exclusive')
    if (release) return release
    if (Date.now() > deadline)
      throw new Trouble(`Another process is still starting or stopping ${folder}: wait for it.`)
    await setTimeout(POLL_MS)
  }
}

/** A first start takes about a second and a recovery rarely more than ten; somebody is waiting at a terminal. */
const TURN_LIMIT_MS = 60_000
const POLL_MS = 25

/** Shared: says for as long as this process lives, or until it leaves, that the server is needed. */
export function use(folder: string): () => void {
  const leave = lock(usersOf(folder), 'begin; select count(*) from sqlite_schema')
  if (!leave) throw new Trouble(`Something outside Vouchsafe holds ${usersOf(folder)}: end it and start again.`)
  return leave
}

/** Asked only in turn, so that the moment of exclusive possession disturbs nobody. */
export function isUsed(folder: string): boolean {
  const release = lock(usersOf(folder), 'begin exclusive')
  release?.()
  return release === undefined
}

/**
 * Another container on the same volume cannot be seen through process ids, and Postgres's own guard does not see it
 * either: two servers on one cluster destroy it. The users' lock is seen, and a container whose users are all gone has
 * ended together with its server.
 */
export function refuseElsewhere(folder: string) {
  const record = join(folder, 'machine')
  const here = machine()
  const known = read(record)
  if (known === here) return
  if (known !== undefined && isUsed(folder))
    throw new Trouble(
      `Another container or machine is using ${folder}: stop it first, or give this one its own folder.`,
    )
  writeFileSync(record, here, { mode: 0o600 })
}

const usersOf = (folder: string) => join(folder, 'users.lock')

/** Changes with every boot and differs between containers. */
function machine() {
  if (process.platform !== 'linux') return hostname()
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`
}

/** SQLite's code for "somebody else holds it". */
const BUSY = 5

function lock(file: string, how: string): (() => void) | undefined {
  const database = new DatabaseSync(file)
  try {
    chmodSync(file, 0o600)
    database.exec(how)
    return () => database.close()
  } catch (error) {
    database.close()
    if (hasErrcode(error, BUSY)) return undefined
    throw error
  }
}
