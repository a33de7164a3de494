import { z } from 'zod'
import type { Insertable } from 'kysely'
import { Day, Id, Line, Money, oneOf, Text } from '#kernel'
import { Currency, Metal, PartMinor, PerMille, Purity, RateMinor, WeightMg } from './metal.ts'
import type { Amounts, Priced, Terms } from './price.ts'
import type { Tables } from './tables.ts'

/** An invoice as it is asked for, kept and shown; the columns are named beside the fields that they become. */

export const Status = oneOf('draft', 'issued', 'void')
export type Status = z.output<typeof Status>

/** A counter, a branch or a kind of paper that numbers for itself. */
export const Series = z.string().regex(/^[A-Z0-9]{1,8}$/)

const piece = { description: Line, metal: Metal, purity: Purity, weightMg: WeightMg }

/** A line without a rate of its own takes the rate in effect. */
export const DraftLine = z.strictObject({
  ...piece,
  rateMinor: RateMinor.optional(),
  wastagePerMille: PerMille.default(0),
  makingMinor: PartMinor.default(0),
  stonesMinor: PartMinor.default(0),
  discountMinor: PartMinor.default(0),
  taxPerMille: PerMille,
})

const InvoiceLine = z.strictObject({
  position: z.int(),
  ...piece,
  rateMinor: Money,
  wastagePerMille: PerMille,
  makingMinor: Money,
  stonesMinor: Money,
  discountMinor: Money,
  taxPerMille: PerMille,
  metalMinor: Money,
  wastageMinor: Money,
  taxableMinor: Money,
  taxMinor: Money,
  totalMinor: Money,
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
  taxableMinor: Money,
  taxMinor: Money,
  totalMinor: Money,
})

export const WholeInvoice = Invoice.extend({ lines: z.array(InvoiceLine) })

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
  'taxable_minor as taxableMinor',
  'tax_minor as taxMinor',
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
  'making_minor as makingMinor',
  'stones_minor as stonesMinor',
  'discount_minor as discountMinor',
  'tax_per_mille as taxPerMille',
  'metal_minor as metalMinor',
  'wastage_minor as wastageMinor',
  'taxable_minor as taxableMinor',
  'tax_minor as taxMinor',
  'total_minor as totalMinor',
] as const

type Head = Amounts & {
  customerId: string
  customerName: string
  currency: string
  series: string
  note?: string | undefined
}

export const headRow = (head: Head): Insertable<Tables['invoice']> => ({
  customer_id: head.customerId,
  customer_name: head.customerName,
  currency: head.currency,
  series: head.series,
  status: 'draft',
  note: head.note ?? null,
  taxable_minor: head.taxableMinor,
  tax_minor: head.taxMinor,
  total_minor: head.totalMinor,
})

type Piece = { description: string; metal: Metal; purity: number }
type Place = { invoiceId: string; position: number }

export const lineRow = (line: Place & Piece & Terms & Priced): Insertable<Tables['invoice_line']> => ({
  invoice_id: line.invoiceId,
  position: line.position,
  description: line.description,
  metal: line.metal,
  purity: line.purity,
  weight_mg: line.weightMg,
  rate_minor: line.rateMinor,
  wastage_per_mille: line.wastagePerMille,
  making_minor: line.makingMinor,
  stones_minor: line.stonesMinor,
  discount_minor: line.discountMinor,
  tax_per_mille: line.taxPerMille,
  metal_minor: line.metalMinor,
  wastage_minor: line.wastageMinor,
  taxable_minor: line.taxableMinor,
  tax_minor: line.taxMinor,
  total_minor: line.totalMinor,
})
