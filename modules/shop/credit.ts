import type { ExpressionBuilder, Kysely } from 'kysely'
import { z } from 'zod'
import { Id, operations, Page, refuse, Text } from '#kernel'
import { releaseInvoice } from './ledgers/allocating.ts'
import { Paper, Series, WholePaper } from './papers/document.ts'
import type { Actor } from './papers/drafting.ts'
import { issuePaper, locked } from './papers/issuing.ts'
import { lineColumns, lineRow, taxColumns, taxRow } from './papers/line.ts'
import type { TaxWords } from './papers/line.ts'
import { MOST_LINES } from './metal.ts'
import type { Metal } from './metal.ts'
import { PaperFilter, papers, wholePaper } from './papers/looking.ts'
import { sum } from './pricing/rounding.ts'
import type { Tables } from './tables.ts'

const { action, query } = operations<Tables>()
const kind = 'credit'

export const give = action({
  summary: 'Credit lines of an issued invoice, and take their pieces back into the stock',
  input: z.strictObject({
    invoiceId: Id,
    positions: z.array(z.int().min(1).max(MOST_LINES)).min(1).max(MOST_LINES),
    reason: Text.min(3).max(500),
    series: Series.default('CN'),
  }),
  output: Paper,
  rate: 'sensitive',
  refuses: ['invoice_is_draft', 'invoice_is_void', 'line_unknown', 'line_is_credited'],
  example: (id) => ({ invoiceId: id('creditedInvoice'), positions: [1], reason: 'the clasp does not hold' }),
  async run({ input, db, today, actor }) {
    const invoice = await locked(db, { kind: 'invoice', id: input.invoiceId }, 'issued')
    const lines = await linesOf(db, input.invoiceId, input.positions)
    const id = await write(db, { ...input, invoice, lines, actor })
    await takeBack(db, input.invoiceId, lines)
    const note = await issuePaper(db, { kind, id, today }, actor)
    const excess_minor = invoice.settled_minor + invoice.credited_minor + note.totalMinor - invoice.total_minor
    await releaseInvoice(db, input.invoiceId, Math.max(0, excess_minor))
    await db
      .updateTable('invoice')
      .set((eb) => ({ credited_minor: eb('credited_minor', '+', note.totalMinor) }))
      .where('id', '=', input.invoiceId)
      .execute()
    return note
  },
})

export const get = query({
  summary: 'Show a credit note with its lines',
  input: z.strictObject({ id: Id }),
  output: WholePaper,
  example: (id) => ({ id: id('credit') }),
  run: ({ input, db }) => wholePaper(db, kind, input.id),
})

export const list = query({
  summary: 'List the credit notes, newest first',
  input: PaperFilter,
  output: Page(Paper),
  example: (id) => ({ customerId: id('customer'), limit: 50 }),
  run: ({ input, db }) => papers(db, kind, input),
})

type Lines = Awaited<ReturnType<typeof linesOf>>

async function linesOf(db: Kysely<Tables>, id: string, positions: readonly number[]) {
  const lines = await db
    .selectFrom('invoice_line')
    .select(['id', 'position', ...lineColumns])
    .$narrowType<{ metal: Metal }>()
    .where('invoice_id', '=', id)
    .where('position', 'in', positions)
    .orderBy('position')
    .execute()
  if (lines.length < new Set(positions).size) throw refuse('line_unknown')
  return lines
}

type Crediting = {
  invoiceId: string
  reason: string
  series: string
  invoice: Awaited<ReturnType<typeof locked>>
  lines: Lines
  actor: Actor
}

/** The invoice's own amounts, line by line; the last credit note takes what the invoice's rounding left. */
async function write(db: Kysely<Tables>, { invoiceId, reason, series, invoice, lines, actor }: Crediting) {
  const taxable_minor = sum(lines.map(({ taxableMinor }) => taxableMinor))
  const tax_minor = sum(lines.map(({ taxMinor }) => taxMinor))
  const left_minor = invoice.total_minor - invoice.credited_minor
  const exact_minor = taxable_minor + tax_minor
  const total_minor = (await isAll(db, invoiceId, lines)) ? left_minor : Math.min(exact_minor, left_minor)
  const { id } = await db
    .insertInto('invoice')
    .columns(HEAD)
    .expression((eb) =>
      eb
        .selectFrom('invoice')
        .select(['customer_id', 'customer_name', 'currency', 'place', 'id'])
        .select([
          eb.val(kind).as('kind'),
          eb.val('draft').as('status'),
          eb.val(series).as('series'),
          eb.val(reason).as('reason'),
          eb.cast<number>(eb.val(taxable_minor), 'bigint').as('taxable_minor'),
          eb.cast<number>(eb.val(tax_minor), 'bigint').as('tax_minor'),
          eb.cast<number>(eb.val(total_minor - exact_minor), 'bigint').as('round_off_minor'),
          eb.cast<number>(eb.val(total_minor), 'bigint').as('total_minor'),
          eb.val(actor.id).as('by_id'),
          eb.val(actor.name).as('by_name'),
        ])
        .where('id', '=', invoiceId),
    )
    .returning('id')
    .executeTakeFirstOrThrow()
  await writeLines(db, id, invoiceId, lines)
  return id
}

const HEAD = [
  'customer_id',
  'customer_name',
  'currency',
  'place',
  'from_id',
  'kind',
  'status',
  'series',
  'reason',
  'taxable_minor',
  'tax_minor',
  'round_off_minor',
  'total_minor',
  'by_id',
  'by_name',
] as const

async function writeLines(db: Kysely<Tables>, id: string, invoiceId: string, lines: Lines) {
  const rows = lines.map((line, at) => lineRow({ ...line, creditsId: line.id, invoiceId: id, position: at + 1 }))
  await db.insertInto('invoice_line').values(rows).execute()
  const positions = lines.map(({ position }) => position)
  const taxes = await db
    .selectFrom('invoice_tax')
    .select(taxColumns)
    .$narrowType<TaxWords>()
    .where('invoice_id', '=', invoiceId)
    .where('line', 'in', positions)
    .orderBy('position')
    .execute()
  const owed = taxes.map((tax, at) =>
    taxRow({ ...tax, line: positions.indexOf(tax.line) + 1, invoiceId: id, position: at + 1 }),
  )
  if (owed.length > 0) await db.insertInto('invoice_tax').values(owed).execute()
}

/** Whether with these lines nothing is left of the invoice. */
async function isAll(db: Kysely<Tables>, id: string, lines: Lines): Promise<boolean> {
  const left = await db
    .selectFrom('invoice_line')
    .select('id')
    .where('invoice_id', '=', id)
    .where(
      'id',
      'not in',
      lines.map((line) => line.id),
    )
    .where((eb) => eb.not(eb.exists(creditOf(eb))))
    .executeTakeFirst()
  return left === undefined
}

const creditOf = (eb: ExpressionBuilder<Tables, 'invoice_line'>) =>
  eb.selectFrom('invoice_line as credit').select('credit.id').whereRef('credit.credits_id', '=', 'invoice_line.id')

async function takeBack(db: Kysely<Tables>, invoiceId: string, lines: Lines) {
  const pieces = lines.flatMap(({ pieceId }) => pieceId ?? [])
  if (pieces.length === 0) return
  await db
    .updateTable('piece')
    .set({ status: 'stock', invoice_id: null })
    .where('invoice_id', '=', invoiceId)
    .where('id', 'in', pieces)
    .execute()
}
