import { inside, log } from '../../base/log.ts'
import { standing } from './processes.ts'

/**
 * Looks after a server that a deployment is running on. One that dies under it (killed, out of memory) is started
 * again, with everything that was committed; until then its callers are told to come again.
 */
export function keep(first: number, data: string, revive: () => Promise<number | undefined>): () => void {
  let pid = first
  let isReviving = false
  const look = async () => {
    if (isReviving || !isGone(pid, data)) return
    isReviving = true
    try {
      pid = (await revive()) ?? pid
      log('the database died and was started again', { pid })
    } catch (error) {
      log('the database died and does not start', inside(error))
    } finally {
      isReviving = false
    }
  }
  const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref()
  return () => clearInterval(timer)
}

const LOOK_EVERY_MS = 500

/** Where there is no /proc, looking into a process costs another one, so there only its number is looked at. */
function isGone(pid: number, data: string): boolean {
  if (process.platform === 'linux') return ['gone', 'other'].includes(standing(pid, data))
  try {
    return !process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
