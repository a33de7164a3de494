import type { Call } from '#kernel/edition'

/**
 * A week in a small jeweller's shop: regulars and walk-ins, a gold rate that moves, and invoices in every state. It is
 * the same each time, so that what a newcomer reads in the guide is what stands on the screen.
 */
export async function fill(call: Call) {
  for (const rate of rates) await call('shop.rate.set', { currency: 'INR', source: 'Association board', ...rate })
  await call('shop.setting.set', shop)
  for (const tax of taxes) await call('shop.tax.set', { effectiveOn: '2026-04-01', ...tax })
  const ids: string[] = []
  for (const customer of customers) ids.push((await call('shop.customer.create', customer)).id)
  for (const { of, state, reason, ...invoice } of invoices) {
    const { id } = await call('shop.invoice.draft', { customerId: ids[of], currency: 'INR', ...invoice })
    if (state !== 'draft') await call('shop.invoice.issue', { id })
    if (state === 'void') await call('shop.invoice.void', { id, reason })
  }
  await fillTrays(call)
  await trade(call, ids)
}

/** Trays of pieces, each with what was paid for it. */
async function fillTrays(call: Call) {
  for (const { costMinor, ...piece } of pieces) {
    const { id } = await call('shop.piece.add', piece)
    await call('shop.cost.set', { pieceId: id, currency: 'INR', costMinor, note: 'From the maker' })
  }
}

/** A morning at the counter: an estimate, an order with an advance, old gold in exchange, a customer's own metal. */
async function trade(call: Call, ids: readonly string[]) {
  await call('shop.till.open', { counter: 'FRONT', currency: 'INR', floatMinor: 1_000_000 })
  const asked = (of: number, ...lines: object[]) => ({ customerId: ids[of], currency: 'INR', lines })
  await call('shop.estimate.give', asked(3, gold('Kada', 31_200, { makingMinor: 1_950_000, wastagePerMille: 40 })))
  const order = await call('shop.order.take', {
    ...asked(0, gold('Temple necklace', 62_500, { makingMinor: 6_400_000, wastagePerMille: 80 })),
    promisedOn: '2026-12-18',
  })
  const paid = (of: number, ...parts: object[]) => ({ customerId: ids[of], currency: 'INR', counter: 'FRONT', parts })
  const advance = [
    { way: 'bank', amountMinor: 20_000_000, reference: 'NEFT 204417' },
    { way: 'cash', amountMinor: 5_000_000 },
  ]
  await call('shop.payment.take', { ...paid(0, ...advance), orderId: order.id })
  const bangle = { customerId: ids[1], metal: 'gold', grossMg: 8_400, deductionMg: 150, purity: 875 }
  type Valued = { id: string; valueMinor: number }
  const oldGold = await call<Valued>('shop.oldgold.take', { ...bangle, currency: 'INR', rateMinor: 1_090_000 })
  await call('shop.payment.take', paid(1, { way: 'old_gold', amountMinor: oldGold.valueMinor, oldGoldId: oldGold.id }))
  await call('shop.oldgold.keep', { customerId: ids[4], metal: 'gold', grossMg: 25_000, purity: 995 })
}

const shop = {
  effectiveOn: '2026-04-01',
  name: 'Lotus Lane Jewellers',
  address: '5 Lotus Lane, Kochi 682001',
  taxNumber: '32AAAAA0000A1Z5',
  currency: 'INR',
  yearStartsIn: 4,
  roundOffMinor: 100,
  pricesIncludeTax: false,
  discountLimitPerMille: 50,
  estimateDays: 7,
}

const taxes = ['metal', 'making', 'stones'].flatMap((component) => {
  const [code, whole] = component === 'making' ? ['9988', 50_000] : ['7113', 30_000]
  const within = ['CGST', 'SGST'].map((name) => ({ component, code, name, place: 'within', perMillion: whole / 2 }))
  return [...within, { component, code, name: 'IGST', place: 'across', perMillion: whole }]
})

const pieces = [
  { tag: 'BN-0101', description: 'Bangle, plain', grossMg: 12_480, makingPerGramMinor: 65_000, costMinor: 13_600_000 },
  { tag: 'CH-0102', description: 'Rope chain', grossMg: 14_990, makingPerGramMinor: 54_000, costMinor: 16_100_000 },
  { tag: 'RG-0103', description: 'Band, engraved', grossMg: 4_015, makingMinor: 240_000, costMinor: 4_500_000 },
  { tag: 'ER-0104', description: 'Jhumka, pair', grossMg: 9_870, count: 2, makingPerMille: 110, costMinor: 10_900_000 },
].map((piece) => ({ metal: 'gold', purity: 916, location: 'Window', ...piece }))

const rates = [
  { metal: 'gold', purity: 750, rateMinor: 958_000, effectiveAt: '2026-11-12T04:30:00Z' },
  { metal: 'silver', purity: 925, rateMinor: 15_150, effectiveAt: '2026-11-12T04:30:00Z' },
  { metal: 'gold', purity: 916, rateMinor: 1_171_500, effectiveAt: '2026-11-12T04:30:00Z' },
  { metal: 'gold', purity: 916, rateMinor: 1_176_200, effectiveAt: '2026-11-13T04:30:00Z' },
  { metal: 'gold', purity: 916, rateMinor: 1_169_900, effectiveAt: '2026-11-14T04:30:00Z' },
  { metal: 'gold', purity: 916, rateMinor: 1_184_500, effectiveAt: '2026-11-16T04:30:00Z' },
]

