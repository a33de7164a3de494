import { resolve } from 'node:path'
import pg from 'pg'
import { adopt } from './embedded/adoption.ts'
import { findBinaries } from './embedded/binaries.ts'
import { createCluster } from './embedded/cluster.ts'
import { asTrouble } from './embedded/failure.ts'
import { forgetShortcut, login, openHome } from './embedded/home.ts'
import type { Home } from './embedded/home.ts'
import { boundLog } from './embedded/journal.ts'
import { keep } from './embedded/keeper.ts'
import { isUsed, refuseElsewhere, takeTurn, use } from './embedded/lock.ts'
import { launch, stopPostmaster } from './embedded/postmaster.ts'

/**
 * A Postgres server for a person who has none, kept in one folder and reached only through a private Unix socket.
 *
 * It promises: one server per folder, however many processes start it at once; the processes that find it live share
 * it, and the last one to stop it ends it. The server runs in a session of its own, so Ctrl-C reaches only Node, which
 * is to call `stop`; a Node that is killed leaves the server running, and the next start takes it over. Whatever was
 * killed, the next start finds every committed row: it waits for recovery, ends backends that outlived their server,
 * redoes a first start that was cut off, and refuses, in one sentence, what it cannot put right.
 */
export type Server = {
  /** How the administrator connects: fields of pg's ClientConfig; `host` is the folder of the socket. */
  admin: { host: string; port: number; user: string; password: string; database: 'postgres' }
  /** A live server of this folder was found and is now shared; it keeps the settings that it was started with. */
  adopted: boolean
  pid: number
  /** Leaves the server; the last process to leave stops it and returns when every part of it is gone. */
  stop: () => Promise<void>
}

export type Options = {
  /** False switches fsync off: for servers that are thrown away. */
  durable?: boolean
  maxConnections?: number
  /** True for a deployment that is served: when the server dies, it is started again. */
  kept?: boolean
}

export async function startEmbedded(folder: string, options: Options = {}): Promise<Server> {
  const { durable = true, maxConnections = 100, kept = false } = options
  const path = resolve(folder)
  try {
    return await inTurn(path, () => start(path, { durable, maxConnections, kept }))
  } catch (error) {
    throw asTrouble(error, path)
  }
}

async function start(folder: string, options: Required<Options>): Promise<Server> {
  const home = openHome(folder)
  refuseElsewhere(folder)
  const found = await adopt(home)
  const pid = found ?? (await launchNew(home, options))
  await shutSpareRooms(home)
  const leave = use(folder)
  const unwatch = boundLog(home.log)
  let stopping: Promise<void> | undefined
  const revive = async () => (stopping ? undefined : ((await adopt(home)) ?? (await launchNew(home, options))))
  const unkeep = options.kept ? keep(pid, home.data, () => inTurn(folder, revive)) : () => undefined
  const stop = async () => {
    unwatch()
    unkeep()
    await inTurn(folder, () => leaveServer(home, leave))
  }
  return { admin: login(home), adopted: found !== undefined, pid, stop: () => (stopping ??= stop()) }
}

async function launchNew(home: Home, options: Required<Options>) {
  const binaries = await findBinaries(home)
  await createCluster(home, binaries, options)
  return await launch(home, binaries, options)
}

/** The databases that every cluster has are open to each of its logins; here they are only the administrator's. */
async function shutSpareRooms(home: Home) {
  const client = new pg.Client(login(home))
  await client.connect()
  await client.query('revoke all on database postgres, template1 from public')
  await client.end()
}

async function leaveServer(home: Home, leave: () => void) {
  leave()
  if (isUsed(home.folder)) return
  await stopPostmaster(home)
  forgetShortcut(home)
}

async function inTurn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const endTurn = await takeTurn(folder)
  try {
    return await work()
  } finally {
    endTurn()
  }
}
