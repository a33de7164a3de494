import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { checkpointText } from '../log/checkpoint.ts'
import { copiesIn, type Place } from './copies.ts'
import { copiesFolder, folderOf } from './copies/directory.ts'

const ORIGIN = 'log.example/audit/1'
const LOG = { origin: ORIGIN, realm: 'r', epoch: 1 }
const roots = new Map<string, Buffer>()
const rootOf = (name: string) => roots.get(name) ?? (roots.set(name, randomBytes(32)), roots.get(name)!)
const note = (size: number, root = 'true') =>
  `${checkpointText({ origin: ORIGIN, size, root: rootOf(`${size} ${root}`) })}\n— ${ORIGIN} AAAAAAAA\n`

async function placeIn(t: TestContext, every_ms = 0) {
  const root = await mkdtemp(join(tmpdir(), 'vouchsafe-copies-'))
  t.after(() => rm(root, { recursive: true }))
  const told: string[] = []
  const open = () => copiesFolder(root, (event) => told.push(event), every_ms)
  const keep = async (...notes: string[]) => {
    for (const one of notes) {
      const place = open()
      place.keep(LOG, one)
      await place[Symbol.asyncDispose]()
    }
  }
  return { root, folder: folderOf(root, ORIGIN), told, open, keep, names: () => readdir(folderOf(root, ORIGIN)) }
}

test('the largest head is found again, and nothing where there was none', async (t) => {
  const { open, keep } = await placeIn(t)
  assert.equal(await open().newest(ORIGIN), undefined)
  await keep(note(1), note(9), note(10), note(100))
  const found = (await open().newest(ORIGIN))!
  assert.deepEqual([found.size, found.note, found.root], [100, note(100), rootOf('100 true')])
  assert.equal(await open().newest('log.example/audit/2'), undefined)
})

test('a head that went back, or is another of the same size, is refused and told, and nothing is lost', async (t) => {
  const { folder, told, open, keep, names } = await placeIn(t)
  await keep(note(7))
  const before = await names()
  await keep(note(7, 'false'))
  assert.deepEqual(told, ['checkpoint contradicts its copy'])
  // A process that was only a little slower is no contradiction.
  await keep(note(5))
  assert.deepEqual(told, ['checkpoint contradicts its copy'])
  await utimes(join(folder, before[0]!), new Date(0), new Date(0))
  await keep(note(5))
  assert.deepEqual(told, ['checkpoint contradicts its copy', 'checkpoint contradicts its copy'])
  assert.deepEqual(await names(), before)
  assert.equal((await open().newest(ORIGIN))!.note, note(7))
})

test('more signatures below the same head take its place', async (t) => {
  const { told, open, keep, names } = await placeIn(t)
  await keep(note(7), `${note(7)}— witness.example BBBBBBBB\n`)
  assert.equal((await names()).length, 1)
  assert.match((await open().newest(ORIGIN))!.note, /witness/)
  assert.deepEqual(told, [])
})

test('of a storm of heads few are written, and the last one always is', async (t) => {
  const { open, names } = await placeIn(t, 60_000)
  const place = open()
  for (let size = 1; size <= 5_000; size++) place.keep(LOG, note(size))
  await place[Symbol.asyncDispose]()
  assert.equal((await place.newest(ORIGIN))!.size, 5_000)
  assert.ok((await names()).length <= 3)
})

test('what is kept of the past is bounded: a day each, and each doubling', async (t) => {
  const { folder, keep, names } = await placeIn(t)
  const day_ms = 86_400_000
  for (let size = 1; size <= 400; size++) {
    await keep(note(size))
    const at = new Date(Date.now() - (400 - size) * day_ms)
    const name = (await names()).find((one) => one.startsWith(String(size).padStart(16, '0')))!
    await utimes(join(folder, name), at, at)
  }
  const sizes = (await names()).map((name) => Number(name.slice(0, 16)))
  assert.ok(sizes.length < 50, `${sizes.length} are left`)
  for (const size of [2, 6, 126, 254, 380, 399, 400]) assert.ok(sizes.includes(size), String(size))
})

test('a log’s name leads nowhere else, and no two share a folder', () => {
  const names = ['a/b', 'a//b', 'a/../b', 'a/./b', '../../etc', 'a\\b', 'a%2fb', 'ä', 'CON:', '.', '..', '...']
  const folders = names.map((name) => folderOf('/copies', name))
  assert.equal(new Set(folders).size, names.length)
  for (const folder of folders) assert.match(folder, /^\/copies\/(?!.*\/\.{1,2}(?:\/|$))/)
})

test('a damaged copy is told, not believed', async (t) => {
  const { folder, open, keep, names } = await placeIn(t)
  await keep(note(7), note(8))
  const last = (await names()).sort().at(-1)!
  await writeFile(join(folder, last), note(7))
  await assert.rejects(open().newest(ORIGIN), /is not what was written there/)
  await writeFile(join(folder, last), 'nothing')
  await assert.rejects(open().newest(ORIGIN))
})

test('of several places the largest head counts, and it is an error when none answers', async () => {
  const none = async () => undefined
  const place = (newest: Place['newest']): Place => ({
    name: 'a',
    newest,
    keep: () => undefined,
    [Symbol.asyncDispose]: none,
  })
  const [small, large] = [1, 2].map((size) => place(async () => ({ size, root: randomBytes(32), note: '' })))
  const broken = place(async () => {
    throw new Error('gone')
  })
  const told: string[] = []
  const newest = (...places: Place[]) => copiesIn(places, (event) => told.push(event)).newest(ORIGIN)
  assert.equal((await newest(small!, large!, broken))!.size, 2)
  assert.deepEqual(told, ['copies not read'])
  assert.equal(await newest(), undefined)
  assert.equal(await newest(place(none)), undefined)
  await assert.rejects(newest(broken), /gone/)
})