const customers = [
  { name: 'Lakshmi Nair', phone: '+919800000101', address: '14 Temple Road, Kochi', note: 'Orders for Onam' },
  { name: 'Arjun Menon', phone: '+919800000102', email: 'arjun.menon@example.com' },
  { name: 'Fatima Al Zahra', phone: '+971500000103', email: 'fatima@example.com', address: 'Al Fahidi Street, Dubai' },
  { name: 'Rohan Desai', phone: '+919800000104', address: '3 Harbour Lane, Kochi' },
  { name: 'مريم الحداد', phone: '+971500000105', address: 'شارع السوق، الشارقة' },
  { name: 'Kavita Rao', phone: '+919800000106', note: 'Allergic to nickel; gold of 750 and above only' },
  { name: 'Yusuf Karim', phone: '+919800000107' },
  {
    name: 'Sunrise Gifts LLP',
    email: 'accounts@sunrise.example.com',
    taxNumber: '32AAAAA0000A1Z5',
    note: 'Monthly coins',
  },
  { name: 'Meera Pillai', phone: '+919800000109', email: 'meera.pillai@example.com' },
  { name: 'خالد المنصوري', phone: '+971500000110', note: 'يفضّل التواصل مساءً' },
  { name: 'Thomas Varghese', phone: '+919800000111', address: '27 Church Hill, Thrissur' },
  { name: 'Walk-in customer', note: 'Counter sales without a card' },
]

type State = 'draft' | 'issued' | 'void'
type Line = Record<string, string | number>
type Sale = { of: number; state: State; reason?: string; note?: string; lines: Line[] }

const gold = (description: string, weightMg: number, terms: Line = {}): Line => ({
  description,
  metal: 'gold',
  purity: 916,
  weightMg,
  taxPerMille: 30,
  ...terms,
})
const fine = (description: string, weightMg: number, terms: Line = {}) =>
  gold(description, weightMg, { purity: 750, ...terms })
const silver = (description: string, weightMg: number, terms: Line = {}) =>
  gold(description, weightMg, { metal: 'silver', purity: 925, ...terms })

const sold = (of: number, ...lines: Line[]): Sale => ({ of, state: 'issued', lines })
const open = (of: number, note: string, ...lines: Line[]): Sale => ({ of, state: 'draft', note, lines })
const voided = (of: number, reason: string, ...lines: Line[]): Sale => ({ of, state: 'void', reason, lines })

/** Repairs have no metal of their own: the work is the price. */
const repair = (description: string, makingMinor: number) => gold(description, 0, { makingMinor, taxPerMille: 50 })

const invoices: Sale[] = [
  sold(
    0,
    gold('Kasu chain', 24_310, { makingMinor: 1_820_000, wastagePerMille: 45 }),
    gold('Jhumka, pair', 9_870, { makingMinor: 985_000, wastagePerMille: 60 }),
  ),
  sold(11, silver('Anklet, pair', 41_300, { makingMinor: 60_000 })),
  sold(1, gold('Plain band', 4_015, { makingMinor: 240_000, rateMinor: 1_169_900 })),
  sold(2, gold('Bangle', 18_640, { makingMinor: 1_210_000, wastagePerMille: 50 })),
  voided(3, 'Billed to the wrong customer', gold('Curb chain', 12_205, { makingMinor: 610_000 })),
  sold(6, gold('Curb chain', 12_205, { makingMinor: 610_000 })),
  sold(4, fine('Ring with ruby', 5_120, { makingMinor: 640_000, stonesMinor: 1_850_000 })),
  sold(11, repair('Clasp replaced', 45_000)),
  sold(7, silver('Coin, 10 g', 10_000, { makingMinor: 5_000 }), silver('Coin, 20 g', 20_000, { makingMinor: 7_500 })),
  sold(5, fine('Studs with diamonds', 3_480, { makingMinor: 520_000, stonesMinor: 4_200_000, discountMinor: 250_000 })),
  sold(8, gold('Mangalsutra', 16_030, { makingMinor: 1_340_000, wastagePerMille: 55 })),
  sold(9, gold('Bangle', 22_415, { makingMinor: 1_480_000, wastagePerMille: 50 })),
  voided(8, 'The customer chose another chain', gold('Rope chain', 14_990, { makingMinor: 820_000 })),
  sold(8, gold('Box chain', 11_260, { makingMinor: 655_000 })),
  sold(10, silver('Rosary', 28_400, { makingMinor: 180_000 }), repair('Engraving', 30_000)),
  sold(11, gold('Nose pin', 410, { makingMinor: 38_000, stonesMinor: 95_000 })),
  sold(0, gold('Toe ring, pair', 2_260, { makingMinor: 110_000 })),
  open(
    2,
    'Holds the rate until Saturday',
    gold('Necklace set', 48_750, { makingMinor: 4_150_000, wastagePerMille: 70 }),
  ),
  open(5, 'Waiting for the stone to be set', fine('Pendant with emerald', 4_330, { makingMinor: 410_000 })),
  open(10, 'Collects on Monday', gold('Baby bangle, pair', 8_120, { makingMinor: 560_000, discountMinor: 40_000 })),
]
