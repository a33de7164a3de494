import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * What processes used, where the system tells: on a busy machine time passes, but nobody else's work is counted here.
 */

/** Whose processes are the server's in that folder. */
export const postmasterOf = (data: string) =>
  Number(readFileSync(join(data, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0])

/** Processor time of all that a Postgres server runs; nothing where there is no /proc. */
export const postgresUsage_us = (postmaster: number) =>
  [...usageByProcess_us(postmaster).values()].reduce((sum, one) => sum + one, 0)

/** Of each of its processes: those that ended meanwhile would take theirs along. */
export const usageByProcess_us = (postmaster: number): ReadonlyMap<number, number> =>
  new Map(
    pids()
      .filter((pid) => pid === postmaster || parentOf(pid) === postmaster)
      .map((pid) => [pid, usage_us(pid)]),
  )

/** The memory that a process holds; undefined where there is no /proc. */
export function memory_bytes(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024
}

const pids = () =>
  readdirIfThere('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** The name stands in brackets and may hold spaces; then come the state and the parent. */
const parentOf = (pid: number) => Number(/\) \S (\d+) [^)]*$/.exec(read(`/proc/${pid}/stat`) ?? '')?.[1])

/** In nanoseconds, where `stat` counts hundredths of a second. */
const usage_us = (pid: number) => Number(read(`/proc/${pid}/schedstat`)?.split(' ')[0] ?? 0) / 1_000

const readdirIfThere = (folder: string) => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** A process may end between being listed and being looked at. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
