import { Day } from '#kernel'
import { Currency } from '../metal.ts'

/** What every report of a stretch of time asks for: both days are in it. */
export const period = { from: Day, to: Day }
export const inCurrency = { ...period, currency: Currency }
export type Period = { from: string; to: string }

/** The days that examples ask for. */
export const YEAR = { from: '2026-04-01', to: '2027-03-31' }
