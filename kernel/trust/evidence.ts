import type { Interval } from '../contract/control.ts'

/** What one run of a probe brought home. */
export type Evidence = {
  control: string
  /** When the probe began: what it saw is at least as old as this. */
  at: Date
  validUntil: Date
  /** Null when the probe could not run: then nothing was seen, neither good nor bad. */
  holds: boolean | null
  saw: string
  /** For the auditor's role and for operators; never on the public page. */
  detail: unknown
  took_ms: number
}

/** A control's newest verdict, and the first moment of the unbroken row of equal verdicts that it continues. */
export type Standing = Evidence & { holds: boolean; since: Date }

/** The newest verdict of each control by the control's name. Runs that could not see anything are not in it. */
export type Standings = ReadonlyMap<string, Standing>

/** Where evidence is kept: in the control database, or in memory for a deployment that is thrown away. */
export type Store = {
  save: (evidence: Evidence) => Promise<void>
  latest: () => Promise<Standings>
  /** Keeps 90 days, thinned; see `store.ts`. */
  prune: (now: Date) => Promise<void>
}

const MINUTE_ms = 60_000

export const INTERVALS_ms: Readonly<Record<Interval, number>> = {
  '1 minute': MINUTE_ms,
  '5 minutes': 5 * MINUTE_ms,
  '1 hour': 60 * MINUTE_ms,
  '1 day': 24 * 60 * MINUTE_ms,
}

/** Evidence is renewed at half its life, so that one run which could not see does not cost a claim its state. */
export const renewal_ms = (every: Interval) => INTERVALS_ms[every] / 2
