import { z } from 'zod'
import { Count, Id, Line, many, Moment, operations, Page, page, paging } from '#kernel'
import { board } from './pricing/board.ts'
import { Currency, Metal, Purity, RateMinor } from './metal.ts'
import type { Tables } from './tables.ts'

const { action, query } = operations<Tables>()

/** More kinds of metal than any shop shows on its board. */
const MOST_CURRENT = 200

const Rate = z.strictObject({
  id: Id,
  metal: Metal,
  purity: Purity,
  currency: Currency,
  rateMinor: RateMinor,
  effectiveAt: Moment,
  source: Line,
})

const columns = [
  'id',
  'metal',
  'purity',
  'currency',
  'rate_minor as rateMinor',
  'effective_at as effectiveAt',
  'source',
] as const

export const set = action({
  summary: 'Set what a gram costs from a moment on',
  input: Rate.omit({ id: true }),
  output: Rate,
  example: () => ({
    metal: Metal.enum.gold,
    purity: 916,
    currency: 'INR',
    rateMinor: 1_184_500,
    effectiveAt: '2026-11-20T04:30:00Z',
    source: 'board of the association',
  }),
  run: ({ input, db }) =>
    db
      .insertInto('rate')
      .values({
        metal: input.metal,
        purity: input.purity,
        currency: input.currency,
        rate_minor: input.rateMinor,
        effective_at: input.effectiveAt,
        source: input.source,
      })
      .returning(columns)
      .$narrowType<{ metal: Metal }>()
      .executeTakeFirstOrThrow(),
})

export const list = query({
  summary: 'List the rates, last set first',
  input: z.strictObject({ ...paging, metal: Metal.optional(), purity: Count.min(1).max(1_000).optional() }),
  output: Page(Rate),
  example: () => ({ metal: Metal.enum.gold, limit: 50 }),
  run({ input, db }) {
    let rates = db.selectFrom('rate').select(columns).$narrowType<{ metal: Metal }>()
    if (input.metal !== undefined) rates = rates.where('metal', '=', input.metal)
    if (input.purity !== undefined) rates = rates.where('purity', '=', input.purity)
    return page(rates, input)
  },
})

export const current = query({
  summary: 'Show the rates in effect, now or at a moment',
  input: z.strictObject({ currency: Currency, at: Moment.optional() }),
  output: z.array(Rate),
  example: () => ({ currency: 'INR' }),
  run: ({ input, db }) =>
    many(board(db, input.currency, input.at).select(columns).$narrowType<{ metal: Metal }>().limit(MOST_CURRENT)),
})
