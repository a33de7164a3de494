import { setTimeout as sleep } from 'node:timers/promises'
import type { Control, Finding, Live } from '../contract/control.ts'
import { INTERVALS_ms } from './evidence.ts'
import type { Evidence } from './evidence.ts'
import { slots } from './slots.ts'

/**
 * Runs probes. What a probe saw becomes evidence of its verdict; a probe that threw, hung or answered nonsense saw
 * nothing, so its evidence has no verdict and the claim is left to grow old, until it is unknown.
 */
export async function runControl(name: string, control: Control, live: Live, until: Until = {}): Promise<Evidence> {
  const began = performance.now()
  const at = new Date()
  const validUntil = new Date(at.getTime() + INTERVALS_ms[control.every])
  const seen = await finding(control, live, until)
  return { control: name, at, validUntil, took_ms: performance.now() - began, ...seen }
}

/** When a probe is given up: after its time, or when its runner stops. */
export type Until = { timeout_ms?: number | undefined; stop?: AbortSignal }

/** A probe that takes longer is taken to hang: the slowest honest one, a scan of every table, needs a few seconds. */
const TIMEOUT_ms = 30_000

/** Probes share the machine with the people who work on it. */
export const PROBES_AT_ONCE = 2

/** Runs every control once, two at a time, and tells after each: `vouchsafe prove`. */
export async function runAll(
  controls: ReadonlyMap<string, Control>,
  live: Live,
  each: (evidence: Evidence, done: number, all: number) => Promise<void> | void,
): Promise<Evidence[]> {
  const inSlot = slots(PROBES_AT_ONCE)
  let done = 0
  return Promise.all(
    [...controls].map(([name, control]) =>
      inSlot(async () => {
        const evidence = await runControl(name, control, live)
        done += 1
        await each(evidence, done, controls.size)
        return evidence
      }),
    ),
  )
}

type Seen = Pick<Evidence, 'holds' | 'saw' | 'detail'>

async function finding(control: Control, live: Live, until: Until): Promise<Seen> {
  const { timeout_ms = TIMEOUT_ms, stop } = until
  const timer = new AbortController()
  const signal = stop === undefined ? timer.signal : AbortSignal.any([timer.signal, stop])
  const late = sleep(timeout_ms, undefined, { signal }).then(
    () => blind(new Error(`The probe did not answer within ${timeout_ms} ms`)),
    blind,
  )
  try {
    return await Promise.race([probed(control, live), late])
  } finally {
    timer.abort()
  }
}

async function probed(control: Control, live: Live): Promise<Seen> {
  try {
    const answer: unknown = await control.probe(live)
    return isFinding(answer)
      ? { holds: answer.holds, saw: answer.saw, detail: answer.detail ?? null }
      : blind(new Error('The probe answered neither that the claim holds nor that it does not'))
  } catch (error) {
    return blind(error)
  }
}

/** The reason is for operators, in `detail`; it may name anything, so the public part says nothing. */
const blind = (error: unknown): Seen => ({
  holds: null,
  saw: '',
  detail: { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) },
})

const isFinding = (answer: unknown): answer is Finding =>
  typeof answer === 'object' &&
  answer !== null &&
  'holds' in answer &&
  typeof answer.holds === 'boolean' &&
  'saw' in answer &&
  typeof answer.saw === 'string'
