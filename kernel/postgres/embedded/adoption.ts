import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { Trouble } from '../../base/trouble.ts'
import { hasCode } from './failure.ts'
import { login, read } from './home.ts'
import type { Home } from './home.ts'
import { standing, visible, workingFolder } from './processes.ts'

/** Takes over the live server of this folder, when there is one and it lets us in. */
export async function adopt(home: Home): Promise<number | undefined> {
  const file = readPidFile(home.data)
  if (!file) return undefined
  const found = standing(file.pid, home.data)
  if (found === 'unsure') throw foreign(file.pid, home)
  if (found === 'other') forget(file, home)
  if (found !== 'ours' || !(await becomesReady(file.pid, home))) return undefined
  await greet(file.pid, home)
  return file.pid
}

type PidFile = { pid: number; started: string; status: string }

/** Postgres writes: pid, data folder, start, port, socket folder, address, shared memory, status. */
export function readPidFile(data: string): PidFile | undefined {
  const [pid, , started = '', , , , , status = ''] = read(join(data, 'postmaster.pid'))?.split('\n') ?? []
  // A server without a postmaster, as for repairs, writes its process id negative.
  return Number(pid) ? { pid: Math.abs(Number(pid)), started, status: status.trim() } : undefined
}

/** The id belongs to another program by now; Postgres would take that for a live server and stay away. */
function forget({ pid, started }: PidFile, { data }: Home) {
  const theirs = visible(() => readPidFile(workingFolder(pid)))
  if (theirs?.pid === pid && theirs.started === started)
    throw new Trouble(`${data} was copied while its server ran (process ${pid}): stop that server and copy it again.`)
  rmSync(join(data, 'postmaster.pid'), { force: true })
}

/** Waits out a recovery or a stop; false when the server is gone. */
export async function becomesReady(pid: number, home: Home) {
  const deadline = Date.now() + READY_LIMIT_MS
  while (standing(pid, home.data) === 'ours') {
    const file = readPidFile(home.data)
    if (file?.pid === pid && file.status === 'ready') return true
    if (Date.now() > deadline)
      throw new Trouble(
        `Postgres is still recovering ${home.data}: follow ${home.log} and start again when it is ready.`,
      )
    await setTimeout(POLL_MS)
  }
  return false
}

/** Recovery replays at most what was written since the last checkpoint, a minute or two on a slow disk. */
const READY_LIMIT_MS = 300_000
const POLL_MS = 10

/** A server is ours when it accepts our password, and SCRAM also shows us that it knew it. */
export async function greet(pid: number, home: Home) {
  const deadline = Date.now() + GREETING_LIMIT_MS
  for (;;) {
    const error = await tryLogin(home)
    if (error === undefined) return
    if (hasCode(error, 'ENOENT', 'ECONNREFUSED')) throw foreign(pid, home)
    if (hasCode(error, '28P01', '28000'))
      throw new Trouble(
        `The server in ${home.data} refuses the password in ${home.secret}: put back the file that belongs to it.`,
      )
    if (Date.now() > deadline)
      throw new Trouble(`The server in ${home.data} lets nobody in (${error.message}): stop it and start again.`)
    await setTimeout(POLL_MS)
  }
}

/** After a crash of one backend a server takes all of its connections down and comes back by itself. */
const GREETING_LIMIT_MS = 60_000
const CONNECT_LIMIT_MS = 5_000

async function tryLogin(home: Home): Promise<Error | undefined> {
  const client = new pg.Client({ ...login(home), connectionTimeoutMillis: CONNECT_LIMIT_MS })
  // A connection that breaks after it failed must not end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  } finally {
    await client.end().catch(() => undefined)
  }
}

const foreign = (pid: number, { data }: Home) =>
  new Trouble(`A server that Vouchsafe did not start (process ${pid}) holds ${data}: stop it and start again.`)
