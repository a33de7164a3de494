import type { Policy } from '../../contract/control.ts'
import type { Pool } from '../../postgres/pool.ts'
import { eraseDue } from './erasure.ts'
import { Retention } from './retention.ts'
import type { Canaries } from './retention.ts'

/**
 * The log forgets what it must, and says so. Somebody who is to be forgotten is taken out of the halves of entries that
 * tell of them; entries that are old enough are counted and removed from the front. Each goes with its salt, in one
 * transaction with an entry that names the places, so that what is left is as provable as before and nothing is missing
 * without a word. Only the log's keeper can do it, to what is sealed already, and while a hold is open nobody can.
 */
export class Forgetting {
  readonly #retention: Retention
  readonly #keeper: string
  /** Realms where it failed, and what they wait for. */
  readonly #failed = new Map<string, { until_ms: number; pause_ms: number }>()

  constructor(
    keeper: string,
    policy: Pick<Policy, 'auditMonths' | 'auditTotalMonths'>,
    canaries: Canaries = () => Promise.resolve([]),
  ) {
    this.#keeper = keeper
    this.#retention = new Retention(keeper, policy, canaries)
  }

  /**
   * Does some of what is due in one realm; answers whether there was nothing. What it wrote is to be sealed, and that
   * goes first: whoever is told that there was something seals, and asks again.
   */
  async work(realm: string, pool: Pool, now_ms = Date.now()): Promise<boolean> {
    const failed = this.#failed.get(realm)
    if (failed && now_ms < failed.until_ms) return true
    let pieces = 0
    try {
      while (pieces < MOST_PIECES && (await this.forgetDue(realm, pool))) pieces++
    } catch (error) {
      const pause_ms = Math.min(LONGEST_PAUSE_ms, (failed?.pause_ms ?? 0) * 2 || FIRST_PAUSE_ms)
      this.#failed.set(realm, { until_ms: now_ms + pause_ms, pause_ms })
      throw error
    }
    this.#failed.delete(realm)
    return pieces === 0
  }

  /** One piece of it; answers whether there may be more. */
  async forgetDue(realm: string, pool: Pool): Promise<boolean> {
    return (await eraseDue(pool, this.#keeper)) || (await this.#retention.thinDue(realm, pool))
  }
}

/** About a second, for which nothing is sealed in that realm. */
const MOST_PIECES = 10

/** What cannot be done now is tried again, but sealing does not wait for it each second. */
const FIRST_PAUSE_ms = 5_000
const LONGEST_PAUSE_ms = 600_000
