import assert from 'node:assert/strict'
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { Trouble } from '../../base/trouble.ts'
import { findBinaries, locate } from './binaries.ts'
import { openHome } from './home.ts'
import { cannotBe, isRoot, NOBODY, scratch } from './trial.ts'

const { root, remove } = scratch()
/** A version that no package has, so that the copies of these tests are their own. */
const VERSION = `trial-${process.pid}`
const LINKS = ['libicui18n.so.60', 'libicuuc.so.60', 'libicudata.so.60']
const linux = process.platform !== 'linux' && 'the names of the libraries are those of Linux'

after(() => {
  for (const copy of copies('/var/cache/vouchsafe')) rmSync(copy, { recursive: true, force: true })
  chmodSync(join(root, 'sealed/native/lib'), 0o755)
  remove()
})

const isPrivate = isRoot && cannotBe(NOBODY)
test('binaries that run are used where they are', { skip: isPrivate }, async () => {
  openTheWay()
  const { folder, major } = await findBinaries(home('plain'))
  assert.deepEqual([dirname(folder), major], [locate(), '18'])
})

test('the links that a blocked install script did not make are made', { skip: linux }, async () => {
  openTheWay()
  const native = installed('unlinked')
  const { folder } = await findBinaries(home('linked'), native)
  assert.equal(dirname(folder), native)
  for (const name of LINKS) assert.ok(lstatSync(join(native, 'lib', name)).isSymbolicLink())
})

test('a package that may not be changed, or not be read by the server, is copied once', { skip: linux }, async () => {
  const native = installed('sealed')
  // Root writes where it likes, but its server may not read below a private folder: the other reason for a copy.
  chmodSync(root, 0o700)
  chmodSync(join(native, 'lib'), 0o555)
  const at = home('copied')
  const { folder, major } = await findBinaries(at, native)
  assert.equal(major, '18')
  const cache = isRoot ? '/var/cache/vouchsafe' : join(at.folder, 'binaries')
  assert.deepEqual(
    [folder],
    copies(cache).map((copy) => join(copy, 'native/bin')),
  )
  const made = lstatSync(folder).ino
  assert.equal(lstatSync((await findBinaries(at, native)).folder).ino, made)

  // A copy that somebody else may have changed, or that does not run, is made again.
  chmodSync(dirname(dirname(folder)), 0o777)
  await findBinaries(at, native)
  assert.equal(lstatSync(dirname(dirname(folder))).mode & 0o777, 0o755)
  writeFileSync(join(folder, 'postgres'), '')
  assert.equal((await findBinaries(at, native)).major, '18')
  assert.deepEqual(
    readdirSync(cache).filter((name) => name.startsWith('new-')),
    [],
  )
})

test('binaries that do not run here', async () => {
  const native = join(root, 'broken/native')
  mkdirSync(join(native, 'bin'), { recursive: true })
  writeFileSync(join(native, '../package.json'), JSON.stringify({ version: `${VERSION}-broken` }))
  writeFileSync(join(native, 'pg-symlinks.json'), '[]')
  writeFileSync(join(native, 'bin/postgres'), '#!/no/such/loader\n', { mode: 0o755 })
  await told(
    () => findBinaries(home('unlucky'), native),
    /^The Postgres binaries do not run here \(spawn .* ENOENT\).*DATABASE_URL/,
  )
  assert.deepEqual(copies(join(root, 'unlucky/binaries')), [])
})

test('a platform without a package, and a package that is not installed', async () => {
  await told(() => locate('win32', 'x64'), /no Postgres that runs on win32: set DATABASE_URL/)
  await told(() => locate('linux', 'riscv64'), /linux-riscv64 is not installed: run npm ci/)
})

/** As root the server is somebody else, who must be able to reach what these tests prepare. */
const openTheWay = () => chmodSync(root, 0o711)

function home(name: string) {
  mkdirSync(join(root, name))
  return openHome(join(root, name))
}

/** A package whose install script was blocked, though with no more than it takes to say a version. */
function installed(name: string) {
  const native = join(root, name, 'native')
  const unneeded = /\.a$|\/lib\/(postgresql|pkgconfig)/
  for (const part of ['bin', 'lib', 'pg-symlinks.json'])
    cpSync(join(locate(), part), join(native, part), { recursive: true, filter: (path) => !unneeded.test(path) })
  const about = readFileSync(join(locate(), '../package.json'), 'utf8')
  writeFileSync(join(native, '../package.json'), about.replace(/"version": "[^"]*"/, `"version": "${VERSION}"`))
  for (const link of LINKS) rmSync(join(native, 'lib', link), { force: true })
  return native
}

const copies = (cache: string) =>
  existsSync(cache)
    ? readdirSync(cache)
        .filter((name) => name.includes(VERSION))
        .map((name) => join(cache, name))
    : []

async function told(work: () => unknown, sentence: RegExp) {
  await assert.rejects(
    async () => await work(),
    (error) => error instanceof Trouble && sentence.test(error.message),
  )
}
