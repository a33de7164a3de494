import { globSync, readFileSync } from 'node:fs'

/**
 * The processes of a group that still live after its leader ended, as Linux tells; elsewhere none. A test that leaves a
 * server behind would in the product be an orphan on somebody's machine.
 */
export function leftovers(group: number): string[] {
  return globSync('/proc/[0-9]*/stat')
    .map(readProcess)
    .filter((one) => one?.group === group && one.state !== DEAD)
    .map((one) => one!.name)
}

/** Ended, and only waiting for its parent to ask how. */
const DEAD = 'Z'

type Process = { name: string; state: string; group: number }

/** `12 (name, which may hold anything) S parent group …`; a process may be gone before it is read. */
function readProcess(file: string): Process | undefined {
  try {
    const text = readFileSync(file, 'utf8')
    const close = text.lastIndexOf(')')
    const [state = '', , group] = text.slice(close + 2).split(' ')
    return { name: text.slice(text.indexOf('(') + 1, close), state, group: Number(group) }
  } catch {
    return undefined
  }
}
