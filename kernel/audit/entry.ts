import { z } from 'zod'
import { operations } from '../contract/operation.ts'
import { page, Page, paging } from '../contract/rows.ts'
import { Id, Moment } from '../contract/values.ts'
import type { Tables } from './tables.ts'

const { query } = operations<Tables>()

const Entry = z.strictObject({
  id: Id,
  at: Moment,
  action: z.string(),
  outcome: z.string(),
  actorKind: z.string(),
  actorId: z.string(),
  /** Null where it was erased. */
  actorName: z.string().nullable(),
  address: z.string().nullable(),
  userAgent: z.string().nullable(),
  requestId: z.string(),
  target: z.string().nullable(),
})
const columns = [
  'id',
  'at',
  'action',
  'outcome',
  'actor_kind as actorKind',
  'actor_id as actorId',
  'actor_name as actorName',
  'address',
  'user_agent as userAgent',
  'request_id as requestId',
  'target',
] as const

export const list = query({
  summary: 'List what was done, newest first',
  input: z.strictObject({
    ...paging,
    action: z.string().max(100).optional(),
    target: Id.optional(),
    requestId: z.string().max(100).optional(),
  }),
  output: Page(Entry),
  example: () => ({}),
  run({ input, db }) {
    let entries = db.selectFrom('entry').select(columns)
    if (input.action) entries = entries.where('action', '=', input.action)
    if (input.target) entries = entries.where('target', '=', input.target)
    if (input.requestId) entries = entries.where('request_id', '=', input.requestId)
    return page(entries, input)
  },
})
