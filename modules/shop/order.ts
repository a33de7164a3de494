import { z } from 'zod'
import { Day, Id, operations, Page, Text } from '#kernel'
import { asked, drawingUp, Paper, Series, WholePaper } from './papers/document.ts'
import { draftPaper, followPaper } from './papers/drafting.ts'
import { issuePaper, locked, voidPaper } from './papers/issuing.ts'
import { PaperFilter, papers, wholePaper } from './papers/looking.ts'
import type { Tables } from './tables.ts'
import { asWanted } from './papers/wanted.ts'

const { action, query } = operations<Tables>()
const kind = 'order'
const promised = { series: Series.default('ORD'), promisedOn: Day.nullable().default(null) }

export const take = action({
  summary: 'Take an order and keep its pieces for the customer',
  input: z.strictObject({ ...asked, ...promised }),
  output: Paper,
  refuses: [...drawingUp, 'piece_taken'],
  example: (id) => ({
    customerId: id('customer'),
    currency: 'INR',
    promisedOn: '2026-12-05',
    lines: [{ pieceId: id('orderedPiece') }],
  }),
  async run({ input, db, today, actor }) {
    const lines = await asWanted(db, input.lines, true)
    const { id } = await draftPaper(db, today, actor, { ...input, kind, lines })
    return await issuePaper(db, { kind, id, today }, actor)
  },
})

export const follow = action({
  summary: 'Take the order of an estimate, at the rates that were promised',
  input: z.strictObject({ id: Id, ...promised }),
  output: Paper,
  refuses: [...drawingUp, 'piece_taken', 'paper_is_void', 'paper_is_followed', 'estimate_is_over'],
  example: (id) => ({ id: id('followedEstimate'), promisedOn: '2026-12-05' }),
  async run({ input, db, today, actor }) {
    const from = await followPaper(db, { id: input.id, kinds: ['estimate'], today })
    const { series, promisedOn } = input
    const { id } = await draftPaper(db, today, actor, { ...from, kind, series, promisedOn })
    return await issuePaper(db, { kind, id, today }, actor)
  },
})

export const get = query({
  summary: 'Show an order with its lines',
  input: z.strictObject({ id: Id }),
  output: WholePaper,
  example: (id) => ({ id: id('order') }),
  run: ({ input, db }) => wholePaper(db, kind, input.id),
})

export const list = query({
  summary: 'List the orders, newest first',
  input: PaperFilter,
  output: Page(Paper),
  example: (id) => ({ customerId: id('customer'), limit: 50 }),
  run: ({ input, db }) => papers(db, kind, input),
})

export const cancel = action({
  summary: 'Cancel an order and let go of its pieces; it keeps its number',
  input: z.strictObject({ id: Id, reason: Text.min(3).max(500) }),
  output: Paper,
  refuses: ['paper_is_void', 'paper_is_followed'],
  example: (id) => ({ id: id('cancelledOrder'), reason: 'the wedding was called off' }),
  async run({ input: { id, reason }, db, today, actor }) {
    await locked(db, { kind, id }, 'issued')
    return await voidPaper(db, { kind, id, today }, reason, actor)
  },
})
