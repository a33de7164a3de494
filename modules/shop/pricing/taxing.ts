import { refuse } from '#kernel'
import { down, halfUp, shareOut, sum } from './rounding.ts'

/**
 * Each tax is computed once, on the sum of all that is taxed by it, and shared among the lines. Where prices include
 * the tax, what is left without it is computed once in the same way, and the tax is the rest.
 */
export type Parts = Record<'metalMinor' | 'wastageMinor' | 'makingMinor' | 'stonesMinor' | 'discountMinor', number>
export type Component = 'metal' | 'making' | 'stones'
export type Tax = { component: Component; name: string; code: string | null; perMillion: number }

/** What one line owes of one tax; a tax on the whole of it is of no component. */
export type Owed = Omit<Tax, 'component'> & {
  line: number
  component: Component | 'whole'
  taxableMinor: number
  taxMinor: number
}

/** A line's share. What is included is part of the price already, and otherwise nothing. */
export type Taxed = { taxableMinor: number; taxMinor: number; includedMinor: number; totalMinor: number }

type Ways = { taxes: readonly Tax[]; pricesIncludeTax: boolean }
type Charge = Omit<Owed, 'line' | 'taxableMinor' | 'taxMinor'>
/** What is taxed alike: the same part of the lines by the same taxes. */
type Group = { charges: readonly Charge[]; amounts: Map<number, number> }

const PER_MILLION = 1_000_000

export function taxLines(
  parts: readonly Parts[],
  lines: readonly { taxPerMille: number | null }[],
  ways: Ways,
): { shares: Taxed[]; owed: Owed[] } {
  const shares = parts.map((): Taxed => ({ taxableMinor: 0, taxMinor: 0, includedMinor: 0, totalMinor: 0 }))
  const owed: Owed[] = []
  for (const group of groupsOf(parts, lines, ways.taxes)) owed.push(...settle(group, shares, ways.pricesIncludeTax))
  return { shares, owed: owed.sort((one, other) => one.line - other.line) }
}

function groupsOf(parts: readonly Parts[], lines: readonly { taxPerMille: number | null }[], taxes: readonly Tax[]) {
  const groups = new Map<string, Group>()
  const add = (key: string, charges: readonly Charge[], at: number, amount: number) => {
    const group = groups.get(key) ?? { charges, amounts: new Map<number, number>() }
    groups.set(key, { ...group, amounts: group.amounts.set(at, amount) })
  }
  for (const [at, { taxPerMille }] of lines.entries()) {
    const net = afterDiscount(parts[at]!)
    if (taxPerMille !== null) add(`whole ${taxPerMille}`, [ownTax(taxPerMille)], at, sum(Object.values(net)))
    else for (const of of COMPONENTS) if (net[of] > 0) add(of, taxesOn(of, taxes), at, net[of])
  }
  return groups.values()
}

const COMPONENTS = ['metal', 'making', 'stones'] as const

const ownTax = (perMille: number): Charge => ({
  component: 'whole',
  name: 'Tax',
  code: null,
  perMillion: perMille * 1_000,
})

/** A part that nobody said anything about is not free of tax: somebody has to say so. */
function taxesOn(component: Component, taxes: readonly Tax[]) {
  const found = taxes.filter((tax) => tax.component === component)
  if (found.length === 0) throw refuse('tax_not_set')
  return found
}

/** A discount is taken off the work first, then off the stones, and only then off the metal. */
function afterDiscount({ metalMinor, wastageMinor, makingMinor, stonesMinor, discountMinor }: Parts) {
  const making = Math.max(0, makingMinor - discountMinor)
  const beyondMaking_minor = Math.max(0, discountMinor - makingMinor)
  const stones = Math.max(0, stonesMinor - beyondMaking_minor)
  const beyondStones_minor = Math.max(0, beyondMaking_minor - stonesMinor)
  return { metal: metalMinor + wastageMinor - beyondStones_minor, making, stones }
}

/** Adds each line's share, and answers what is owed in all. */
const settle = (group: Group, shares: Taxed[], isIncluded: boolean): Owed[] =>
  isIncluded ? takeOut(group, shares) : putOn(group, shares)

function putOn({ charges, amounts }: Group, shares: Taxed[]): Owed[] {
  for (const [at, amount] of amounts) put(shares[at]!, amount, 0)
  const whole_minor = sum([...amounts.values()])
  return charges.flatMap((charge) => {
    const due_minor = halfUp(whole_minor, charge.perMillion, PER_MILLION)
    return [...shareOut(amounts, due_minor, charge.perMillion, PER_MILLION)].map(([line, taxMinor]) => {
      put(shares[line]!, 0, taxMinor)
      return { ...charge, line, taxableMinor: amounts.get(line)!, taxMinor }
    })
  })
}

function takeOut({ charges, amounts }: Group, shares: Taxed[]): Owed[] {
  const gross_minor = sum([...amounts.values()])
  const inAll = charges.reduce((total, { perMillion }) => total + perMillion, 0)
  const due_minor = gross_minor - halfUp(gross_minor, PER_MILLION, PER_MILLION + inAll)
  return [...shareOut(amounts, due_minor, inAll, PER_MILLION + inAll)].flatMap(([line, tax_minor]) => {
    const taxableMinor = amounts.get(line)! - tax_minor
    put(shares[line]!, taxableMinor, tax_minor)
    shares[line]!.includedMinor += tax_minor
    const taxes = splitAmong(charges, tax_minor, inAll)
    return charges.map((charge, at) => ({ ...charge, line, taxableMinor, taxMinor: taxes[at]! }))
  })
}

/** What is included is so much in all; each tax has its part of it, and the highest what is left. */
function splitAmong(charges: readonly Charge[], due_minor: number, inAll: number): number[] {
  if (inAll === 0) return charges.map(() => 0)
  const taxes = charges.map(({ perMillion }) => down(due_minor, perMillion, inAll))
  const highest = charges.reduce((best, one, at) => (one.perMillion > charges[best]!.perMillion ? at : best), 0)
  taxes[highest]! += due_minor - sum(taxes)
  return taxes
}

function put(share: Taxed, taxable_minor: number, tax_minor: number) {
  share.taxableMinor += taxable_minor
  share.taxMinor += tax_minor
  share.totalMinor += taxable_minor + tax_minor
}
