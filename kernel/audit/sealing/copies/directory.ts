import { randomUUID } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { headIn, type Kept, type OfLog, type Place, type Tell } from '../copies.ts'
import { Paced } from './paced.ts'

/**
 * Heads as files, in a folder for each log under the log's own name: better on another disk than the database, best on
 * another machine. A head is written once, under its size and root, and never over another one; so two processes cannot
 * undo what the other wrote, and a head that contradicts one that is there is refused. Of the older ones some stay: the
 * last of each day of a month, and one for each doubling of the tree.
 */
export function copiesFolder(root: string, tell: Tell, every_ms = EVERY_MS): Place {
  const paced = new Paced<Wanted>(
    every_ms,
    (wanted) => write(root, wanted, tell),
    (problem, { log }) => tell('checkpoint not copied', { origin: log.origin, place: root, problem }),
  )
  return {
    name: root,
    newest: (origin) => newestIn(folderOf(root, origin), origin),
    keep: (log, note) => paced.offer(log.origin, { log, note }),
    [Symbol.asyncDispose]: () => paced[Symbol.asyncDispose](),
  }
}

type Wanted = { log: OfLog; note: string }

/** As often as is worth a wait for the disk. */
const EVERY_MS = 1_000

/** A folder for each part of the name. What a file system might read otherwise is spelled out. */
export const folderOf = (root: string, origin: string): string =>
  join(
    root,
    ...origin.split('/').map((part) => {
      const plain = part.replaceAll(/[^\w.-]/gu, (letter) => `%${Buffer.from(letter).toString('hex')}`)
      return /^\.*$/.test(plain) ? `%${plain}` : plain
    }),
  )

async function newestIn(folder: string, origin: string): Promise<Kept | undefined> {
  const name = (await namesIn(folder)).at(-1)
  if (name === undefined) return undefined
  const note = await readFile(join(folder, name), 'utf8').catch(ifGone)
  // Taken away since we looked, because there is a newer one.
  if (note === undefined) return await newestIn(folder, origin)
  const head = headIn(note)
  if (head.origin !== origin || nameOf(head) !== name)
    throw new Error(`${join(folder, name)} is not what was written there`)
  return { size: head.size, root: head.root, note }
}

async function write(root: string, { log, note }: Wanted, tell: Tell): Promise<void> {
  const head = headIn(note)
  const folder = folderOf(root, log.origin)
  const name = nameOf(head)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const names = await namesIn(folder)
  const other = names.find((one) => sizeIn(one) === head.size && one !== name) ?? newerThan(head.size, names)
  if (other !== undefined) {
    const isLate = sizeIn(other) > head.size && Date.now() - (await writtenAt_ms(folder, other)) < LATE_MS
    if (!isLate) tell('checkpoint contradicts its copy', { ...log, size: head.size, copy: join(folder, other) })
    return
  }
  await replace(folder, name, note)
  for (const old of await superseded(folder, names)) await rm(join(folder, old), { force: true })
}

const newerThan = (size: number, names: readonly string[]) => {
  const last = names.at(-1)
  return last !== undefined && sizeIn(last) > size ? last : undefined
}

/** Of several processes that seal in turn one may be slower to write it down. */
const LATE_MS = 10_000

/** In the order of their sizes. */
export const nameOf = ({ size, root }: { size: number; root: Buffer }) =>
  `${String(size).padStart(SIZE_DIGITS, '0')}-${root.toString('hex', 0, 16)}.txt`
const SIZE_DIGITS = 16
const NAME = /^\d{16}-[0-9a-f]{32}\.txt$/
const sizeIn = (name: string) => Number(name.slice(0, SIZE_DIGITS))

async function namesIn(folder: string): Promise<string[]> {
  const all = (await readdir(folder).catch(ifGone)) ?? []
  return all.filter((name) => NAME.test(name)).toSorted()
}

/** Whole or not at all, and no disk's word is taken for it. Not by a hard link: some mounted disks have none. */
async function replace(folder: string, name: string, text: string) {
  const draft = join(folder, `${randomUUID()}.draft`)
  try {
    const file = await open(draft, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(draft, join(folder, name))
    await syncFolder(folder)
  } finally {
    await rm(draft, { force: true })
  }
}

async function syncFolder(folder: string) {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Those of which a newer one tells as much: `names` are in order, and there is a newer one than all. */
async function superseded(folder: string, names: readonly string[]): Promise<string[]> {
  const lastOf = new Map<string, string>()
  for (const name of names) {
    const at_ms = await writtenAt_ms(folder, name)
    if (at_ms > Date.now() - DAYS_KEPT * DAY_MS) lastOf.set(new Date(at_ms).toISOString().slice(0, 10), name)
    lastOf.set(`of ${Math.floor(Math.log2(sizeIn(name) + 1))} doublings`, name)
  }
  const kept = new Set(lastOf.values())
  return names.filter((name) => !kept.has(name))
}

const DAY_MS = 86_400_000
const DAYS_KEPT = 31

const writtenAt_ms = async (folder: string, name: string) =>
  (await stat(join(folder, name)).catch(ifGone))?.mtimeMs ?? 0

function ifGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
