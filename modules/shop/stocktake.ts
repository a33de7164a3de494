import { sql } from 'kysely'
import type { Kysely, NotNull } from 'kysely'
import { z } from 'zod'
import { Id, Line, Moment, notFound, one, oneOf, operations, Page, page, paging, refuse, Text } from '#kernel'
import { Tag } from './tag.ts'
import type { Tables } from './tables.ts'

const { action, query, rows } = operations<Tables>()

/** As much as a scanner reads in a minute; whoever has more sends it in turns. */
const MOST_TAGS = 500

const TakeStatus = oneOf('open', 'approved')
/** Not found; not known; found elsewhere than it should be; sold, or taken out, and yet there. */
const Variance = oneOf('missing', 'unknown', 'elsewhere', 'sold', 'out')
type Variance = z.output<typeof Variance>

const StockTake = z.strictObject({
  id: Id,
  createdAt: Moment,
  location: Line.nullable(),
  status: TakeStatus,
  begunBy: Line,
  approvedBy: Line.nullable(),
  approvedAt: Moment.nullable(),
  note: Text.nullable(),
})
const columns = [
  'id',
  'created_at as createdAt',
  'location',
  'status',
  'begun_by as begunBy',
  'approved_by as approvedBy',
  'approved_at as approvedAt',
  'note',
] as const
type Words = { status: z.output<typeof TakeStatus> }
const takes = rows('stock_take', columns).$narrowType<Words>()
const Difference = z.strictObject({ tag: Tag, variance: Variance, pieceId: Id.nullable() })

export const begin = action({
  summary: 'Begin to count the stock, all of it or of one place',
  input: z.strictObject({ location: Line.max(60).nullable(), note: Text.optional() }),
  output: StockTake,
  refuses: ['stock_take_is_open'],
  example: () => ({ location: 'Window' }),
  run: ({ input: { location, note = null }, db, actor }) =>
    one(
      db
        .insertInto('stock_take')
        .values({ location, note, begun_by: actor.name })
        .returning(columns)
        .$narrowType<Words>(),
    ),
})

const Scanned = z.strictObject({ scanned: z.int() })

export const scan = action({
  summary: 'Add tags that were found; one that was read twice counts once',
  input: z.strictObject({ id: Id, tags: z.array(Tag).min(1).max(MOST_TAGS) }),
  output: Scanned,
  refuses: ['stock_take_is_over'],
  example: (id) => ({ id: id('stockTake'), tags: ['RG-0417', 'RG-0418'] }),
  async run({ input: { id, tags }, db, actor }) {
    await openTake(db, id)
    const found = [...new Set(tags)].map((tag) => ({ stock_take_id: id, tag, by_name: actor.name }))
    const { numInsertedOrUpdatedRows = 0n } = await db
      .insertInto('stock_take_tag')
      .values(found)
      .onConflict((known) => known.columns(['workspace_id', 'stock_take_id', 'tag']).doNothing())
      .executeTakeFirstOrThrow()
    return { scanned: Number(numInsertedOrUpdatedRows) }
  },
})

export const compare = query({
  summary: 'Compare what was found with what should be there, or show what an approved count came to',
  input: z.strictObject({ ...paging, id: Id }),
  output: Page(Difference),
  example: (id) => ({ id: id('stockTake') }),
  async run({ input, db }) {
    const take = await db
      .selectFrom('stock_take')
      .select(['status', 'location'])
      .where('id', '=', input.id)
      .executeTakeFirst()
    const lines = take?.status === 'open' ? variances(input.id, take.location) : recorded(input.id)
    const all = db.selectFrom(lines.as('lines')).select(['tag', 'variance', 'pieceId'])
    return page(all, input, ['tag'], 'asc')
  },
})

export const approve = action({
  summary: 'Approve a count: what is missing leaves the stock',
  input: z.strictObject({ id: Id, note: Text.optional() }),
  output: StockTake,
  rate: 'sensitive',
  refuses: ['stock_take_is_over'],
  example: (id) => ({ id: id('approvedTake') }),
  async run({ input: { id, note }, db, actor }) {
    const { location } = await openTake(db, id)
    await db
      .insertInto('stock_take_variance')
      .columns(['tag', 'variance', 'piece_id', 'stock_take_id'])
      .expression((eb) =>
        eb
          .selectFrom(variances(id, location).as('lines'))
          .select(['tag', 'variance', 'pieceId', eb.cast<string>(eb.val(id), 'uuid').as('stock_take_id')]),
      )
      .execute()
    await db
      .updateTable('piece')
      .set({ status: 'out', out_reason: 'missing when the stock was counted' })
      .where('status', '=', 'stock')
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('stock_take_variance')
          .select('piece_id')
          .$narrowType<{ piece_id: NotNull }>()
          .where('stock_take_id', '=', id)
          .where('variance', '=', 'missing'),
      )
      .execute()
    return one(
      db
        .updateTable('stock_take')
        .set((eb) => ({ status: 'approved', approved_by: actor.name, approved_at: eb.fn<string>('now') }))
        .set(note === undefined ? {} : { note })
        .where('id', '=', id)
        .returning(columns)
        .$narrowType<Words>(),
    )
  },
})

export const list = query({
  summary: 'List the counts of the stock, newest first',
  input: z.strictObject({ ...paging, status: TakeStatus.optional() }),
  output: Page(StockTake),
  example: () => ({ limit: 50 }),
  run: ({ input }) => page(input.status === undefined ? takes : takes.where('status', '=', input.status), input),
})

/** Whoever scans meanwhile waits, and is then told that it is over. */
async function openTake(db: Kysely<Tables>, id: string) {
  const take = await db
    .selectFrom('stock_take')
    .select(['status', 'location'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow(notFound)
  if (take.status !== 'open') throw refuse('stock_take_is_over')
  return take
}

/** What should be there and was not found, and what was found and should not be there. */
const variances = (id: string, location: string | null) => sql<Compared>`(
  select tag, 'missing' as variance, id as "pieceId" from piece
  where status in ('stock', 'reserved') and (${location}::text is null or location = ${location})
    and not exists (select from stock_take_tag t where t.stock_take_id = ${id} and t.tag = piece.tag)
  union all
  select t.tag,
    case when p.id is null then 'unknown' when p.status in ('sold', 'out') then p.status else 'elsewhere' end, p.id
  from stock_take_tag t left join piece p on p.tag = t.tag
  where t.stock_take_id = ${id}
    and (p.id is null or p.status in ('sold', 'out') or ${location}::text is not null and p.location <> ${location})
)`

const recorded = (id: string) => sql<Compared>`(
  select tag, variance, piece_id as "pieceId" from stock_take_variance where stock_take_id = ${id}
)`

type Compared = { tag: string; variance: Variance; pieceId: string | null }
