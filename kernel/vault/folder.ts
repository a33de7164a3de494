import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Trouble } from '../base/trouble.ts'
import { codeOf, placeFile } from './file.ts'
import { type MasterKey, masterKey, newMasterKey, readKeyBytes } from './key.ts'

/**
 * Master keys as files, `keys/0001.key` and on: each is made once and never written again, the highest number is the
 * current one. Beside them `keys.used` lists the ids under which secrets were ever sealed, so that a lost key is
 * noticed at the next start and nothing is made in its place.
 */
export function openKeyFolder(folder: string): KeyFolder {
  const path = join(folder, 'keys')
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return {
    path,
    read: () => readKeys(path),
    addFirst: () => addKey(path, 1),
    addNext: () => addKey(path, numberOf(keyNames(path).at(-1) ?? '') + 1),
    wasUsed: () => readUsed(folder).length > 0,
    checkUsed(known) {
      const last = readUsed(folder).at(-1)
      if (last && !known.includes(last.id)) throw new Trouble(lostKey(last))
    },
    noteUse(id, where) {
      if (readUsed(folder).at(-1)?.id === id) return
      appendFileSync(join(folder, USED), `${id} ${where}\n`, { mode: 0o600, flush: true })
    },
  }
}

export type KeyFolder = {
  path: string
  /** Oldest first. */
  read: () => MasterKey[]
  /** When another process made the same key a moment earlier, that one counts. */
  addFirst: () => void
  addNext: () => void
  wasUsed: () => boolean
  /** Refuses to go on while the key that sealed last is not among these. */
  checkUsed: (known: readonly string[]) => void
  /** From here on secrets are sealed under this key. */
  noteUse: (id: string, where: string) => void
}

const USED = 'keys.used'

const HEADING = 'vouchsafe master key'

function readKeys(path: string): MasterKey[] {
  const names = keyNames(path)
  const first = numberOf(names[0] ?? '')
  names.forEach((name, index) => {
    const wanted = nameOf(first + index)
    if (name !== wanted)
      throw new Trouble(`Restore ${join(path, wanted)} from your backup: secrets may be sealed under it.`)
  })
  return names.map((name) => readKey(join(path, name)))
}

function addKey(path: string, number: number) {
  const bytes = newMasterKey()
  placeFile(join(path, nameOf(number)), `${HEADING}\n${masterKey(bytes).id}\n${bytes.toString('base64')}\n`)
  bytes.fill(0)
}

const keyNames = (path: string) =>
  readdirSync(path)
    .filter((name) => /^\d{4}\.key$/.test(name))
    .toSorted()
const numberOf = (name: string) => Number.parseInt(name, 10) || 0
const nameOf = (number: number) => `${String(number).padStart(4, '0')}.key`

function readKey(path: string): MasterKey {
  checkMode(path)
  const [heading, id, text = ''] = readText(path).split('\n')
  const bytes = readKeyBytes(text)
  const key = bytes && masterKey(bytes)
  if (heading !== HEADING || key?.id !== id || !key)
    throw new Trouble(`Restore ${path} from your backup: it is damaged, and what it sealed opens with no other key.`)
  return key
}

/** Windows has no such bits; there the folder's own rights count. */
function checkMode(path: string) {
  if (process.platform === 'win32') return
  if ((statSync(path).mode & 0o077) !== 0)
    throw new Trouble(`Close ${path} to others (chmod 600): it opens every secret.`)
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw codeOf(error) === 'EACCES' ? new Trouble(`Make ${path} readable for the user that runs this.`) : error
  }
}

type Used = { id: string; where: string }

function readUsed(folder: string): Used[] {
  try {
    const lines = readFileSync(join(folder, USED), 'utf8').split('\n')
    return lines
      .filter((line) => /^[0-9a-f]{16} /.test(line))
      .map((line) => ({ id: line.slice(0, 16), where: line.slice(17) }))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

const lostKey = ({ id, where }: Used) =>
  `Bring back the master key ${id}, which was in ${where}: what it sealed opens with no other.`
