import { copyFile, stat, truncate } from 'node:fs/promises'
import { hasCode } from './failure.ts'

/**
 * Keeps `server.log` bounded: when it is full it becomes `server.log.1`, replacing the one before. The server keeps its
 * handle, which appends, so the file is copied and emptied; lines written between the two are lost.
 */
export function boundLog(log: string): () => void {
  const watch = setInterval(() => void bound(log).catch(warn), LOOK_MS).unref()
  return () => clearInterval(watch)
}

/** About a day of a server that complains about every request. */
const LOG_LIMIT_BYTES = 10 * 1024 * 1024
/** A flood writes some megabytes in this time. */
const LOOK_MS = 10_000

export async function bound(log: string, limit_bytes = LOG_LIMIT_BYTES) {
  try {
    const { size } = await stat(log)
    if (size <= limit_bytes) return
    await copyFile(log, `${log}.1`)
    await truncate(log, 0)
  } catch (error) {
    // Somebody who removes the log wanted it gone.
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

/** A log that grows is no reason to end the process that serves. */
const warn = (error: unknown) => process.emitWarning(`server.log could not be shortened: ${String(error)}`)
