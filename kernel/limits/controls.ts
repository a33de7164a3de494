import { setTimeout as sleep } from 'node:timers/promises'
import { type Canary, control, type Told } from '../contract/control.ts'

/** Spends a budget to its end, under ever new claims of being somebody else. */
export const rate = control({
  claim:
    'Every key has a budget of requests: beyond it the answer is 429 and a time to come back, whatever is claimed.',
  enforcedBy: ['kernel/limits/limits.ts', 'kernel/limits/headers.ts', 'kernel/transport/client.ts'],
  every: '1 hour',
  async probe({ canaries }) {
    const canary = canaries[0]?.north
    if (!canary) return { holds: false, saw: 'there was no budget to try' }
    const first = await firstAnswer(canary)
    if (!isServed(first))
      return { holds: false, saw: 'an honest request was not served', detail: { status: first.status } }
    const quota = quotaOf(first)
    if (quota === undefined) return { holds: false, saw: 'no budget is announced', detail: headersOf(first) }
    if (quota > MOST_TRIED) return { holds: false, saw: 'the budget is too large to be tried', detail: { quota } }
    const spent = await spendAll(canary, quota)
    const detail = { quota, ...spent, refusal: spent.refusal && headersOf(spent.refusal) }
    if (!spent.refusal) return { holds: false, saw: 'requests went on beyond the budget', detail }
    if (!saysWhen(spent.refusal)) return { holds: false, saw: 'a refusal does not say when to come back', detail }
    return spent.slipped > spent.refilled + 1
      ? { holds: false, saw: 'a request that claimed another origin got a new budget', detail }
      : { holds: true, saw: 'the budget ended where announced, and no claim of another origin opened it', detail }
  },
  sabotage: async ({ misconfigure }) => misconfigure('no rate limits'),
})

export { attempts } from './controls/attempts.ts'
export { decoys } from './controls/decoys.ts'

/** Of the class with the smallest budget; without an id it changes nothing, and costs one all the same. */
const OPERATION = 'identity.key.rotate'

/** A probe is not a flood: a deployment that allows more per minute than this is told that it was not tried. */
const MOST_TRIED = 500

const AT_ONCE = 10

/** Enough to find out whether some header buys a new budget once the first is gone. */
const CLAIMS_AFTER = 10

/** Every request claims to come from elsewhere, in every way that some proxy writes it. */
function askAs(canary: Canary, claim: number): Promise<Told> {
  const address = `198.51.${(claim >> 8) & 255}.${claim & 255}`
  return canary.call(OPERATION, {}, 'limits', {
    'x-forwarded-for': address,
    'x-real-ip': address,
    forwarded: `for=${address}`,
  })
}

/** The probe before this one may have emptied the budget: then its refusal says how long to wait. */
async function firstAnswer(canary: Canary): Promise<Told> {
  const first = await askAs(canary, 0)
  if (first.status !== 429 || !saysWhen(first)) return first
  await sleep(Number(first.headers.get('retry-after')) * 1_000)
  return askAs(canary, 0)
}

type Spending = { served: number; slipped: number; refilled: number; refusal: Told | undefined }

/** What fills up while we ask is not held against the limit: it is counted from the clock. */
async function spendAll(canary: Canary, quota: number): Promise<Spending> {
  const started = performance.now()
  let [served, claim] = [0, 1]
  let refusal: Told | undefined
  while (!refusal && served <= quota + AT_ONCE + refill(quota, started)) {
    const answers = await askMany(canary, claim, AT_ONCE)
    served += answers.filter(isServed).length
    claim += AT_ONCE
    refusal = answers.find(({ status }) => status === 429)
    if (!refusal && !answers.some(isServed)) break
  }
  const emptied = performance.now()
  const after = await askMany(canary, claim, CLAIMS_AFTER)
  return { served, slipped: after.filter(isServed).length, refilled: refill(quota, emptied), refusal }
}

const askMany = (canary: Canary, claim: number, count: number) =>
  Promise.all(Array.from({ length: count }, (_, index) => askAs(canary, claim + index)))

const refill = (quota: number, since_ms: number) => Math.ceil(((performance.now() - since_ms) * quota) / 60_000)

/** The key was known and had something left, whatever the operation then thought of the empty input. */
const isServed = ({ status }: Told) => status < 500 && status !== 401 && status !== 429

const quotaOf = ({ headers }: Told) => {
  const quota = /^"sensitive";q=(\d+);w=60$/.exec(headers.get('ratelimit-policy') ?? '')?.[1]
  return quota === undefined ? undefined : Number(quota)
}

/** 429 with nothing left, and a time to come back that is no earlier than the budget's own. */
function saysWhen({ status, headers }: Told): boolean {
  const [, reset] = /^"sensitive";r=0;t=(\d+)$/.exec(headers.get('ratelimit') ?? '') ?? []
  const retry = /^\d+$/.exec(headers.get('retry-after') ?? '')?.[0]
  if (status !== 429 || reset === undefined || retry === undefined) return false
  return Number(retry) >= Math.max(1, Number(reset)) && Number(retry) <= 60
}

const headersOf = ({ status, headers }: Told) => ({
  status,
  policy: headers.get('ratelimit-policy'),
  left: headers.get('ratelimit'),
  retry: headers.get('retry-after'),
})
