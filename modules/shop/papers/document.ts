import { z } from 'zod'
import { Day, Id, Line, Money, oneOf, SignedMoney, Text } from '#kernel'
import { DraftLine, PaperLine, PaperTax } from './line.ts'
import { Currency, MOST_LINES } from '../metal.ts'

/** Estimates, orders, invoices and credit notes: one kind of paper, as it is asked for, kept and shown. */

export const Kind = oneOf('estimate', 'order', 'invoice', 'credit')
export type Kind = z.output<typeof Kind>
export const Status = oneOf('draft', 'issued', 'void')
export type Status = z.output<typeof Status>

/** A counter, a branch or a kind of paper that numbers for itself. */
export const Series = z.string().regex(/^[A-Z0-9]{1,8}$/)

/** Within the seller's state or country, or across its border: the taxes differ. */
export const Place = oneOf('within', 'across')
export type Place = z.output<typeof Place>

/** What is said of a paper when it is drawn up. */
export const asked = {
  customerId: Id,
  currency: Currency,
  note: Text.optional(),
  place: Place.default('within'),
  pricesIncludeTax: z.boolean().optional(),
  lines: z.array(DraftLine).min(1).max(MOST_LINES),
}
/** Whatever draws up a paper may meet these. */
export const drawingUp = ['rate_not_set', 'tax_not_set', 'discount_above_price', 'amount_too_large']

export const Paper = z.strictObject({
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
  fromId: Id.nullable(),
  validUntil: Day.nullable(),
  promisedOn: Day.nullable(),
  reason: Text.nullable(),
  taxableMinor: Money,
  taxMinor: Money,
  roundOffMinor: SignedMoney,
  totalMinor: Money,
  settledMinor: Money,
  creditedMinor: Money,
  concededMinor: Money,
  byName: z.string().nullable(),
})
export const WholePaper = Paper.extend({ lines: z.array(PaperLine), taxes: z.array(PaperTax) })

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
  'from_id as fromId',
  'valid_until as validUntil',
  'promised_on as promisedOn',
  'reason',
  'taxable_minor as taxableMinor',
  'tax_minor as taxMinor',
  'round_off_minor as roundOffMinor',
  'total_minor as totalMinor',
  'settled_minor as settledMinor',
  'credited_minor as creditedMinor',
  'conceded_minor as concededMinor',
  'by_name as byName',
] as const
export type Words = { status: Status; place: Place }
