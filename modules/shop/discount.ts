import { z } from 'zod'
import { Id, Line, Moment, Money, one, operations, Page, page, paging, Text } from '#kernel'
import { locked } from './papers/issuing.ts'
import type { Tables } from './tables.ts'

const { action, query, rows } = operations<Tables>()

const Allowance = z.strictObject({
  id: Id,
  createdAt: Moment,
  invoiceId: Id,
  concededMinor: Money,
  reason: Text,
  byName: Line,
})
const columns = [
  'id',
  'created_at as createdAt',
  'invoice_id as invoiceId',
  'conceded_minor as concededMinor',
  'reason',
  'by_name as byName',
] as const
const allowances = rows('allowance', columns)

export const allow = action({
  summary: 'Allow a draft invoice to let off more than the limit',
  input: z.strictObject({ id: Id, reason: Text.min(3).max(500) }),
  output: Allowance,
  rate: 'sensitive',
  refuses: ['invoice_is_issued', 'invoice_is_void', 'discount_is_allowed'],
  example: (id) => ({ id: id('generousDraft'), reason: 'a regular of ten years' }),
  async run({ input: { id, reason }, db, actor }) {
    const { conceded_minor } = await locked(db, { kind: 'invoice', id }, 'draft')
    return one(
      db
        .insertInto('allowance')
        .values({ invoice_id: id, conceded_minor, reason, by_id: actor.id, by_name: actor.name })
        .returning(columns),
    )
  },
})

export const list = query({
  summary: 'List what was let off beyond the limit, and by whose leave',
  input: z.strictObject(paging),
  output: Page(Allowance),
  example: () => ({ limit: 50 }),
  run: ({ input }) => page(allowances, input),
})
