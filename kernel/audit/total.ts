import { z } from 'zod'
import { operations } from '../contract/operation.ts'
import { page, Page, paging } from '../contract/rows.ts'
import { Day, Id } from '../contract/values.ts'
import type { Tables } from './tables.ts'

const { query } = operations<Tables>()

/** What remains of entries that were too old to keep: how many there were in a month. */
const Total = z.strictObject({
  id: Id,
  /** Its first day. */
  month: Day,
  action: z.string(),
  outcome: z.string(),
  actorKind: z.string(),
  entries: z.int(),
})

export const list = query({
  summary: 'Count by month and action what the audit log no longer holds, newest first',
  input: z.strictObject({ ...paging, action: z.string().max(100).optional() }),
  output: Page(Total),
  example: () => ({}),
  run({ input, db }) {
    const all = db
      .selectFrom('total')
      .select(['id', 'month', 'action', 'outcome', 'actor_kind as actorKind', 'entries'])
    return page(input.action ? all.where('action', '=', input.action) : all, input, ['month', 'id'])
  },
})
