import type { Kysely } from 'kysely'
import { notFound, refuse } from '#kernel'
import { board } from '../pricing/board.ts'
import { columns } from './document.ts'
import type { Kind, Place, Words } from './document.ts'
import { lockCustomerOf } from './issuing.ts'
import { lineRow, taxRow } from './line.ts'
import type { Wanted } from './line.ts'
import { concessionOf, priceLines } from '../pricing/price.ts'
import { waysOn } from '../pricing/settled.ts'
import type { Tables } from '../tables.ts'
import { asDrafted } from './wanted.ts'

/** Draws up a paper of any kind: rates, prices, taxes, and the pieces that it holds from then on. */
export type Asked = {
  kind: Kind
  series: string
  customerId: string
  currency: string
  place: Place
  note?: string | null | undefined
  pricesIncludeTax?: boolean | undefined
  validUntil?: string
  promisedOn?: string | null
  fromId?: string
  /** What the paper that this one follows let off already; its rates were promised. */
  concession?: Concession
  lines: readonly Wanted[]
}
type Concession = { askedMinor: number; concededMinor: number }
export type Actor = { id: string; name: string }

export async function draftPaper(db: Kysely<Tables>, today: string, actor: Actor, asked: Asked) {
  const { name } = await db
    .selectFrom('customer')
    .select('name')
    .where('id', '=', asked.customerId)
    .executeTakeFirstOrThrow(notFound)
  const ways = await waysOn(db, today, asked)
  const rated = await rateLines(db, asked)
  const { lines, taxes, ...amounts } = priceLines(rated, ways)
  const concession = asked.concession ?? concessionOf(lines)
  const row = headRow({ ...asked, ...amounts, ...concession, customerName: name, by: actor })
  const paper = await db
    .insertInto('invoice')
    .values(row)
    .returning(columns)
    .$narrowType<Words>()
    .executeTakeFirstOrThrow()
  const within = (at: number) => ({ invoiceId: paper.id, position: at + 1 })
  await db
    .insertInto('invoice_line')
    .values(lines.map((line, at) => lineRow({ ...line, ...within(at) })))
    .execute()
  const owed = taxes.map((tax, at) => taxRow({ ...tax, line: tax.line + 1, ...within(at) }))
  if (owed.length > 0) await db.insertInto('invoice_tax').values(owed).execute()
  if (asked.kind !== 'estimate') await hold(db, paper.id, asked)
  return paper
}

/** The same again for the paper that follows: its lines as they were promised. */
export async function followPaper(
  db: Kysely<Tables>,
  { id, kinds, today }: { id: string; kinds: readonly Kind[]; today: string },
) {
  await lockCustomerOf(db, id)
  const from = await db
    .selectFrom('invoice')
    .select(['kind', 'status', 'customer_id', 'currency', 'place', 'note', 'valid_until'])
    .select(['asked_minor', 'conceded_minor'])
    .$narrowType<Words>()
    .where('id', '=', id)
    .where('kind', 'in', kinds)
    .forUpdate()
    .executeTakeFirstOrThrow(notFound)
  if (from.status === 'void') throw refuse('paper_is_void')
  if (from.valid_until !== null && from.valid_until < today) throw refuse('estimate_is_over')
  return {
    fromId: id,
    customerId: from.customer_id,
    currency: from.currency,
    place: from.place,
    note: from.note,
    concession: { askedMinor: from.asked_minor, concededMinor: from.conceded_minor },
    lines: await asDrafted(db, id),
  }
}

/** Lines with a rate each: their own where one was agreed, or the board's, and what the board says beside it. */
async function rateLines(db: Kysely<Tables>, { currency, lines }: Asked) {
  const rates = await board(db, currency).select(['metal', 'purity', 'rate_minor']).execute()
  return lines.map((line) => {
    const rate = rates.find(({ metal, purity }) => metal === line.metal && purity === line.purity)
    const rateMinor = line.rateMinor ?? rate?.rate_minor
    if (rateMinor === undefined) throw refuse('rate_not_set')
    return { ...line, rateMinor, boardMinor: rate?.rate_minor }
  })
}

/** One statement takes them all, from the stock or from the order that is followed; of two who try, one is too late. */
async function hold(db: Kysely<Tables>, id: string, { lines, fromId }: Asked) {
  const wanted = lines.flatMap(({ pieceId }) => pieceId ?? [])
  if (wanted.length === 0) return
  const { numUpdatedRows } = await db
    .updateTable('piece')
    .set({ status: 'reserved', invoice_id: id })
    .where('id', 'in', wanted)
    .where((eb) =>
      eb.or([
        eb('status', '=', 'stock'),
        ...(fromId ? [eb.and([eb('status', '=', 'reserved'), eb('invoice_id', '=', fromId)])] : []),
      ]),
    )
    .executeTakeFirstOrThrow()
  if (Number(numUpdatedRows) !== wanted.length) throw refuse('piece_taken')
}

type Head = Omit<Asked, 'lines' | 'concession'> &
  Concession & { customerName: string; by: Actor } & Omit<ReturnType<typeof priceLines>, 'lines' | 'taxes'>

const headRow = (head: Head) => ({
  kind: head.kind,
  customer_id: head.customerId,
  customer_name: head.customerName,
  currency: head.currency,
  series: head.series,
  status: 'draft',
  note: head.note ?? null,
  place: head.place,
  from_id: head.fromId ?? null,
  valid_until: head.validUntil ?? null,
  promised_on: head.promisedOn ?? null,
  taxable_minor: head.taxableMinor,
  tax_minor: head.taxMinor,
  round_off_minor: head.roundOffMinor,
  total_minor: head.totalMinor,
  asked_minor: head.askedMinor,
  conceded_minor: head.concededMinor,
  by_id: head.by.id,
  by_name: head.by.name,
})
