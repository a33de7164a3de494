import { z } from 'zod'
import { Money, oneOf } from '#kernel'

/** What a jeweller weighs and how: metals by name, purity per mille (22 carat is 916), weights in whole milligrams. */

export const Metal = oneOf('gold', 'silver', 'platinum')
export type Metal = z.output<typeof Metal>

export const Purity = z.int().min(1).max(1_000)
export const PerMille = z.int().min(0).max(1_000)
export const Currency = z.string().regex(/^[A-Z]{3}$/)

/**
 * The limits together keep the total of the longest invoice below 2^53: 100 lines of 20 kg at the highest rate, all
 * wasted once and taxed at 100 %, are 8.4 × 10^15 minor units at most.
 */
export const MOST_LINES = 100
const HEAVIEST_MG = 20_000_000
const DEAREST_GRAM_MINOR = 1_000_000_000
const DEAREST_PART_MINOR = 1_000_000_000_000

export const WeightMg = z.int().min(0).max(HEAVIEST_MG)
export const RateMinor = z.int().min(1).max(DEAREST_GRAM_MINOR)
/** What is asked for the work on one gram: as much as the dearest gram, or nothing. */
export const GramMinor = Money.max(DEAREST_GRAM_MINOR)
export const PartMinor = Money.max(DEAREST_PART_MINOR)
