#!/usr/bin/env node
/**
 * `npm run lock`, after every `npm install` that changes package-lock.json. It makes the lock the same for everybody:
 *
 * - Every optional platform build that a package names gets an entry. A registry that lacks one leaves a hole, and npm
 *   11 and 12 then refuse `npm ci` with "Missing: … from lock file" everywhere, also where nobody wants that build.
 * - No entry says from which host it came: integrity says what it is, and everybody's own registry says where.
 *
 * With `--check` it changes nothing and fails when there is something to do. `npm run lock FILE` takes another file.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const args = process.argv.slice(2)
const file = args.find((arg) => !arg.startsWith('--')) ?? new URL('../package-lock.json', import.meta.url)

const before = readFileSync(file, 'utf8')
const lock = JSON.parse(before)
const holes = findHoles(lock.packages)
const hosts = Object.entries(lock.packages).filter(([, entry]) => /^\w+:\/\//.test(entry.resolved ?? ''))

for (const { path, entry } of holes) lock.packages[path] = entry
for (const [, entry] of hosts) delete entry.resolved
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))

const found = `${holes.length} missing platform builds, ${hosts.length} hosts`
if (!args.includes('--check')) {
  writeFileSync(file, JSON.stringify(lock, null, 2) + '\n')
  console.log(`package-lock.json: mended ${found}.`)
} else if (holes.length || hosts.length) {
  console.error(`package-lock.json has ${found}. Run: npm run lock`)
  process.exitCode = 1
}

function findHoles(packages) {
  return Object.entries(packages).flatMap(([parent, { optionalDependencies = {}, dev }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !placesOf(parent, name).some((path) => packages[path]))
      .map(([name, range]) => ({ path: `node_modules/${name}`, entry: promise(name, range, dev) })),
  )
}

/** Where Node would look for a package's dependency, innermost first. */
function placesOf(parent, name) {
  const parts = parent.split('/node_modules/')
  const folders = parts.map((_, at) => parts.slice(0, parts.length - at).join('/node_modules/'))
  return [...folders.filter(Boolean).map((folder) => `${folder}/node_modules/${name}`), `node_modules/${name}`]
}

/** As much as npm needs to know that this machine does not want it, read from its name: `binding-linux-arm64-musl`. */
function promise(name, range, dev) {
  const words = name.split('/').pop().split('-')
  const system = words.map(systemOf).find(Boolean)
  const cpu = words.find((word) =>
    ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'].includes(word),
  )
  const libc = words.map(libcOf).find(Boolean)
  return {
    version: range.replace(/^[\^~]/, ''),
    ...(cpu && { cpu: [cpu] }),
    ...(dev && { dev }),
    ...(libc && { libc: [libc] }),
    optional: true,
    ...(system && { os: [system] }),
  }
}

function systemOf(word) {
  if (word === 'windows' || word === 'win32') return 'win32'
  return ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos'].find(
    (each) => each === word,
  )
}

/** `gnu` and `musl` also come with a tail that names the calling convention. */
function libcOf(word) {
  if (word.startsWith('musl')) return 'musl'
  return word.startsWith('gnu') || word === 'glibc' ? 'glibc' : undefined
}
