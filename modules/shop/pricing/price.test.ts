import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { priceLines } from './price.ts'
import type { Terms, Ways } from './price.ts'
import type { Tax } from './taxing.ts'
import { MOST_LINES, PartMinor, RateMinor, WeightMg } from '../metal.ts'

/** As many random invoices as the security page speaks of; most are short, as in a shop. */
const INVOICES = 100_000

const upTo = (max: number) => fc.integer({ min: 0, max })
const small = fc.record({
  weightMg: upTo(50_000),
  rateMinor: upTo(2_000_000),
  wastagePerMille: upTo(150),
  makingFixedMinor: upTo(500_000),
  makingPerGramMinor: upTo(100_000),
  makingPerMille: upTo(300),
  stonesMinor: upTo(500_000),
  discountMinor: fc.constant(0),
  taxPerMille: fc.constantFrom(null, 0, 15, 30, 50, 150),
})
const own = small.map((line) => ({ ...line, taxPerMille: line.taxPerMille ?? 25 }))
const largest = { weightMg: WeightMg.maxValue!, rateMinor: RateMinor.maxValue!, partMinor: PartMinor.maxValue! }
const huge = {
  weightMg: upTo(largest.weightMg),
  rateMinor: upTo(largest.rateMinor),
  wastagePerMille: upTo(1_000),
  makingFixedMinor: upTo(largest.partMinor),
  makingPerGramMinor: fc.constant(0),
  makingPerMille: fc.constant(0),
  stonesMinor: upTo(largest.partMinor),
  discountMinor: fc.constant(0),
  taxPerMille: upTo(1_000),
}

const plain: Terms = {
  weightMg: 0,
  rateMinor: 0,
  wastagePerMille: 0,
  makingFixedMinor: 0,
  makingPerGramMinor: 0,
  makingPerMille: 0,
  stonesMinor: 0,
  discountMinor: 0,
  taxPerMille: 0,
}

