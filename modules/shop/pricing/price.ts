import { refuse } from '#kernel'
import { halfUp, sum } from './rounding.ts'
import { taxLines } from './taxing.ts'
import type { Owed, Parts, Tax, Taxed } from './taxing.ts'

/** What a paper comes to, in whole minor units and without a database; `rounding.ts` says how it is rounded. */
export type Terms = {
  weightMg: number
  rateMinor: number
  wastagePerMille: number
  /** Asked for the work: so much, so much for each gram, and a share of the metal's price. */
  makingFixedMinor: number
  makingPerGramMinor: number
  makingPerMille: number
  stonesMinor: number
  discountMinor: number
  /** One tax on the whole line, in place of the taxes on its parts. */
  taxPerMille: number | null
}

export type Ways = { taxes: readonly Tax[]; pricesIncludeTax: boolean; roundOffMinor: number }

export type Amounts = { taxableMinor: number; taxMinor: number; roundOffMinor: number; totalMinor: number }
export type Priced = Taxed & { metalMinor: number; wastageMinor: number; makingMinor: number }

const MG_PER_GRAM = 1_000
const PER_MILLE = 1_000

export function priceLines<Line extends Terms>(
  lines: readonly Line[],
  { taxes, pricesIncludeTax, roundOffMinor: unit_minor }: Ways,
): Amounts & { lines: (Line & Priced)[]; taxes: Owed[] } {
  const parts = lines.map(partsOf)
  const { shares, owed } = taxLines(parts, lines, { taxes, pricesIncludeTax })
  const priced = lines.map((line, at) => ({ ...line, ...parts[at]!, ...shares[at]! }))
  const taxableMinor = sum(priced.map((line) => line.taxableMinor))
  const taxMinor = sum(priced.map((line) => line.taxMinor))
  const exact_minor = sum([taxableMinor, taxMinor])
  const totalMinor = halfUp(exact_minor, 1, unit_minor) * unit_minor
  return { lines: priced, taxes: owed, taxableMinor, taxMinor, roundOffMinor: totalMinor - exact_minor, totalMinor }
}

/** What a piece asks by its tag. */
export type PieceTerms = Omit<Terms, 'rateMinor' | 'discountMinor' | 'taxPerMille'>

/**
 * What was let off: the difference to the price by the tag, where there is one, at the rate on the board. What the
 * board does not name has no price to compare with, and counts as let off whole.
 */
export function concessionOf(lines: readonly Conceding[]) {
  const worths = lines.map((line) => {
    const given_minor = worthOf(line)
    if (line.boardMinor === undefined) return { asked_minor: given_minor, conceded_minor: given_minor }
    const rateMinor = Math.max(line.boardMinor, line.rateMinor)
    const asked_minor = worthOf({ ...line, ...line.terms, rateMinor, discountMinor: 0 })
    return { asked_minor, conceded_minor: Math.max(0, asked_minor - given_minor) }
  })
  return {
    askedMinor: sum(worths.map(({ asked_minor }) => asked_minor)),
    concededMinor: sum(worths.map(({ conceded_minor }) => conceded_minor)),
  }
}

type Conceding = Terms & { boardMinor?: number | undefined; terms?: PieceTerms | undefined }

function worthOf(line: Terms) {
  const { discountMinor, ...rest } = partsOf(line)
  return sum(Object.values(rest)) - discountMinor
}

/** Metal by weight, the metal lost in the making, the work and the stones; less what was agreed. */
function partsOf(line: Terms): Parts {
  const metalMinor = halfUp(line.weightMg, line.rateMinor, MG_PER_GRAM)
  const wastageMinor = halfUp(metalMinor, line.wastagePerMille, PER_MILLE)
  const byGram_minor = halfUp(line.weightMg, line.makingPerGramMinor, MG_PER_GRAM)
  const makingMinor = line.makingFixedMinor + byGram_minor + halfUp(metalMinor, line.makingPerMille, PER_MILLE)
  const { stonesMinor, discountMinor } = line
  if (discountMinor > metalMinor + wastageMinor + makingMinor + stonesMinor) throw refuse('discount_above_price')
  return { metalMinor, wastageMinor, makingMinor, stonesMinor, discountMinor }
}
