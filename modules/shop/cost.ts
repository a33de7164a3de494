import { z } from 'zod'
import { Id, Line, Money, notFound, one, operations, Page, page, paging } from '#kernel'
import { Currency, PartMinor } from './metal.ts'
import type { Tables } from './tables.ts'
import { Tag } from './tag.ts'

/**
 * What was paid for a piece: rows, operations and permissions of their own, so that whoever sells need not know, and
 * nothing that shows a piece can show it by mistake.
 */
const { action, query } = operations<Tables>()

const Cost = z.strictObject({ pieceId: Id, currency: Currency, costMinor: Money, note: Line.nullable() })
const columns = ['piece_id as pieceId', 'currency', 'cost_minor as costMinor', 'note'] as const

export const set = action({
  summary: 'Say what was paid for a piece',
  input: Cost.extend({ costMinor: PartMinor, note: Line.nullable().default(null) }),
  output: Cost.extend({ id: Id }),
  example: (id) => ({ pieceId: id('piece'), currency: 'INR', costMinor: 3_900_000, note: 'from the maker' }),
  run: ({ input: { pieceId, currency, costMinor, note }, db }) =>
    one(
      db
        .insertInto('piece_cost')
        .values({ piece_id: pieceId, currency, cost_minor: costMinor, note })
        .onConflict((known) =>
          known.columns(['workspace_id', 'piece_id']).doUpdateSet({ currency, cost_minor: costMinor, note }),
        )
        .returning(['id', ...columns]),
    ),
})

export const get = query({
  summary: 'Show what was paid for a piece',
  input: z.strictObject({ pieceId: Id }),
  output: Cost,
  example: (id) => ({ pieceId: id('piece') }),
  run: ({ input, db }) =>
    db.selectFrom('piece_cost').select(columns).where('piece_id', '=', input.pieceId).executeTakeFirstOrThrow(notFound),
})

export const list = query({
  summary: 'List what was paid for the pieces, newest first',
  input: z.strictObject({ ...paging, currency: Currency.optional() }),
  output: Page(Cost.extend({ id: Id, tag: Tag, status: Line })),
  example: () => ({ currency: 'INR', limit: 50 }),
  run({ input, db }) {
    let found = db
      .selectFrom('piece_cost')
      .innerJoin('piece', 'piece.id', 'piece_cost.piece_id')
      .select(['piece_cost.id', 'piece_id as pieceId', 'tag', 'status', 'currency', 'cost_minor as costMinor', 'note'])
    if (input.currency !== undefined) found = found.where('currency', '=', input.currency)
    return page(found, input, ['piece_cost.id'])
  },
})
