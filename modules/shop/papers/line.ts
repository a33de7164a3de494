import type { Insertable } from 'kysely'
import { z } from 'zod'
import { Id, Line, Money, oneOf } from '#kernel'
import { GramMinor, Metal, PartMinor, PerMille, Purity, RateMinor, WeightMg } from '../metal.ts'
import type { PieceTerms, Priced, Terms } from '../pricing/price.ts'
import type { Tables } from '../tables.ts'
import type { Owed } from '../pricing/taxing.ts'

/** A line of a paper and what it owes of each tax, as asked for, kept and shown. */

const described = { description: Line, metal: Metal, purity: Purity, weightMg: WeightMg }
const agreed = { discountMinor: PartMinor.default(0), taxPerMille: PerMille.nullable().default(null) }

/** A line without a rate of its own takes the rate in effect, and one without a tax of its own those in effect. */
const LooseLine = z.strictObject({
  ...described,
  rateMinor: RateMinor.optional(),
  wastagePerMille: PerMille.default(0),
  makingMinor: PartMinor.default(0),
  makingPerGramMinor: GramMinor.default(0),
  makingPerMille: PerMille.default(0),
  stonesMinor: PartMinor.default(0),
  ...agreed,
})

/** A piece brings its own terms; what is said here is said instead. */
const PieceLine = z.strictObject({
  pieceId: Id,
  rateMinor: RateMinor.optional(),
  wastagePerMille: PerMille.optional(),
  makingMinor: PartMinor.optional(),
  makingPerGramMinor: GramMinor.optional(),
  makingPerMille: PerMille.optional(),
  stonesMinor: PartMinor.optional(),
  ...agreed,
})
export const DraftLine = z.union([PieceLine, LooseLine])
export type DraftLine = z.output<typeof DraftLine>

/** What a line is about and on which terms, before it has a rate. */
export type Wanted = Omit<Terms, 'rateMinor'> & {
  pieceId: string | null
  description: string
  metal: Metal
  purity: number
  rateMinor?: number | undefined
  /** What the piece's own tag asks. */
  terms?: PieceTerms
}

export const PaperLine = z.strictObject({
  id: Id,
  position: z.int(),
  pieceId: Id.nullable(),
  ...described,
  rateMinor: Money,
  wastagePerMille: PerMille,
  makingFixedMinor: Money,
  makingPerGramMinor: Money,
  makingPerMille: PerMille,
  makingMinor: Money,
  stonesMinor: Money,
  discountMinor: Money,
  taxPerMille: PerMille.nullable(),
  metalMinor: Money,
  wastageMinor: Money,
  includedMinor: Money,
  taxableMinor: Money,
  taxMinor: Money,
  totalMinor: Money,
})

const Component = oneOf('metal', 'making', 'stones', 'whole')
export type TaxWords = { component: z.output<typeof Component> }

export const PaperTax = z.strictObject({
  line: z.int(),
  component: Component,
  name: Line,
  code: Line.nullable(),
  perMillion: z.int(),
  taxableMinor: Money,
  taxMinor: Money,
})

/** The columns of a line but for its place, so that a credit note can take them over as they stand. */
export const lineColumns = [
  'piece_id as pieceId',
  'description',
  'metal',
  'purity',
  'weight_mg as weightMg',
  'rate_minor as rateMinor',
  'wastage_per_mille as wastagePerMille',
  'making_fixed_minor as makingFixedMinor',
  'making_per_gram_minor as makingPerGramMinor',
  'making_per_mille as makingPerMille',
  'making_minor as makingMinor',
  'stones_minor as stonesMinor',
  'discount_minor as discountMinor',
  'tax_per_mille as taxPerMille',
  'metal_minor as metalMinor',
  'wastage_minor as wastageMinor',
  'included_minor as includedMinor',
  'taxable_minor as taxableMinor',
  'tax_minor as taxMinor',
  'total_minor as totalMinor',
] as const

export const taxColumns = [
  'line',
  'component',
  'name',
  'code',
  'per_million as perMillion',
  'taxable_minor as taxableMinor',
  'tax_minor as taxMinor',
] as const

type Where = { invoiceId: string; position: number }
type Written = Where & Omit<Wanted, 'rateMinor'> & Terms & Priced & { creditsId?: string }

export const lineRow = (line: Written): Insertable<Tables['invoice_line']> => ({
  invoice_id: line.invoiceId,
  position: line.position,
  piece_id: line.pieceId,
  credits_id: line.creditsId ?? null,
  description: line.description,
  metal: line.metal,
  purity: line.purity,
  weight_mg: line.weightMg,
  rate_minor: line.rateMinor,
  wastage_per_mille: line.wastagePerMille,
  making_fixed_minor: line.makingFixedMinor,
  making_per_gram_minor: line.makingPerGramMinor,
  making_per_mille: line.makingPerMille,
  making_minor: line.makingMinor,
  stones_minor: line.stonesMinor,
  discount_minor: line.discountMinor,
  tax_per_mille: line.taxPerMille,
  metal_minor: line.metalMinor,
  wastage_minor: line.wastageMinor,
  included_minor: line.includedMinor,
  taxable_minor: line.taxableMinor,
  tax_minor: line.taxMinor,
  total_minor: line.totalMinor,
})

export const taxRow = (tax: Owed & Where): Insertable<Tables['invoice_tax']> => ({
  invoice_id: tax.invoiceId,
  line: tax.line,
  position: tax.position,
  component: tax.component,
  name: tax.name,
  code: tax.code,
  per_million: tax.perMillion,
  taxable_minor: tax.taxableMinor,
  tax_minor: tax.taxMinor,
})
