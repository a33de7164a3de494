import { setTimeout as sleep } from 'node:timers/promises'
import type { Live, Told } from '../../contract/control.ts'
import { patiently, post } from './guest.ts'
import { open } from './keys.ts'

/** A way in or out as a browser asks, where `post` of a guest asks as a program does. */
export const ask = (live: Live, path: string, input: object, headers: Record<string, string> = {}): Promise<Told> =>
  live.http(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(input),
  })

export const exchange = async (live: Live, refreshToken: string): Promise<Told> =>
  answered(await post(live, 'refresh', { refreshToken }))

/** Whoever is told to come again, or that something is broken, was told neither yes nor no. */
export function answered(told: Told): Told {
  if (told.status === 429 || told.status >= 500) throw new Error(`neither let in nor refused: ${told.status}`)
  return told
}

/** Whoever is held back for want of a second factor is in all the same. */
export async function opens(live: Live, token: string): Promise<boolean> {
  const { status } = answered(await patiently(() => open(live, token)))
  return status === 200 || status === 403
}

/** A request that sets out a second later must be refused; an earlier one may be. */
export async function endsAtOnce(live: Live, token: string): Promise<boolean> {
  const since = performance.now()
  for (;;) {
    const setOut_ms = performance.now() - since
    if (!(await opens(live, token))) return true
    if (setOut_ms > AT_ONCE_ms) return false
    await sleep(Math.min(100, Math.max(1, AT_ONCE_ms + 1 - setOut_ms)))
  }
}

const AT_ONCE_ms = 1_000
