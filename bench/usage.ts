import { readdirSync, readFileSync } from 'node:fs'

/**
 * What processes used, where the system tells: on a busy machine time passes, but nobody else's work is counted here.
 */

/** Processor time of all that a Postgres server runs; nothing where there is no /proc. */
export function postgresUsage_us(postmaster: number): number {
  let used_us = 0
  for (const pid of pids()) if (pid === postmaster || parentOf(pid) === postmaster) used_us += usage_us(pid)
  return used_us
}

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
