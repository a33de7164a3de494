import { z } from 'zod'
import { file, formats } from '../contract/file.ts'
import { operations } from '../contract/operation.ts'
import { notFound } from '../contract/refusal.ts'
import { Page, pageOfAll, paging } from '../contract/rows.ts'
import { Id, Moment } from '../contract/values.ts'
import { differencesIn } from './differences.ts'
import { columns, entriesOf, filter, typeOf } from './filter.ts'
import type { Tables } from './tables.ts'

const { query, download } = operations<Tables>()

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

/** A record's history is the entries of its target. */
export const list = query({
  summary: 'List what was done and what was refused, newest first',
  recorded: true,
  input: z.strictObject({ ...paging, ...filter }),
  output: Page(Entry),
  example: () => ({}),
  run: async ({ input, db }) => pageOfAll(await entriesOf(db, input), input),
})

const Whole = Entry.extend({
  /** Of which thing the target is one: `shop.invoice`. */
  type: z.string(),
  /** What was asked for, without secrets; null where it was erased. */
  input: z.unknown(),
  changes: z.array(
    z.strictObject({ of: z.string(), id: z.string(), field: z.string(), before: z.unknown(), after: z.unknown() }),
  ),
  /** How many more fields changed than are told here. */
  moreChanges: z.int(),
  /** Where it stands in the log that strangers can verify; null until the log has been signed with it. */
  sealed: z.strictObject({ epoch: z.int(), seq: z.int(), index: z.int(), size: z.int().nullable() }).nullable(),
})

export const get = query({
  summary: 'Show one entry of the log with what was asked, what changed and where it is sealed',
  recorded: true,
  input: z.strictObject({ id: Id }),
  output: Whole,
  example: (id) => ({ id: id('entry') }),
  async run({ input: { id }, db }) {
    const entry = await db
      .selectFrom('entry')
      .leftJoin('leaf', 'leaf.id', 'entry.id')
      .leftJoin('log', 'log.epoch', 'leaf.epoch')
      .select(columns.map((column) => `entry.${column}` as const))
      .select(['entry.input', 'entry.changes', 'leaf.epoch', 'leaf.seq', 'leaf.index', 'log.size'])
      .where('entry.id', '=', id)
      .executeTakeFirst()
    if (!entry) throw notFound()
    const { input, changes, epoch, seq, index, size, ...shown } = entry
    return {
      ...shown,
      type: typeOf(shown.action),
      input,
      ...differencesIn(changes),
      sealed: epoch === null ? null : { epoch, seq: seq!, index: index!, size },
    }
  },
})

const exported = download({
  summary: 'Take a file of what was done and what was refused, newest first, exactly as a list with the same filter',
  file: { name: 'audit', types: ['text/csv', 'application/jsonl'] },
  input: z.strictObject({ ...formats, ...filter }),
  output: Entry,
  example: () => ({ format: 'jsonl' as const, action: 'identity.workspace.create' }),
  run: async ({ input, db }) => file(await entriesOf(db, input), input.format),
})

export { exported as export }
