import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync } from 'node:fs'
import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { accountFor } from './account.ts'
import type { Account } from './account.ts'
import { hasCode } from './failure.ts'

/** Where everything of one server lies. All of it is inside `folder`, so deleting the folder deletes the database. */
export type Home = {
  folder: string
  /** The cluster. */
  data: string
  /** Holds the socket, and only the server's user may enter. */
  run: string
  /** The administrator's password. */
  secret: string
  log: string
  /** How a client reaches `run`: itself, or a short way to it. */
  socket: string
  /** Who runs the server when we are root, which Postgres refuses to be. */
  account: Account | undefined
}

/** With no TCP the port is only the end of the socket's name. */
const PORT = 5432
const SOCKET_NAME = `.s.PGSQL.${PORT}`
/** What fits in the kernel's `sockaddr_un`, without the closing zero. */
const SOCKET_PATH_LIMIT_BYTES = process.platform === 'darwin' ? 103 : 107
/** Leaves room for `/vouchsafe-XXXXXX/run/` and the socket's name. */
const TEMPORARY_LIMIT_BYTES = 60

export function openHome(folder: string): Home {
  const data = join(folder, 'data')
  const run = join(folder, 'run')
  const account = accountFor(data)
  mkdirSync(run, { recursive: true, mode: 0o700 })
  chmodSync(run, 0o700)
  give(run, account)
  const secret = join(folder, 'admin.secret')
  return { folder, data, run, secret, log: join(folder, 'server.log'), socket: reach(folder, run), account }
}

export const login = (home: Home) => ({
  host: home.socket,
  port: PORT,
  user: 'postgres',
  password: readFileSync(home.secret, 'utf8').trim(),
  database: 'postgres' as const,
})

export function give(path: string, account: Account | undefined) {
  if (account) chownSync(path, account.uid, account.gid)
}

/** A socket that an earlier server left is of nobody: called only while no server of this folder lives. */
export function clearSocket({ run }: Home) {
  for (const name of [SOCKET_NAME, `${SOCKET_NAME}.lock`]) rmSync(join(run, name), { force: true })
}

/** The socket always lies in `run`; a path too long to connect to is cut short by a link in a private folder. */
function reach(folder: string, run: string) {
  if (Buffer.byteLength(join(run, SOCKET_NAME)) <= SOCKET_PATH_LIMIT_BYTES) return run
  const known = read(shortcut(folder))
  if (known !== undefined && leadsTo(known, run)) return known
  const base = Buffer.byteLength(tmpdir()) <= TEMPORARY_LIMIT_BYTES ? tmpdir() : '/tmp'
  const link = join(mkdtempSync(join(base, 'vouchsafe-')), 'run')
  symlinkSync(run, link)
  writeFileSync(shortcut(folder), link, { mode: 0o600 })
  return link
}

export function forgetShortcut({ folder, run, socket }: Home) {
  if (socket === run) return
  rmSync(dirname(socket), { recursive: true, force: true })
  rmSync(shortcut(folder), { force: true })
}

const shortcut = (folder: string) => join(folder, 'shortcut')

/** The temporary folder may have been emptied since, and the name taken by somebody else. */
function leadsTo(link: string, run: string) {
  const parent = lstatSync(dirname(link), { throwIfNoEntry: false })
  const isOurs = parent?.isDirectory() && parent.uid === process.getuid?.() && (parent.mode & 0o077) === 0
  return isOurs && lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(link) === run
}

/** The text of a file that may not be there. */
export function read(path: string) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
