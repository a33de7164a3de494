import { setTimeout as sleep } from 'node:timers/promises'
import type { Control, Live } from '../contract/control.ts'
import { renewal_ms } from './evidence.ts'
import type { Evidence, Store } from './evidence.ts'
import { PROBES_AT_ONCE, runControl } from './runner.ts'
import { slots } from './slots.ts'

/**
 * Runs each control at half its interval for as long as the deployment lives, so that evidence is renewed before it
 * expires: two at a time, none overlapping itself, all of them soon after the start.
 */
export const schedule = (given: Given) => new Schedule(given)

export class Schedule implements AsyncDisposable {
  readonly #given: Given
  readonly #inSlot = slots(PROBES_AT_ONCE)
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #running = new Map<string, Promise<Evidence>>()
  readonly #pruning: NodeJS.Timeout
  readonly #giveUp = new AbortController()
  #stopped = false

  constructor(given: Given) {
    this.#given = { ...given, controls: new Map([...given.controls].map(([name, each]) => [name, alone(each)])) }
    const random = given.random ?? Math.random
    for (const name of given.controls.keys()) this.#plan(name, random() * START_WITHIN_ms)
    this.#pruning = setInterval(() => void this.#prune(), PRUNE_EVERY_ms)
  }

  /** Runs a control now, or joins the run under way, and puts off its next turn. */
  freshly(name: string): Promise<Evidence> {
    const control = this.#given.controls.get(name)
    if (control === undefined) return Promise.reject(new Error(`There is no control called ${name}`))
    if (this.#stopped) return Promise.reject(new Error('The schedule has stopped'))
    const underWay = this.#running.get(name)
    if (underWay !== undefined) return underWay
    clearTimeout(this.#timers.get(name))
    const run = this.#inSlot(() => this.#run(name, control)).finally(() => this.#running.delete(name))
    this.#running.set(name, run)
    return run
  }

  /** Begins no further run, waits a moment for those under way and keeps nothing of what comes later. */
  async [Symbol.asyncDispose]() {
    this.#stopped = true
    clearInterval(this.#pruning)
    for (const timer of this.#timers.values()) clearTimeout(timer)
    const patience = new AbortController()
    const late = sleep(STOP_WITHIN_ms, undefined, { signal: patience.signal }).catch(() => undefined)
    await Promise.race([Promise.allSettled(this.#running.values()), late])
    patience.abort()
    this.#giveUp.abort()
    await Promise.allSettled(this.#running.values())
  }

  #plan(name: string, delay_ms: number) {
    if (this.#stopped) return
    this.#timers.set(
      name,
      setTimeout(() => void this.#turn(name), delay_ms),
    )
  }

  async #turn(name: string) {
    await this.freshly(name).catch((error: unknown) => {
      if (!this.#stopped) this.#given.tell(name, error)
    })
  }

  async #run(name: string, control: Control): Promise<Evidence> {
    if (this.#stopped) throw new Error('The schedule has stopped')
    const evidence = await runControl(name, control, this.#given.live, {
      timeout_ms: this.#given.timeout_ms,
      stop: this.#giveUp.signal,
    })
    if (this.#stopped) return evidence
    if (evidence.holds === null) this.#given.tell(name, evidence.detail)
    await this.#given.store.save(evidence).catch((error: unknown) => this.#given.tell(name, error))
    this.#plan(name, pause_ms(control, evidence))
    return evidence
  }

  async #prune() {
    await this.#given.store.prune(new Date()).catch((error: unknown) => this.#given.tell('prune', error))
  }
}

type Given = {
  controls: ReadonlyMap<string, Control>
  live: Live
  store: Store
  /** Hears, for operators, of what could not be probed or kept. */
  tell: (control: string, problem: unknown) => void
  random?: () => number
  timeout_ms?: number
}

/** After a start all is unknown: soon known, but not all in the same instant as the first requests. */
const START_WITHIN_ms = 5_000

/** A probe that could not see is tried again soon: a control that looks once a day must not wait for half a day. */
const RETRY_ms = 60_000

/** Stopping must not wait for a probe that hangs; most take a few milliseconds. */
const STOP_WITHIN_ms = 2_000

const PRUNE_EVERY_ms = 60 * 60_000

const pause_ms = (control: Control, evidence: Evidence) =>
  evidence.holds === null ? Math.min(RETRY_ms, renewal_ms(control.every)) : renewal_ms(control.every)

/** A probe that hangs is given up, not ended; until it has returned it is not started beside itself. */
function alone(control: Control): Control {
  let busy = false
  const probe = async (live: Live) => {
    if (busy) throw new Error('The probe has not returned from an earlier run')
    busy = true
    try {
      return await control.probe(live)
    } finally {
      busy = false
    }
  }
  return { ...control, probe }
}
