import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { becomesReady, greet, readPidFile } from './adoption.ts'
import type { Binaries } from './binaries.ts'
import { complaint } from './failure.ts'
import { clearSocket } from './home.ts'
import type { Home } from './home.ts'
import { clusterName, killOrphans, runningIn, signal, standing } from './processes.ts'
import { spawning } from './run.ts'
import { settings } from './settings.ts'
import { HANDLE, WORKING_FOLDER, usesHandles } from './ways.ts'

type Options = { durable: boolean; maxConnections: number }

/** Starts the server, trying again while the remains of an earlier one are still going. */
export async function launch(home: Home, binaries: Binaries, options: Options): Promise<number> {
  const deadline = Date.now() + REMAINS_LIMIT_MS
  for (;;) {
    await killOrphans(home.data)
    clearSocket(home)
    const started = await tryLaunch(home, binaries, options)
    if ('pid' in started) return started.pid
    if (!REMAINS.test(started.printed) || Date.now() > deadline) throw complaint(started.printed, home.folder)
    await setTimeout(RETRY_MS)
  }
}

/** The shared memory of a killed server is freed when its last backend is gone, usually within half a second. */
const REMAINS = /is still in use|lock file .* already exists/
const REMAINS_LIMIT_MS = 10_000
const RETRY_MS = 100

async function tryLaunch(home: Home, { folder }: Binaries, options: Options) {
  const [log, handle] = [openSync(home.log, 'a', 0o600), openSync(home.run, 'r')]
  const from = statSync(home.log).size
  const [data, socket] = usesHandles(home) ? [WORKING_FOLDER, HANDLE] : [home.data, home.socket]
  const args = ['-D', data, ...settings({ ...options, socket, name: clusterName(home.data) })]
  const child = spawn(join(folder, 'postgres'), args, {
    ...spawning(home.account, home.data),
    stdio: ['ignore', log, log, handle],
    // A session of its own: Ctrl-C in the terminal must reach Node alone.
    detached: true,
  })
  closeSync(log)
  closeSync(handle)
  const { promise: ended, resolve: end } = Promise.withResolvers<undefined>()
  child.on('exit', () => end(undefined)).on('error', () => end(undefined))
  child.unref()
  if (child.pid === undefined || !(await Promise.race([ended, becomesReady(child.pid, home)])))
    return { printed: printedSince(home.log, from) }
  await greet(child.pid, home).catch(async (error: unknown) => {
    await stopPostmaster(home)
    throw error
  })
  return { pid: child.pid }
}

const printedSince = (log: string, from: number) => readFileSync(log).subarray(from).toString('utf8')

/** Sessions are ended, then all is written out. What takes too long is ended hard, and the next start recovers. */
export async function stopPostmaster({ data }: Home) {
  const pid = readPidFile(data)?.pid
  if (pid === undefined || standing(pid, data) !== 'ours') return
  signal(pid, 'SIGINT')
  if (await isGone(data, STOP_LIMIT_MS)) return
  signal(pid, 'SIGQUIT')
  if (!(await isGone(data, QUIT_LIMIT_MS))) await killOrphans(data)
}

async function isGone(data: string, limit_ms: number) {
  const deadline = Date.now() + limit_ms
  while (runningIn(data).length > 0) {
    if (Date.now() > deadline) return false
    await setTimeout(POLL_MS)
  }
  return true
}

/** The last checkpoint writes at most the shared buffers; a slow disk manages that in this time. */
const STOP_LIMIT_MS = 60_000
const QUIT_LIMIT_MS = 10_000
const POLL_MS = 10
