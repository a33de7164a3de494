import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { Trouble } from '../../base/trouble.ts'
import { hasCode } from './failure.ts'

/**
 * Which processes belong to a cluster. Backends have sessions of their own and outlive a killed server, so neither
 * groups nor parents find them. Two marks do: the working folder, which every part of a server shares, and the
 * cluster's name in the command line, because root in a container may not read the first.
 */
export function runningIn(data: string): number[] {
  return everyProcess()
    .filter((process) => judge(process, data) === 'ours')
    .map(({ pid }) => pid)
}

/** What has become of a process that may once have served `data`. */
export function standing(pid: number, data: string): Standing {
  const found = HAS_PROC ? describe(pid) : listedByPs().find((process) => process.pid === pid)
  return found === undefined ? 'gone' : judge(found, data)
}

export type Standing = 'ours' | 'gone' | 'other' | 'unsure'

function judge({ pid, uid, name, command }: Process, data: string): Standing {
  // Postgres serves a cluster to its owner alone.
  if (!PROGRAMS.includes(name) || uid !== visible(() => statSync(data).uid)) return 'other'
  const cluster = CLUSTER.exec(command)?.[1]
  if (cluster !== undefined) return cluster === clusterName(data) ? 'ours' : 'other'
  const place = placeOf(workingFolder(pid))
  if (place === undefined) return 'unsure'
  return place === placeOf(data) ? 'ours' : 'other'
}

const PROGRAMS = ['postgres', 'initdb']

/** Ends what a dead server left behind: a busy backend would keep every new server out. */
export async function killOrphans(data: string) {
  const deadline = Date.now() + KILL_LIMIT_MS
  for (;;) {
    const left = runningIn(data)
    if (left.length === 0) return
    if (Date.now() > deadline)
      throw new Trouble(`The processes ${left.join(', ')} hold ${data} and cannot be ended: end them and start again.`)
    for (const pid of left) signal(pid, 'SIGKILL')
    await setTimeout(POLL_MS)
  }
}

/** A killed process is gone at once unless it waits for a disk. */
const KILL_LIMIT_MS = 10_000
const POLL_MS = 20

export function signal(pid: number, name: 'SIGKILL' | 'SIGINT' | 'SIGQUIT') {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error
  }
}

/** Stays when the folder is moved; a copy of the folder has another name. */
export function clusterName(data: string) {
  const place = placeOf(data) ?? data
  return `vouchsafe-${createHash('sha256').update(place).digest('hex').slice(0, 16)}`
}

/** Where a server says the name: the first process in its arguments, all others in their titles. */
const CLUSTER = /(?:^postgres: |cluster_name=)(vouchsafe-[0-9a-f]{16})\b/

/** Leads to the folder itself, under whatever name it has there. */
export const workingFolder = (pid: number) => `/proc/${pid}/cwd`

/** Device and inode: the same folder under every name, or nothing when it is not there or not ours to see. */
const placeOf = (path: string) =>
  visible(() => {
    const { dev, ino } = statSync(path)
    return `${dev}:${ino}`
  })

const HAS_PROC = existsSync('/proc/self/stat')

type Process = { pid: number; uid: number; name: string; command: string }

function everyProcess(): Process[] {
  if (!HAS_PROC) return listedByPs()
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.map((pid) => describe(Number(pid))).filter((found) => found !== undefined)
}

function describe(pid: number): Process | undefined {
  const about = visible(() => readFileSync(`/proc/${pid}/status`, 'utf8'))
  const command = visible(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
  // A process that has ended and waits for its parent to notice has no command line any more.
  if (!about || !command) return undefined
  const [name = '', uid] = [/^Name:\t(.*)$/m.exec(about)?.[1], /^Uid:\t(\d+)/m.exec(about)?.[1]]
  return { pid, uid: Number(uid), name, command }
}

/** macOS, where the cluster's name is the only mark. */
export function listedByPs(): Process[] {
  const lines = execFileSync('ps', ['-axwwo', 'pid=,uid=,command='], { encoding: 'utf8' }).trim().split('\n')
  return lines.map((line) => {
    const [, pid, uid, command = ''] = /^ *(\d+) +(\d+) +(.*)$/.exec(line) ?? []
    const name = /^(?:\S*\/)?(postgres|initdb)\b/.exec(command)?.[1] ?? command
    return { pid: Number(pid), uid: Number(uid), name, command }
  })
}

/** A process may end between being listed and being read, and another user's may be hidden. */
export function visible<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return undefined
    throw error
  }
}
