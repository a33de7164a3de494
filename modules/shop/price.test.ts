import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { priceInvoice } from './price.ts'
import type { Terms } from './price.ts'
import { MOST_LINES, PartMinor, RateMinor, WeightMg } from './metal.ts'

/** As many random invoices as the security page speaks of; most are short, as in a shop. */
const INVOICES = 100_000

const upTo = (max: number) => fc.integer({ min: 0, max })
const small = fc.record({
  weightMg: upTo(50_000),
  rateMinor: upTo(2_000_000),
  wastagePerMille: upTo(150),
  makingMinor: upTo(500_000),
  stonesMinor: upTo(500_000),
  discountMinor: fc.constant(0),
  taxPerMille: fc.constantFrom(0, 15, 30, 50, 150),
})
const largest = { weightMg: WeightMg.maxValue!, rateMinor: RateMinor.maxValue!, partMinor: PartMinor.maxValue! }
const huge = {
  weightMg: upTo(largest.weightMg),
  rateMinor: upTo(largest.rateMinor),
  wastagePerMille: upTo(1_000),
  makingMinor: upTo(largest.partMinor),
  stonesMinor: upTo(largest.partMinor),
  discountMinor: fc.constant(0),
  taxPerMille: upTo(1_000),
}

const plain: Terms = {
  weightMg: 0,
  rateMinor: 0,
  wastagePerMille: 0,
  makingMinor: 0,
  stonesMinor: 0,
  discountMinor: 0,
  taxPerMille: 0,
}

test('the lines of any invoice add up to its total', () => {
  const lines = fc.array(fc.oneof({ weight: 9, arbitrary: small }, { weight: 1, arbitrary: fc.record(huge) }), {
    minLength: 1,
    maxLength: 6,
  })
  fc.assert(fc.property(lines, addsUp), { numRuns: INVOICES })
})

test('the tax is that of the whole invoice, and at most one line of each rate differs from its own share', () => {
  const lines = fc.array(fc.oneof(small, fc.record({ ...huge, taxPerMille: fc.constantFrom(997, 999) })), {
    minLength: 1,
    maxLength: 12,
  })
  fc.assert(fc.property(lines, taxesAreFair), { numRuns: 5_000 })
})

test('a discount is taken off before tax, and one above the price is refused', () => {
  const priced = priceInvoice([{ ...plain, makingMinor: 1_000, discountMinor: 400, taxPerMille: 50 }])
  assert.deepEqual([priced.taxableMinor, priced.taxMinor, priced.totalMinor], [600, 30, 630])
  assert.equal(priceInvoice([{ ...plain, makingMinor: 400, discountMinor: 400, taxPerMille: 50 }]).totalMinor, 0)
  assert.throws(() => priceInvoice([{ ...plain, makingMinor: 400, discountMinor: 401 }]), {
    status: 409,
    code: 'discount_above_price',
  })
})

test('weights and shares are rounded half up, once', () => {
  const half = priceInvoice([{ ...plain, weightMg: 500, rateMinor: 1 }])
  assert.equal(half.taxableMinor, 1)
  assert.equal(priceInvoice([{ ...plain, weightMg: 499, rateMinor: 1 }]).taxableMinor, 0)
  const ring = priceInvoice([{ ...plain, weightMg: 3_217, rateMinor: 1_179_850, wastagePerMille: 25 }])
  assert.deepEqual([ring.lines[0]!.metalMinor, ring.lines[0]!.wastageMinor], [3_795_577, 94_889])
})

test('what is left of a tax goes to the dearest line', () => {
  const line = (makingMinor: number) => ({ ...plain, makingMinor, taxPerMille: 30 })
  const { lines, taxMinor } = priceInvoice([line(30), line(31), line(30)])
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
    makingMinor: largest.partMinor,
    stonesMinor: largest.partMinor,
    taxPerMille: 1_000,
  }
  addsUp(Array.from({ length: MOST_LINES }, () => top))
})

function addsUp(lines: readonly Terms[]) {
  const priced = priceInvoice(lines)
  const sum = (part: 'taxableMinor' | 'taxMinor' | 'totalMinor') =>
    priced.lines.reduce((total, line) => total + BigInt(line[part]), 0n)
  assert.equal(sum('taxableMinor'), BigInt(priced.taxableMinor))
  assert.equal(sum('taxMinor'), BigInt(priced.taxMinor))
  assert.equal(sum('totalMinor'), BigInt(priced.totalMinor))
  assert.equal(priced.taxableMinor + priced.taxMinor, priced.totalMinor)
  for (const line of priced.lines) {
    assert.equal(line.taxableMinor, line.metalMinor + line.wastageMinor + line.makingMinor + line.stonesMinor)
    assert.equal(line.totalMinor, line.taxableMinor + line.taxMinor)
    assert.ok(Object.values(line).every((amount) => Number.isSafeInteger(amount) && amount >= 0))
  }
}

function taxesAreFair(lines: readonly Terms[]) {
  const priced = priceInvoice(lines).lines
  for (const rate of new Set(lines.map((line) => line.taxPerMille))) {
    const same = priced.filter((line) => line.taxPerMille === rate)
    const exact = same.reduce((total, line) => total + BigInt(line.taxableMinor), 0n) * BigInt(rate)
    const due = same.reduce((total, line) => total + BigInt(line.taxMinor), 0n)
    assert.equal(due, (exact + 500n) / 1_000n)
    const off = same.filter((line) => BigInt(line.taxMinor) !== (BigInt(line.taxableMinor) * BigInt(rate)) / 1_000n)
    assert.ok(off.length <= 1, 'more than one line carries a remainder')
  }
}
