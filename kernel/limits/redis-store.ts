import { createClient } from '@redis/client'
import { inside, log } from '../base/log.ts'
import type { Log } from '../base/log.ts'
import { Trouble } from '../base/trouble.ts'
import { DEBTS, FORGIVE, SHARE, SPEND } from './redis-scripts.ts'
import { MOST_RECALLED, PLACE_KEPT_s } from './store.ts'
import type { Charge, Debt, Hidden, Store } from './store.ts'

/**
 * The store for deployments of many processes that have a Redis. With `rediss://` its certificate is verified; it
 * must evict nothing and write what it keeps to disk, or attempts are forgotten with it. While it is away every call
 * fails at once: whoever is waiting for an answer gets a 503, never a pass.
 */
export async function redisStore(url: string, deployment: string, tell: Log = log): Promise<Store & AsyncDisposable> {
  let isOpen = false
  let isLost = false
  const client = createClient({
    url,
    name: 'vouchsafe',
    disableOfflineQueue: true,
    commandsQueueMaxLength: MOST_WAITING,
    socket: { connectTimeout: ANSWER_WITHIN_ms, reconnectStrategy: (tries) => (isOpen ? pauseAfter(tries) : false) },
  })
  client.on('ready', () => (isLost = false))
  client.on('error', (error) => {
    if (isOpen && !isLost) tell('redis is lost', inside(error))
    isLost = true
  })
  try {
    await inTime(client.connect())
    isOpen = true
  } catch (error) {
    client.destroy()
    throw new Trouble(`REDIS_URL cannot be used: ${error instanceof Error ? error.message : String(error)}.`)
  }
  const run = (script: string, keys: string[], values: string[]) =>
    inTime(client.eval(script, { keys, arguments: values }))
  // One hash slot for all: a script that names several keys is refused by a cluster otherwise.
  const named = (name: string) => `{vouchsafe ${deployment}} ${name}`
  const rows = (charges: readonly Charge[], { account }: Hidden) =>
    [`places ${account}`, ...charges.map(({ key }) => key)].map(named)
  const usage = [named('usage')]
  return {
    async spend(charges, who, at_ms) {
      const at = at_ms === undefined ? '' : String(at_ms / 1_000)
      return Number(await run(SPEND, rows(charges, who), [JSON.stringify(charges), who.network, at]))
    },
    async forgive(charges, who, mostPlaces) {
      const values = [JSON.stringify(charges), who.network, String(mostPlaces), String(PLACE_KEPT_s)]
      await run(FORGIVE, rows(charges, who), values)
    },
    share: async (spendings) => debtsIn(await run(SHARE, usage, [JSON.stringify(spendings)])),
    debts: async () => debtsIn(await run(DEBTS, usage, [String(MOST_RECALLED)])),
    // What need not be known expires.
    prune: () => Promise.resolve(),
    async [Symbol.asyncDispose]() {
      isOpen = false
      await inTime(client.close()).catch(() => client.destroy())
    },
  }
}

/** Redis answers in a millisecond or not at all. */
const ANSWER_WITHIN_ms = 2_000
/** Calls under way at one time; whoever comes beyond it is told that it is not available just now. */
const MOST_WAITING = 10_000

const pauseAfter = (tries: number) => Math.min(1_000, 50 * 2 ** tries)

async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('redis does not answer')), ANSWER_WITHIN_ms)
  try {
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function debtsIn(told: unknown): Debt[] {
  const words = told as string[]
  return words.flatMap((key, at) => (at % 2 === 0 ? [{ key, owed_s: Number(words[at + 1]) }] : []))
}
