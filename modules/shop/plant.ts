import type { Call } from '#kernel'

/** One of each thing that the examples name; what an example changes for good has a row of its own. */
export async function plant(call: Call, marker: string) {
  const customer = await call('shop.customer.create', {
    name: `${marker} Farida Rahman`,
    address: `${marker} Bazaar Street`,
    note: `${marker} likes plain bands`,
  })
  const movingCustomer = await call('shop.customer.create', { name: `${marker} Salim Haddad` })
  const rate = await call('shop.rate.set', {
    metal: 'gold',
    purity: 916,
    currency: 'INR',
    rateMinor: 1_179_850,
    effectiveAt: '2026-01-05T04:30:00Z',
    source: `${marker} board`,
  })
  await plantSettings(call, marker)
  const [tray, papers] = [await plantPieces(call, marker), await plantPapers(call, customer.id, marker)]
  const money = await plantMoney(call, customer.id, marker)
  return { ...tray, ...papers, ...money, customer: customer.id, movingCustomer: movingCustomer.id, rate: rate.id }
}

/** Of every paper one to look at, and one for each thing that happens to a paper once. */
async function plantPapers(call: Call, customerId: string, marker: string) {
  const asked = order(customerId, marker)
  const made = async (name: string, input: object = asked) => (await call(name, input)).id
  const draft = () => made('shop.invoice.draft')
  await call('shop.discount.allow', { id: await draft(), reason: `${marker} regular` })
  const issued = async () => await made('shop.invoice.issue', { id: await draft() })
  const credit = { invoiceId: await issued(), positions: [2], reason: `${marker} too long` }
  await call('shop.invoice.deliver', { id: await issued(), receivedBy: `${marker} Farida` })
  return {
    invoice: await issued(),
    draftInvoice: await draft(),
    discardedDraft: await draft(),
    generousDraft: await draft(),
    issuedInvoice: await issued(),
    deliveredInvoice: await issued(),
    creditedInvoice: await issued(),
    credit: await made('shop.credit.give', credit),
    estimate: await made('shop.estimate.give'),
    withdrawnEstimate: await made('shop.estimate.give'),
    followedEstimate: await made('shop.estimate.give'),
    order: await made('shop.order.take'),
    cancelledOrder: await made('shop.order.take'),
    followedOrder: await made('shop.order.take'),
  }
}

/** Payments of every fate, old gold that is not yet paid for, and some metal of the customer's own. */
async function plantMoney(call: Call, customerId: string, marker: string) {
  const pay = async (amountMinor: number) => {
    const parts = [{ way: 'cash', amountMinor, reference: `${marker} drawer` }]
    return (await call('shop.payment.take', { customerId, currency: 'INR', note: `${marker} paid`, parts })).id
  }
  const gold = { customerId, metal: 'gold', grossMg: 6_000, deductionMg: 600, purity: 880, note: `${marker} bangle` }
  const oldGold = await call('shop.oldgold.take', { ...gold, currency: 'INR', rateMinor: 1_100_000 })
  await call('shop.oldgold.keep', { ...gold, grossMg: 60_000 })
  const { id } = await call('shop.invoice.draft', order(customerId, marker))
  const owedInvoice = (await call('shop.invoice.issue', { id })).id
  const payment = await pay(40_000)
  await call('shop.payment.allocate', { id: payment, invoiceId: owedInvoice, amountMinor: 30_000 })
  const [advance, refundedPayment, voidedPayment] = [await pay(70_000), await pay(50_000), await pay(10_000)]
  const counter = marker.slice(-8).toUpperCase()
  const tillDay = (await call('shop.till.open', { counter, currency: 'INR', floatMinor: 100_000 })).id
  await call('shop.till.open', { counter: `${counter}-2`, currency: 'INR', floatMinor: 0 })
  return {
    counter: `${counter}-2`,
    tillDay,
    oldGold: oldGold.id,
    owedInvoice,
    payment,
    advance,
    refundedPayment,
    voidedPayment,
  }
}

async function plantSettings(call: Call, marker: string) {
  const shop = { name: `${marker} Jewellers`, address: `${marker} Lane`, taxNumber: null, currency: 'INR' }
  const rounding = { roundOffMinor: 100, pricesIncludeTax: false, discountLimitPerMille: null }
  await call('shop.setting.set', { ...shop, ...rounding, effectiveOn: '2026-01-01', yearStartsIn: 4, estimateDays: 7 })
  const day = { effectiveOn: '2026-01-01', code: '7113' }
  for (const place of ['within', 'across'])
    for (const component of ['metal', 'making', 'stones'])
      await call('shop.tax.set', { ...day, place, component, name: `${marker} tax`, perMillion: 30_000 })
}

/** Tags of a planting of its own: another may have been there before. */
async function plantPieces(call: Call, marker: string) {
  const lot = marker.slice(-8).toUpperCase()
  const put = async (name: string) => {
    const gold = { metal: 'gold', purity: 916, grossMg: 8_250, stoneMg: 40, makingPerGramMinor: 65_000 }
    const stones = [{ description: `${marker} ruby`, caratPoints: 20, priceMinor: 310_000 }]
    const piece = { tag: `${lot}-${name}`, description: `${marker} ${name}`, location: `Tray ${lot}`, ...gold, stones }
    return (await call('shop.piece.add', piece)).id
  }
  const outPiece = await put('OUT')
  await call('shop.piece.withdraw', { id: outPiece, reason: `${marker} lent to the window` })
  const piece = await put('KEPT')
  await call('shop.cost.set', { pieceId: piece, currency: 'INR', costMinor: 7_100_000, note: `${marker} maker` })
  const place = `Tray ${lot}`
  const count = async (location: string) => (await call('shop.stocktake.begin', { location, note: marker })).id
  const [stockTake, approvedTake] = [await count(place), await count(`${place} of old`)]
  await call('shop.stocktake.scan', { id: stockTake, tags: [`${lot}-KEPT`, `${lot}-OUT`] })
  return {
    stockTake,
    approvedTake,
    piece,
    outPiece,
    movingPiece: await put('MOVES'),
    withdrawnPiece: await put('GOES'),
    draftPiece: await put('DRAFT'),
    orderedPiece: await put('ORDER'),
  }
}

/** Three lines at one tax whose shares do not come out even, so that the remainder has to go somewhere. */
const order = (customerId: string, marker: string) => ({
  customerId,
  currency: 'INR',
  note: `${marker} wedding order`,
  lines: [
    line(`${marker} ring`, { weightMg: 3_217, makingMinor: 120_017 }),
    line(`${marker} chain`, { weightMg: 8_043, makingMinor: 244_401, wastagePerMille: 25 }),
    line(`${marker} pair of studs`, { weightMg: 1_171, stonesMinor: 90_005, discountMinor: 5_000 }),
  ],
})

const line = (description: string, terms: Record<string, number>) => ({
  description,
  metal: 'gold',
  purity: 916,
  taxPerMille: 30,
  ...terms,
})
