import { randomUUID } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Trouble } from '../base/trouble.ts'

/**
 * Secrets on disk are whole or absent, whatever is pulled out of the wall meanwhile, and readable by their owner only.
 * This one never replaces: of two processes that start at once the first wins, and the other one is told `false`.
 */
export function placeFile(path: string, text: string): boolean {
  return withDraft(path, text, (draft) => {
    try {
      linkSync(draft, path)
      return true
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false
      if (LINKLESS.has(codeOf(error)))
        throw new Trouble(`Move ${dirname(path)} to a file system that has hard links, so that no two keys overwrite.`)
      throw error
    }
  })
}

/** For what may be made anew, such as a certificate. */
export function replaceFile(path: string, text: string): void {
  withDraft(path, text, (draft) => renameSync(draft, path))
}

const OWNER_ONLY = 0o600
const LINKLESS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])

function withDraft<Result>(path: string, text: string, publish: (draft: string) => Result): Result {
  const draft = `${path}.${randomUUID()}.draft`
  try {
    const file = openSync(draft, 'wx', OWNER_ONLY)
    try {
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    const result = publish(draft)
    syncFolder(dirname(path))
    return result
  } catch (error) {
    throw asTrouble(error, path)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** The name is in the folder, so the folder must reach the disk too; Windows opens no folders and needs none of it. */
function syncFolder(folder: string) {
  if (process.platform === 'win32') return
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function asTrouble(error: unknown, path: string): unknown {
  const code = codeOf(error)
  if (code === 'EACCES' || code === 'EROFS')
    return new Trouble(`Make ${dirname(path)} writable for the user that runs this.`)
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Trouble(`Free some space on the disk that holds ${dirname(path)}.`)
  return error
}

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
