import { availableParallelism } from 'node:os'
import { Refusal } from '../../contract/refusal.ts'

/**
 * So many hashes at a time and no more, in the order of arrival: signing in by the hundred must not take the processor
 * and the threads from those who are already in. Who comes when the line is full is told at once when to come again.
 */
export function createTurns({ atOnce = AT_ONCE, mostWaiting = atOnce * WAITING_EACH }: Room = {}): Turns {
  const line: (() => void)[] = []
  let running = 0
  let typical_ms = FIRST_GUESS_ms

  function turn(): Promise<void> | undefined {
    if (running < atOnce) {
      running += 1
      return undefined
    }
    if (line.length < mostWaiting) return new Promise((resolve) => line.push(resolve))
    const retryAfter_s = Math.ceil((((running + line.length) / atOnce) * typical_ms) / 1_000)
    throw new Refusal(503, 'sign-in-busy', { retryAfter_s, inside: 'too many passwords wait to be hashed' })
  }

  return {
    async take(work) {
      await turn()
      const began_ms = performance.now()
      try {
        return await work()
      } finally {
        typical_ms += (performance.now() - began_ms - typical_ms) / REMEMBERED
        const next = line.shift()
        if (next) next()
        else running -= 1
      }
    },
  }
}

export type Turns = { take<T>(work: () => Promise<T>): Promise<T> }
type Room = { atOnce?: number; mostWaiting?: number }

/**
 * One core is left to answer requests, and one of libuv's threads to files and host names, which share them with
 * hashing. A machine with more cores than threads gives it more by UV_THREADPOOL_SIZE.
 */
export const hashesAtOnce = (cores: number, threads: number) => Math.max(1, Math.min(cores, threads) - 1)

/** libuv's own default. */
const THREADS = 4
const AT_ONCE = hashesAtOnce(availableParallelism(), Number(process.env['UV_THREADPOOL_SIZE']) || THREADS)

/** The last of them waits seconds, which a person does. Behind more nobody would be there any more to be let in. */
const WAITING_EACH = 32

/** Until something was measured. */
const FIRST_GUESS_ms = 100
/** About as many as the estimate remembers. */
const REMEMBERED = 8
