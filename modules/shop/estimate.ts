import { z } from 'zod'
import { Id, operations, Page, Text } from '#kernel'
import { asked, drawingUp, Paper, Series, WholePaper } from './papers/document.ts'
import { draftPaper } from './papers/drafting.ts'
import { issuePaper, locked, voidPaper } from './papers/issuing.ts'
import { PaperFilter, papers, wholePaper } from './papers/looking.ts'
import { settingOn } from './pricing/settled.ts'
import type { Tables } from './tables.ts'
import { asWanted } from './papers/wanted.ts'

const { action, query } = operations<Tables>()
const kind = 'estimate'

/** As long as a shop that has settled nothing keeps a rate. */
const USUAL_days = 7
const LONGEST_days = 365
const DAY_MS = 86_400_000

export const give = action({
  summary: 'Give an estimate, which keeps its rates until it is over',
  input: z.strictObject({
    ...asked,
    series: Series.default('EST'),
    validDays: z.int().min(0).max(LONGEST_days).optional(),
  }),
  output: Paper,
  refuses: drawingUp,
  example: (id) => ({ customerId: id('customer'), currency: 'INR', lines: [{ pieceId: id('piece') }] }),
  async run({ input, db, today, actor }) {
    const setting = await settingOn(db, today).select('estimate_days').executeTakeFirst()
    const days = input.validDays ?? setting?.estimate_days ?? USUAL_days
    const validUntil = new Date(Date.parse(today) + days * DAY_MS).toISOString().slice(0, 10)
    const lines = await asWanted(db, input.lines, false)
    const { id } = await draftPaper(db, today, actor, { ...input, kind, lines, validUntil })
    return await issuePaper(db, { kind, id, today }, actor)
  },
})

export const get = query({
  summary: 'Show an estimate with its lines',
  input: z.strictObject({ id: Id }),
  output: WholePaper,
  example: (id) => ({ id: id('estimate') }),
  run: ({ input, db }) => wholePaper(db, kind, input.id),
})

export const list = query({
  summary: 'List the estimates, newest first',
  input: PaperFilter,
  output: Page(Paper),
  example: (id) => ({ customerId: id('customer'), limit: 50 }),
  run: ({ input, db }) => papers(db, kind, input),
})

export const withdraw = action({
  summary: 'Withdraw an estimate; it keeps its number',
  input: z.strictObject({ id: Id, reason: Text.min(3).max(500) }),
  output: Paper,
  refuses: ['paper_is_void', 'paper_is_followed'],
  example: (id) => ({ id: id('withdrawnEstimate'), reason: 'the stone was sold' }),
  async run({ input: { id, reason }, db, today, actor }) {
    await locked(db, { kind, id }, 'issued')
    return await voidPaper(db, { kind, id, today }, reason, actor)
  },
})
