import { statfsSync } from 'node:fs'
import { Trouble } from '../../base/trouble.ts'

/** What the operating system or SQLite says, as a sentence; anything else is a fault of ours and stays as it is. */
export function asTrouble(error: unknown, folder: string): unknown {
  const path = error instanceof Error && 'path' in error ? String(error.path) : folder
  if (hasCode(error, 'ENOSPC', 'EDQUOT') || hasErrcode(error, SQLITE_FULL)) return full(folder)
  if (
    hasCode(error, 'EROFS', 'EACCES', 'EPERM') ||
    isVainMkdir(error) ||
    hasErrcode(error, SQLITE_READONLY, SQLITE_CANTOPEN)
  )
    return new Trouble(`${path} is not open to this user: ${OPEN_IT}`)
  if (hasCode(error, 'EEXIST', 'ENOTDIR', 'EISDIR', 'ELOOP'))
    return new Trouble(`${path} is in the way of the database: move it aside, or choose another folder.`)
  return error
}

/** What Node makes of a folder to be made on a read-only disk. */
const isVainMkdir = (error: unknown) =>
  hasCode(error, 'ENOENT') && error instanceof Error && 'syscall' in error && error.syscall === 'mkdir'

/** What `initdb` or `postgres` printed before it gave up, as a sentence. */
export function complaint(printed: string, folder: string): Trouble {
  if (/shared memory segment/.test(printed))
    return new Trouble('The shared memory of this system is used up: enlarge /dev/shm (docker run --shm-size=256m).')
  if (FULL.test(printed) || freeBytes(folder) < FULL_BELOW_BYTES) return full(folder)
  if (/Read-only file system|Permission denied/.test(printed))
    return new Trouble(`The user who runs Postgres may not write to ${folder}: ${OPEN_IT}`)
  if (/could not look up effective user ID/.test(printed))
    return new Trouble('Postgres wants this user to have a name: add the user id to /etc/passwd, or set DATABASE_URL.')
  return new Trouble(`Postgres did not start in ${folder} (${cause(printed)}): see server.log there.`)
}

export const hasCode = (error: unknown, ...codes: string[]) =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code))

export const hasErrcode = (error: unknown, ...codes: number[]) =>
  error instanceof Error && 'errcode' in error && codes.includes(Number(error.errcode))

const OPEN_IT = 'open it by chown or chmod, or choose another folder.'
const [SQLITE_READONLY, SQLITE_FULL, SQLITE_CANTOPEN] = [8, 13, 14]

const FULL = /No space left on device|Disk quota exceeded|Check free disk space/
/** Less than the smallest thing that a start writes: on such a disk the server cannot even log why it gave up. */
const FULL_BELOW_BYTES = 64 * 1024

function freeBytes(folder: string) {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

const full = (folder: string) =>
  new Trouble(`The disk that holds ${folder} is full: free at least 100 MB and start again.`)

/** The first line that says why, else the last line. */
function cause(printed: string) {
  const lines = printed.trim().split('\n')
  const line = lines.find((text) => /(FATAL|PANIC|error): /.test(text)) ?? lines.at(-1) ?? ''
  return line.replace(/^.*?(FATAL|PANIC|error): +/, '') || 'it said nothing'
}
