import { inside, log } from '../base/log.ts'
import type { Log } from '../base/log.ts'
import type { Limits } from './limits.ts'
import type { Store } from './store.ts'

/**
 * Lets processes that serve the same people share the budgets of requests, nearly: each tells about once a second what
 * was spent in pieces that matter and hears what all have spent. A process that starts hears of it before it serves. N
 * processes allow one budget, an eighth of one for each of them, and what they do within that second; what was allowed
 * beyond is made up for. While the store is away each goes on by itself: these budgets only slow down, and what must
 * not be let through uncounted is an attempt (`attempts.ts`).
 */
export async function shareLimits(limits: Limits, store: Store, tell: Log = log): Promise<Sharing> {
  const learn = (debts: Awaited<ReturnType<Store['debts']>>) => {
    for (const { key, owed_s } of debts) limits.learn(key, owed_s, Date.now())
  }
  learn(await store.debts())
  let isLost = false
  const exchange = async () => {
    const spent = limits.spent()
    if (spent.length === 0) return
    try {
      learn(await store.share(spent))
      isLost = false
    } catch (error) {
      if (!isLost) tell('budgets are not shared', inside(error))
      isLost = true
    }
  }
  let last = Promise.resolve()
  const inTurn = () => (last = last.then(exchange))
  const prune = () => store.prune().catch((error: unknown) => tell('limits are not pruned', inside(error)))
  const timers = [
    setInterval(() => void inTurn(), SHARE_EVERY_ms).unref(),
    setInterval(() => void prune(), PRUNE_EVERY_ms).unref(),
  ]
  return {
    exchange: inTurn,
    async [Symbol.asyncDispose]() {
      timers.forEach(clearInterval)
      await inTurn()
    },
  }
}

export type Sharing = AsyncDisposable & {
  /** Tells and hears now. */
  exchange: () => Promise<void>
}

const SHARE_EVERY_ms = 1_000
const PRUNE_EVERY_ms = 10 * 60_000
