import { z } from 'zod'
import { Day, Id, Line, one, operations, Page, refuse, Text } from '#kernel'
import { releaseInvoice } from './ledgers/allocating.ts'
import { asked, columns, drawingUp, Paper, Series, WholePaper } from './papers/document.ts'
import type { Words } from './papers/document.ts'
import { draftPaper, followPaper } from './papers/drafting.ts'
import { enterMoney } from './ledgers/entries.ts'
import { issuePaper, locked, releasePieces, voidPaper } from './papers/issuing.ts'
import { Metal } from './metal.ts'
import { PaperFilter, papers, wholePaper } from './papers/looking.ts'
import type { Tables } from './tables.ts'
import { asWanted } from './papers/wanted.ts'

const { action, query } = operations<Tables>()
const kind = 'invoice'
const series = Series.default('INV')
const bangle = { description: 'Bangle', metal: Metal.enum.gold, purity: 916, weightMg: 12_480, makingMinor: 650_000 }

export const draft = action({
  summary: 'Draft an invoice, each line at its own rate or the rate in effect',
  input: z.strictObject({ ...asked, series }),
  output: Paper,
  refuses: [...drawingUp, 'piece_taken'],
  example: (id) => ({
    customerId: id('customer'),
    currency: 'INR',
    lines: [
      { pieceId: id('draftPiece'), discountMinor: 10_000 },
      { ...bangle, taxPerMille: 30 },
    ],
  }),
  async run({ input, db, today, actor }) {
    const lines = await asWanted(db, input.lines, true)
    return await draftPaper(db, today, actor, { ...input, kind, lines })
  },
})

export const follow = action({
  summary: 'Draft the invoice of an estimate or an order, at the rates that were promised',
  input: z.strictObject({ id: Id, series }),
  output: Paper,
  refuses: [...drawingUp, 'piece_taken', 'paper_is_void', 'paper_is_followed', 'estimate_is_over'],
  example: (id) => ({ id: id('followedOrder') }),
  async run({ input, db, today, actor }) {
    const from = await followPaper(db, { id: input.id, kinds: ['estimate', 'order'], today })
    return await draftPaper(db, today, actor, { ...from, kind, series: input.series })
  },
})

export const get = query({
  summary: 'Show an invoice with its lines',
  input: z.strictObject({ id: Id }),
  output: WholePaper,
  example: (id) => ({ id: id('invoice') }),
  run: ({ input, db }) => wholePaper(db, kind, input.id),
})

export const list = query({
  summary: 'List the invoices, newest first',
  input: PaperFilter,
  output: Page(Paper),
  example: (id) => ({ customerId: id('customer'), limit: 50 }),
  run: ({ input, db }) => papers(db, kind, input),
})

export const issue = action({
  summary: 'Issue an invoice under the next number of its series',
  input: z.strictObject({ id: Id }),
  output: Paper,
  refuses: ['invoice_is_issued', 'invoice_is_void', 'discount_needs_manager', 'piece_taken'],
  example: (id) => ({ id: id('draftInvoice') }),
  run: ({ input: { id }, db, today, actor }) => issuePaper(db, { kind, id, today }, actor),
})

export const discard = action({
  summary: 'Throw a draft away and let go of its pieces',
  input: z.strictObject({ id: Id }),
  output: Paper,
  refuses: ['invoice_is_issued', 'invoice_is_void'],
  example: (id) => ({ id: id('discardedDraft') }),
  async run({ input: { id }, db }) {
    await locked(db, { kind, id }, 'draft')
    await releasePieces(db, id)
    await db.deleteFrom('invoice_tax').where('invoice_id', '=', id).execute()
    await db.deleteFrom('invoice_line').where('invoice_id', '=', id).execute()
    return one(db.deleteFrom('invoice').where('id', '=', id).returning(columns).$narrowType<Words>())
  },
})

/** The language keeps the word for itself, so it is given its name on the way out. */
const voidIt = action({
  summary: 'Make an issued invoice void; it keeps its number',
  input: z.strictObject({ id: Id, reason: Text.min(3).max(500) }),
  output: Paper,
  rate: 'sensitive',
  refuses: ['invoice_is_draft', 'invoice_is_void', 'invoice_is_delivered', 'invoice_is_credited'],
  example: (id) => ({ id: id('issuedInvoice'), reason: 'the customer chose another piece' }),
  async run({ input: { id, reason }, db, today, actor }) {
    const paper = await locked(db, { kind, id }, 'issued')
    if (paper.credited_minor > 0) throw refuse('invoice_is_credited')
    const delivered = await db.selectFrom('delivery').select('id').where('invoice_id', '=', id).executeTakeFirst()
    if (delivered) throw refuse('invoice_is_delivered')
    await releaseInvoice(db, id, paper.settled_minor)
    const { customer_id: customerId, currency, total_minor } = paper
    const entry = { customerId, currency, invoiceId: id, byName: actor.name, amountMinor: -total_minor }
    await enterMoney(db, { ...entry, kind: 'void' })
    return await voidPaper(db, { kind, id, today }, reason, actor)
  },
})
export { voidIt as void }

const Delivery = z.strictObject({ invoiceId: Id, deliveredOn: Day, receivedBy: Line, byName: Line })

export const deliver = action({
  summary: 'Hand over what an invoice sold, and say who received it',
  input: z.strictObject({ id: Id, receivedBy: Line }),
  output: Delivery,
  refuses: ['invoice_is_draft', 'invoice_is_void', 'invoice_is_delivered'],
  example: (id) => ({ id: id('deliveredInvoice'), receivedBy: 'Lakshmi Nair' }),
  async run({ input: { id, receivedBy }, db, today, actor }) {
    await locked(db, { kind, id }, 'issued')
    return one(
      db
        .insertInto('delivery')
        .values({ invoice_id: id, delivered_on: today, received_by: receivedBy, by_id: actor.id, by_name: actor.name })
        .returning([
          'invoice_id as invoiceId',
          'delivered_on as deliveredOn',
          'received_by as receivedBy',
          'by_name as byName',
        ]),
    )
  },
})
