import { setTimeout as sleep } from 'node:timers/promises'

/** What is to be there within seconds, or nothing; a machine that is busy has a while for it. */
export async function soon<Found>(look: () => Promise<Found | undefined>, within_ms = WITHIN_ms) {
  const deadline = Date.now() + within_ms
  for (;;) {
    const found = await look()
    if (found !== undefined || Date.now() > deadline) return found
    await sleep(PAUSE_ms)
  }
}

/** Sealing takes a second; a transaction that is slow to end may hold it up for longer. */
const WITHIN_ms = 20_000
const PAUSE_ms = 50
