import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { z } from 'zod'
import {
  Day,
  Id,
  Line,
  many,
  Moment,
  Money,
  notFound,
  one,
  operations,
  Page,
  page,
  paging,
  refuse,
  SignedMoney,
  Text,
} from '#kernel'
import { Counter } from './ledgers/paying.ts'
import { Currency, PartMinor } from './metal.ts'
import { sum } from './pricing/rounding.ts'
import type { Tables } from './tables.ts'

const { action, query, rows } = operations<Tables>()

/** More kinds of notes and coins than any currency has. */
const MOST_DENOMINATIONS = 40
const MOST_NOTES = 1_000_000

const TillDay = z.strictObject({
  id: Id,
  counter: Counter,
  currency: Currency,
  openedOn: Day,
  floatMinor: Money,
  openedBy: Line,
  closedAt: Moment.nullable(),
  expectedMinor: SignedMoney.nullable(),
  countedMinor: Money.nullable(),
  differenceMinor: SignedMoney.nullable(),
  note: Text.nullable(),
  closedBy: Line.nullable(),
})
const columns = [
  'id',
  'counter',
  'currency',
  'opened_on as openedOn',
  'float_minor as floatMinor',
  'opened_by as openedBy',
  'closed_at as closedAt',
  'expected_minor as expectedMinor',
  'counted_minor as countedMinor',
  'difference_minor as differenceMinor',
  'note',
  'closed_by as closedBy',
] as const
const days = rows('till_day', columns)

export const open = action({
  summary: 'Open a counter’s day with what lies in its drawer',
  input: z.strictObject({ counter: Counter, currency: Currency, floatMinor: PartMinor }),
  output: TillDay,
  refuses: ['till_is_open'],
  example: () => ({ counter: 'FRONT', currency: 'INR', floatMinor: 500_000 }),
  run: ({ input: { counter, currency, floatMinor }, db, today, actor }) =>
    one(
      db
        .insertInto('till_day')
        .values({ counter, currency, opened_on: today, float_minor: floatMinor, opened_by: actor.name })
        .returning(columns),
    ),
})

export const close = action({
  summary: 'Close a counter’s day with what was counted; what is over or short is told',
  input: z.strictObject({
    id: Id,
    counts: z
      .array(z.strictObject({ denominationMinor: PartMinor.min(1), pieces: z.int().min(0).max(MOST_NOTES) }))
      .min(1)
      .max(MOST_DENOMINATIONS),
    note: Text.optional(),
  }),
  output: TillDay,
  refuses: ['till_is_closed', 'till_count_once', 'amount_too_large'],
  example: (id) => ({
    id: id('tillDay'),
    counts: [
      { denominationMinor: 50_000, pieces: 10 },
      { denominationMinor: 10_000, pieces: 4 },
    ],
  }),
  async run({ input: { id, counts, note = null }, db, actor }) {
    const day = await db
      .selectFrom('till_day')
      .select(['float_minor', 'closed_at'])
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirstOrThrow(notFound)
    if (day.closed_at !== null) throw refuse('till_is_closed')
    const rows = counts.map(({ denominationMinor, pieces }) => ({
      till_day_id: id,
      denomination_minor: denominationMinor,
      pieces,
    }))
    await db.insertInto('till_count').values(rows).execute()
    const counted_minor = sum(counts.map(({ denominationMinor, pieces }) => denominationMinor * pieces))
    const expected_minor = day.float_minor + (await cashOf(db, id))
    return one(
      db
        .updateTable('till_day')
        .set({ counted_minor, expected_minor, difference_minor: counted_minor - expected_minor, note })
        .set((eb) => ({ closed_at: eb.fn<string>('now'), closed_by: eb.val(actor.name) }))
        .where('id', '=', id)
        .returning(columns),
    )
  },
})

const Drawer = z.strictObject({ id: Id, counter: Counter, openedOn: Day, openedBy: Line, currency: Currency })
/** More counters than any shop has. */
const MOST_COUNTERS = 200

/** Blind: whoever counts is not told beforehand what should be there. */
export const current = query({
  summary: 'Show the open days of the counters',
  input: z.strictObject({ counter: Counter.optional() }),
  output: z.array(Drawer),
  example: () => ({ counter: 'FRONT' }),
  run({ input, db }) {
    let open = db
      .selectFrom('till_day')
      .select(['id', 'counter', 'opened_on as openedOn', 'opened_by as openedBy', 'currency'])
      .where('closed_at', 'is', null)
    if (input.counter !== undefined) open = open.where('counter', '=', input.counter)
    return many(open.orderBy('counter').limit(MOST_COUNTERS))
  },
})

export const list = query({
  summary: 'List the days of the counters, newest first',
  input: z.strictObject({ ...paging, counter: Counter.optional(), from: Day.optional(), to: Day.optional() }),
  output: Page(TillDay),
  example: () => ({ limit: 50 }),
  run({ input }) {
    let found = days
    if (input.counter !== undefined) found = found.where('counter', '=', input.counter)
    if (input.from !== undefined) found = found.where('opened_on', '>=', input.from)
    if (input.to !== undefined) found = found.where('opened_on', '<=', input.to)
    return page(found, input)
  },
})

/** What came into the drawer and went out of it, of payments that still count. */
async function cashOf(db: Kysely<Tables>, id: string): Promise<number> {
  const { cash_minor } = await db
    .selectFrom('payment')
    .innerJoin('payment_part', 'payment_part.payment_id', 'payment.id')
    .select(
      sql<number>`coalesce(sum(case direction when 'in' then amount_minor else -amount_minor end), 0)::bigint`.as(
        'cash_minor',
      ),
    )
    .where('till_day_id', '=', id)
    .where('payment.status', '=', 'taken')
    .where('way', '=', 'cash')
    .executeTakeFirstOrThrow()
  return cash_minor
}
