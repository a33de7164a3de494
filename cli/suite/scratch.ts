import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A temporary folder of its own for each test file, so that a run leaves nothing on the machine. That of a failed file
 * is kept for whoever looks into it, unless it is empty.
 */
export type Scratch = { env: Record<string, string>; clear: (failed: boolean) => string | undefined }

/** As the system's own: a server that a test starts may run as somebody else. */
const OPEN_TO_ALL = 0o1777

export function scratch(): Scratch {
  // Short, since the path of a Unix socket has about a hundred characters.
  const folder = mkdtempSync(join(tmpdir(), 'vs-'))
  chmodSync(folder, OPEN_TO_ALL)
  const clear = (failed: boolean) => {
    if (failed && readdirSync(folder).length > 0) return folder
    rmSync(folder, { recursive: true, force: true })
    return undefined
  }
  return { env: { TMPDIR: folder, TEMP: folder, TMP: folder }, clear }
}
