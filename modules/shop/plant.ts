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
  const draft = () => call('shop.invoice.draft', order(customer.id, marker))
  const issued = async () => {
    const { id } = await draft()
    await call('shop.invoice.issue', { id })
    return id
  }
  return {
    customer: customer.id,
    movingCustomer: movingCustomer.id,
    rate: rate.id,
    invoice: await issued(),
    draftInvoice: (await draft()).id,
    issuedInvoice: await issued(),
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
