import { z } from 'zod'
import { Day, Id, Line, one, operations, Page, page, paging, Text } from '#kernel'
import { Currency, PerMille } from './metal.ts'
import { settingOn } from './pricing/settled.ts'
import type { Tables } from './tables.ts'

const { action, query, rows } = operations<Tables>()

const MONTHS = 12
/** No currency has a coin of more minor units than this that anybody rounds to. */
const COARSEST_MINOR = 1_000_000
const LONGEST_ESTIMATE_days = 365

const Setting = z.strictObject({
  id: Id,
  effectiveOn: Day,
  name: Line,
  address: Text.max(500),
  taxNumber: Line.max(32).nullable(),
  currency: Currency,
  yearStartsIn: z.int().min(1).max(MONTHS),
  roundOffMinor: z.int().min(1).max(COARSEST_MINOR),
  pricesIncludeTax: z.boolean(),
  discountLimitPerMille: PerMille.nullable(),
  estimateDays: z.int().min(1).max(LONGEST_ESTIMATE_days),
})

const columns = [
  'id',
  'effective_on as effectiveOn',
  'name',
  'address',
  'tax_number as taxNumber',
  'currency',
  'year_starts_in as yearStartsIn',
  'round_off_minor as roundOffMinor',
  'prices_include_tax as pricesIncludeTax',
  'discount_limit_per_mille as discountLimitPerMille',
  'estimate_days as estimateDays',
] as const
const settings = rows('setting', columns)

export const set = action({
  summary: 'Settle from a day on what the shop prints on its papers, how it rounds and what may be let off',
  input: Setting.omit({ id: true }),
  output: Setting,
  rate: 'sensitive',
  example: () => ({
    effectiveOn: '2026-04-01',
    name: 'Lotus Lane Jewellers',
    address: '5 Lotus Lane, Kochi',
    taxNumber: '32AAAAA0000A1Z5',
    currency: 'INR',
    yearStartsIn: 4,
    roundOffMinor: 100,
    pricesIncludeTax: false,
    discountLimitPerMille: 20,
    estimateDays: 7,
  }),
  run: ({ input, db }) =>
    one(
      db
        .insertInto('setting')
        .values({
          effective_on: input.effectiveOn,
          name: input.name,
          address: input.address,
          tax_number: input.taxNumber,
          currency: input.currency,
          year_starts_in: input.yearStartsIn,
          round_off_minor: input.roundOffMinor,
          prices_include_tax: input.pricesIncludeTax,
          discount_limit_per_mille: input.discountLimitPerMille,
          estimate_days: input.estimateDays,
        })
        .returning(columns),
    ),
})

export const current = query({
  summary: 'Show what the shop has settled, today or on a day',
  input: z.strictObject({ on: Day.optional() }),
  output: Setting,
  example: () => ({}),
  run: ({ input, db, today }) => one(settingOn(db, input.on ?? today).select(columns)),
})

export const list = query({
  summary: 'List what the shop has settled over time, last said first',
  input: z.strictObject(paging),
  output: Page(Setting),
  example: () => ({ limit: 50 }),
  run: ({ input }) => page(settings, input),
})
