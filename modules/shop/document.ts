import { z } from 'zod'
import type { Insertable } from 'kysely'
import { Day, Id, Line, Money, oneOf, SignedMoney, Text } from '#kernel'
import { Currency, GramMinor, Metal, PartMinor, PerMille, Purity, RateMinor, WeightMg } from './metal.ts'
import type { Amounts, Priced, Terms } from './price.ts'
import type { Tables } from './tables.ts'
import type { Owed } from './taxing.ts'

/** An invoice as it is asked for, kept and shown; the columns are named beside the fields that they become. */

export const Status = oneOf('draft', 'issued', 'void')
export type Status = z.output<typeof Status>

/** A counter, a branch or a kind of paper that numbers for itself. */
export const Series = z.string().regex(/^[A-Z0-9]{1,8}$/)

const piece = { description: Line, metal: Metal, purity: Purity, weightMg: WeightMg }

/** Within the seller's state or country, or across its border: the taxes differ. */
export const Place = oneOf('within', 'across')
export type Place = z.output<typeof Place>

/** A line without a rate of its own takes the rate in effect, and one without a tax of its own those in effect. */
export const DraftLine = z.strictObject({
  ...piece,
  rateMinor: RateMinor.optional(),
  wastagePerMille: PerMille.default(0),
  makingMinor: PartMinor.default(0),
  makingPerGramMinor: GramMinor.default(0),
  makingPerMille: PerMille.default(0),
  stonesMinor: PartMinor.default(0),
  discountMinor: PartMinor.default(0),
  taxPerMille: PerMille.nullable().default(null),
})
export type DraftLine = z.output<typeof DraftLine>

const InvoiceLine = z.strictObject({
  position: z.int(),
  ...piece,
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

const InvoiceTax = z.strictObject({
  component: oneOf('metal', 'making', 'stones', 'whole'),
  name: Line,
  code: Line.nullable(),
  perMillion: z.int(),
  taxableMinor: Money,
  taxMinor: Money,
})

export const Invoice = z.strictObject({
  id: Id,
  status: Status,
  series: Series,
  year: z.int().nullable(),
  number: z.int().nullable(),
  customerId: Id,
  customerName: Line,
  currency: Currency,
  issuedOn: Day.nullable(),
  voidedOn: Day.nullable(),
  voidReason: Text.nullable(),
  note: Text.nullable(),
  place: Place,
  taxableMinor: Money,
  taxMinor: Money,
  roundOffMinor: SignedMoney,
  totalMinor: Money,
})

export const WholeInvoice = Invoice.extend({ lines: z.array(InvoiceLine), taxes: z.array(InvoiceTax) })

export const columns = [
  'id',
  'status',
  'series',
  'year',
  'number',
  'customer_id as customerId',
  'customer_name as customerName',
  'currency',
  'issued_on as issuedOn',
  'voided_on as voidedOn',
  'void_reason as voidReason',
  'note',
  'place',
  'taxable_minor as taxableMinor',
  'tax_minor as taxMinor',
  'round_off_minor as roundOffMinor',
  'total_minor as totalMinor',
] as const

export const lineColumns = [
  'position',
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
  'component',
  'name',
  'code',
  'per_million as perMillion',
  'taxable_minor as taxableMinor',
  'tax_minor as taxMinor',
] as const
export type TaxWords = { component: z.output<typeof InvoiceTax>['component'] }

type Head = Amounts & {
  customerId: string
  customerName: string
  currency: string
  series: string
  place: Place
  note?: string | undefined
}

export const headRow = (head: Head): Insertable<Tables['invoice']> => ({
  customer_id: head.customerId,
  customer_name: head.customerName,
  currency: head.currency,
  series: head.series,
  status: 'draft',
  note: head.note ?? null,
  place: head.place,
  taxable_minor: head.taxableMinor,
  tax_minor: head.taxMinor,
  round_off_minor: head.roundOffMinor,
  total_minor: head.totalMinor,
})

type Piece = { description: string; metal: Metal; purity: number }
type Where = { invoiceId: string; position: number }

export const lineRow = (line: Where & Piece & Terms & Priced): Insertable<Tables['invoice_line']> => ({
  invoice_id: line.invoiceId,
  position: line.position,
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
  position: tax.position,
  component: tax.component,
  name: tax.name,
  code: tax.code,
  per_million: tax.perMillion,
  taxable_minor: tax.taxableMinor,
  tax_minor: tax.taxMinor,
})
