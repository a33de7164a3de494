import { refuse } from '#kernel'

/**
 * What an invoice comes to, in whole minor units and without a database. Two rules of rounding and no others: a product
 * is rounded half up once, and a tax is computed once for all lines at its rate, then shared among them so that the
 * lines always add up to the total.
 */
export type Terms = {
  weightMg: number
  rateMinor: number
  wastagePerMille: number
  makingMinor: number
  stonesMinor: number
  discountMinor: number
  taxPerMille: number
}

export type Amounts = { taxableMinor: number; taxMinor: number; totalMinor: number }
export type Priced = Amounts & { metalMinor: number; wastageMinor: number }

const MG_PER_GRAM = 1_000
const PER_MILLE = 1_000

export function priceInvoice<Line extends Terms>(lines: readonly Line[]): Amounts & { lines: (Line & Priced)[] } {
  const net = lines.map((line) => ({ ...line, ...netOf(line) }))
  const taxes = shareTaxes(net)
  const priced = net.map((line, at) => ({ ...line, taxMinor: taxes[at]!, totalMinor: line.taxableMinor + taxes[at]! }))
  const taxableMinor = sum(priced.map((line) => line.taxableMinor))
  const taxMinor = sum(taxes)
  return { lines: priced, taxableMinor, taxMinor, totalMinor: taxableMinor + taxMinor }
}

/** Metal by weight, the metal lost in the making, the work and the stones; less what was agreed. */
function netOf(line: Terms) {
  const metalMinor = halfUp(line.weightMg, line.rateMinor, MG_PER_GRAM)
  const wastageMinor = halfUp(metalMinor, line.wastagePerMille, PER_MILLE)
  const taxableMinor = metalMinor + wastageMinor + line.makingMinor + line.stonesMinor - line.discountMinor
  if (taxableMinor < 0) throw refuse('discount_above_price')
  return { metalMinor, wastageMinor, taxableMinor }
}

/** Each line's tax, rounded down; what is left of the tax on their sum goes to the dearest line at that rate. */
function shareTaxes(lines: readonly { taxableMinor: number; taxPerMille: number }[]): number[] {
  const taxes = lines.map((line) => down(line.taxableMinor, line.taxPerMille, PER_MILLE))
  for (const rate of new Set(lines.map((line) => line.taxPerMille))) {
    const at = [...lines.keys()].filter((index) => lines[index]!.taxPerMille === rate)
    const due = halfUp(sum(at.map((index) => lines[index]!.taxableMinor)), rate, PER_MILLE)
    const dearest = at.reduce((best, index) => (lines[index]!.taxableMinor > lines[best]!.taxableMinor ? index : best))
    taxes[dearest]! += due - sum(at.map((index) => taxes[index]!))
  }
  return taxes
}

/** Products pass 2^53 long before prices do, hence the wide integers. */
const halfUp = (amount: number, times: number, per: number) =>
  Number((2n * BigInt(amount) * BigInt(times) + BigInt(per)) / BigInt(2 * per))

const down = (amount: number, times: number, per: number) => Number((BigInt(amount) * BigInt(times)) / BigInt(per))

const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0)