const taxes = fc
  .array(fc.record({ perMillion: fc.constantFrom(0, 1_250, 15_000, 25_000, 50_000, 333_333), of: fc.nat(2) }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((all): Tax[] => [
    ...PARTS.map((component) => ({ component, name: 'least', code: null, perMillion: 30_000 })),
    ...all.map(({ perMillion, of }, at) => ({ component: PARTS[of]!, name: `tax ${at}`, code: '71', perMillion })),
  ])
const PARTS = ['metal', 'making', 'stones'] as const
/** Rounded to nothing, to coins of three decimals and of two, and to whole units of a currency that has none. */
const ways: fc.Arbitrary<Ways> = fc.record({
  taxes,
  pricesIncludeTax: fc.boolean(),
  roundOffMinor: fc.constantFrom(1, 5, 50, 100, 1_000),
})

test('the lines of any invoice, the taxes it owes and its rounding add up to its total', () => {
  const line = fc.oneof({ weight: 9, arbitrary: small }, { weight: 1, arbitrary: fc.record(huge) })
  const lines = fc.array(line, { minLength: 1, maxLength: 6 })
  const discounts = fc.array(fc.nat(1_000), { minLength: 6, maxLength: 6 })
  fc.assert(fc.property(lines, discounts, ways, addsUp), { numRuns: INVOICES })
})

test('a price that includes its tax is what the customer pays, and holds the tax on what is left', () => {
  const both = { component: 'metal', code: null } as const
  const taxes = [
    { ...both, name: 'CGST', perMillion: 15_000 },
    { ...both, name: 'SGST', perMillion: 15_000 },
  ]
  const included = { taxes, pricesIncludeTax: true, roundOffMinor: 1 }
  const line = { ...plain, weightMg: 1_000, rateMinor: 10_300, taxPerMille: null }
  const { lines, taxes: owed, ...amounts } = priceLines([line], included)
  assert.deepEqual(amounts, { taxableMinor: 10_000, taxMinor: 300, roundOffMinor: 0, totalMinor: 10_300 })
  assert.deepEqual([lines[0]!.includedMinor, owed.map(({ taxMinor }) => taxMinor)], [300, [150, 150]])
  const tiny = priceLines(
    Array.from({ length: 9 }, () => ({ ...line, weightMg: 1_000, rateMinor: 1 })),
    {
      ...included,
      taxes: taxes.map((tax) => ({ ...tax, perMillion: 500_000 })),
    },
  )
  assert.ok(tiny.lines.every(({ taxableMinor, taxMinor }) => taxableMinor >= 0 && taxMinor >= 0))
})

test('metal, making and stones are taxed each at its own rate, and a part without a tax is refused', () => {
  const tax = (component: Tax['component'], perMillion: number): Tax => ({
    component,
    name: 'T',
    code: null,
    perMillion,
  })
  const line = { ...plain, weightMg: 1_000, rateMinor: 1_000_000, makingFixedMinor: 100_000, taxPerMille: null }
  const ways = { pricesIncludeTax: false, roundOffMinor: 100 }
  const priced = priceLines([line], { ...ways, taxes: [tax('metal', 30_000), tax('making', 50_000)] })
  assert.deepEqual(
    priced.taxes.map(({ component, taxableMinor, taxMinor }) => [component, taxableMinor, taxMinor]),
    [
      ['metal', 1_000_000, 30_000],
      ['making', 100_000, 5_000],
    ],
  )
  assert.equal(priced.totalMinor, 1_135_000)
  assert.throws(() => priceLines([line], { ...ways, taxes: [tax('metal', 30_000)] }), { code: 'tax_not_set' })
  const free = priceLines([line], { ...ways, taxes: [tax('metal', 0), tax('making', 0)] })
  assert.equal(free.totalMinor, 1_100_000, 'free of tax is something that somebody said')
})

test('making is asked for the piece, for each gram and as a share of the metal', () => {
  const asked = { makingFixedMinor: 500, makingPerGramMinor: 1_000, makingPerMille: 100 }
  const { lines } = plainly([{ ...plain, ...asked, weightMg: 2_500, rateMinor: 40_000 }])
  assert.deepEqual([lines[0]!.metalMinor, lines[0]!.makingMinor], [100_000, 500 + 2_500 + 10_000])
})

test('a discount comes off the making first, then the stones, then the metal', () => {
  const taxes = PARTS.map((component): Tax => ({ component, name: 'T', code: null, perMillion: 100_000 }))
  const line = {
    ...plain,
    weightMg: 1_000,
    rateMinor: 1_000,
    makingFixedMinor: 200,
    stonesMinor: 300,
    taxPerMille: null,
  }
  const bases = (discountMinor: number) =>
    priceLines([{ ...line, discountMinor }], { taxes, pricesIncludeTax: false, roundOffMinor: 1 }).taxes.map(
      ({ component, taxableMinor }) => [component, taxableMinor],
    )
  assert.deepEqual(bases(50), [
    ['metal', 1_000],
    ['making', 150],
    ['stones', 300],
  ])
  assert.deepEqual(bases(250), [
    ['metal', 1_000],
    ['stones', 250],
  ])
  assert.deepEqual(bases(600), [['metal', 900]])
})

test('a total is rounded to whole coins, half up, and the difference is told', () => {
  const total = (makingFixedMinor: number, roundOffMinor: number) => {
    const ways = { taxes: [], pricesIncludeTax: false, roundOffMinor }
    const priced = priceLines([{ ...plain, makingFixedMinor }], ways)
    return [priced.totalMinor, priced.roundOffMinor]
  }
  assert.deepEqual(total(12_349, 100), [12_300, -49])
  assert.deepEqual(total(12_350, 100), [12_400, 50])
  assert.deepEqual(total(12_352, 5), [12_350, -2])
  assert.deepEqual(total(12_352, 1), [12_352, 0])
})

test('amounts beyond what JSON carries exactly are refused', () => {
  const top = { ...plain, weightMg: largest.weightMg, rateMinor: largest.rateMinor, taxPerMille: 1_000 }
  const lines = Array.from({ length: MOST_LINES }, () => ({ ...top, wastagePerMille: 1_000, makingPerMille: 1_000 }))
  assert.throws(() => plainly(lines), { code: 'amount_too_large' })
})

test('the tax is that of the whole invoice, and at most one line of each rate differs from its own share', () => {
  const lines = fc.array(fc.oneof(own, fc.record({ ...huge, taxPerMille: fc.constantFrom(997, 999) })), {
    minLength: 1,
    maxLength: 12,
  })
  fc.assert(fc.property(lines, taxesAreFair), { numRuns: 5_000 })
})

test('a discount is taken off before tax, and one above the price is refused', () => {
  const priced = plainly([{ ...plain, makingFixedMinor: 1_000, discountMinor: 400, taxPerMille: 50 }])
  assert.deepEqual([priced.taxableMinor, priced.taxMinor, priced.totalMinor], [600, 30, 630])
  assert.equal(plainly([{ ...plain, makingFixedMinor: 400, discountMinor: 400, taxPerMille: 50 }]).totalMinor, 0)
  assert.throws(() => plainly([{ ...plain, makingFixedMinor: 400, discountMinor: 401 }]), {
    status: 409,
    code: 'discount_above_price',
  })
})

test('weights and shares are rounded half up, once', () => {
  const half = plainly([{ ...plain, weightMg: 500, rateMinor: 1 }])
  assert.equal(half.taxableMinor, 1)
  assert.equal(plainly([{ ...plain, weightMg: 499, rateMinor: 1 }]).taxableMinor, 0)
  const ring = plainly([{ ...plain, weightMg: 3_217, rateMinor: 1_179_850, wastagePerMille: 25 }])
  assert.deepEqual([ring.lines[0]!.metalMinor, ring.lines[0]!.wastageMinor], [3_795_577, 94_889])
})

test('what is left of a tax goes to the dearest line', () => {
  const line = (makingFixedMinor: number) => ({ ...plain, makingFixedMinor, taxPerMille: 30 })
  const { lines, taxMinor } = plainly([line(30), line(31), line(30)])
  assert.equal(taxMinor, 3)
  assert.deepEqual(
    lines.map((one) => one.taxMinor),
    [0, 3, 0],
  )
})

test('the largest invoice that is let in stays exact', () => {
  const top = {
    ...plain,
    weightMg: largest.weightMg,
    rateMinor: largest.rateMinor,
    wastagePerMille: 1_000,
    makingFixedMinor: largest.partMinor,
    stonesMinor: largest.partMinor,
    taxPerMille: 1_000,
  }
  const lines = Array.from({ length: MOST_LINES }, () => top)
  const none = lines.map(() => 0)
  for (const pricesIncludeTax of [false, true]) addsUp(lines, none, { taxes: [], pricesIncludeTax, roundOffMinor: 1 })
})

/** Of lines with a tax of their own, unrounded. */
function plainly<Line extends Terms>(lines: readonly Line[]) {
  return priceLines(lines, { taxes: [], pricesIncludeTax: false, roundOffMinor: 1 })
}

function addsUp(asked: readonly Terms[], discounts: readonly number[], ways: Ways) {
  const lines = asked.map((line, at) => ({ ...line, discountMinor: Math.min(discounts[at]!, line.stonesMinor) }))
  const priced = priceLines(lines, ways)
  const sum = (part: 'taxableMinor' | 'taxMinor' | 'totalMinor') =>
    priced.lines.reduce((total, line) => total + BigInt(line[part]), 0n)
  assert.equal(sum('taxableMinor'), BigInt(priced.taxableMinor))
  assert.equal(sum('taxMinor'), BigInt(priced.taxMinor))
  assert.equal(sum('totalMinor') + BigInt(priced.roundOffMinor), BigInt(priced.totalMinor))
  assert.equal(
    priced.taxes.reduce((total, { taxMinor }) => total + BigInt(taxMinor), 0n),
    BigInt(priced.taxMinor),
  )
  assert.equal(priced.totalMinor % ways.roundOffMinor, 0)
  assert.ok(Math.abs(priced.roundOffMinor) * 2 <= ways.roundOffMinor)
  for (const line of priced.lines) {
    const { metalMinor, wastageMinor, makingMinor, stonesMinor, discountMinor, includedMinor } = line
    const gross = metalMinor + wastageMinor + makingMinor + stonesMinor - discountMinor
    assert.equal(line.taxableMinor, gross - includedMinor)
    assert.equal(line.totalMinor, line.taxableMinor + line.taxMinor)
    assert.equal(includedMinor, ways.pricesIncludeTax ? line.taxMinor : 0)
    if (ways.pricesIncludeTax) assert.equal(line.totalMinor, gross)
    const amounts = Object.values(line).filter((amount) => amount !== null)
    assert.ok(amounts.every((amount) => Number.isSafeInteger(amount) && amount >= 0))
  }
}

function taxesAreFair(lines: readonly Terms[]) {
  const all = plainly(lines).lines
  for (const rate of new Set(lines.map((line) => line.taxPerMille))) {
    const same = all.filter((line) => line.taxPerMille === rate)
    const exact = same.reduce((total, line) => total + BigInt(line.taxableMinor), 0n) * BigInt(rate ?? 0)
    const due = same.reduce((total, line) => total + BigInt(line.taxMinor), 0n)
    assert.equal(due, (exact + 500n) / 1_000n)
    const off = same.filter(
      (line) => BigInt(line.taxMinor) !== (BigInt(line.taxableMinor) * BigInt(rate ?? 0)) / 1_000n,
    )
    assert.ok(off.length <= 1, 'more than one line carries a remainder')
  }
}
