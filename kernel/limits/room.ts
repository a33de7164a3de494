import type { Log } from '../base/log.ts'
import { isThisMachine } from './suspicion.ts'

/**
 * How many sightings are written down in a minute: the first of each network and the first of all, since the hundredth
 * tells nothing that the fiftieth did not. What is left out is counted, and the count is told with the next minute's
 * first visit.
 */
export function room(tell: Log): (network: string, now_ms: number) => boolean {
  let current = emptyMinute(0)
  return (network, now_ms) => {
    const minute = Math.floor(now_ms / 60_000)
    if (minute !== current.minute) {
      if (current.leftOut > 0) tell('decoys, too many to keep', { count: current.leftOut })
      current = emptyMinute(minute)
    }
    const isKept = take(current, network)
    if (!isKept) current.leftOut += 1
    return isKept
  }
}

export const MOST_PER_MINUTE = {
  /** A scanner has shown its whole list by then, and no test runs the probe more often. */
  network: 120,
  /** From however many networks at once: what is kept in all lasts for sixteen hours of it. */
  all: 300,
}

type Minute = { minute: number; strangers: number; leftOut: number; byNetwork: Map<string, number> }

const emptyMinute = (minute: number): Minute => ({ minute, strangers: 0, leftOut: 0, byNetwork: new Map() })

/** This machine has room of its own: strangers must not be able to fill the book before a probe can write in it. */
function take(current: Minute, network: string): boolean {
  const seen = current.byNetwork.get(network) ?? 0
  const isStranger = !isThisMachine(network)
  if (seen >= MOST_PER_MINUTE.network || (isStranger && current.strangers >= MOST_PER_MINUTE.all)) return false
  current.byNetwork.set(network, seen + 1)
  if (isStranger) current.strangers += 1
  return true
}
