import { Trouble } from '../base/trouble.ts'
import type { RateClass } from '../contract/operation.ts'
import { policyOf, type Quota } from './quota.ts'
import type { Spending } from './store.ts'

/**
 * Limits give every caller a budget for each class of operation, so that guessing is slow and one caller's storm is not
 * everyone's. A budget is a bucket that holds a minute's worth and fills again evenly: short bursts pass, a steady
 * excess does not. `who` is a key, a person or a network, never a header that the caller may choose.
 *
 * The buckets live in the memory of one process, so that a request costs no round trip. What is spent of them, in
 * pieces that matter, is told to the other processes in the background and learned from them (`sharing.ts`).
 */
export function createLimits({ scale = 1, quotas = QUOTAS }: Options = {}): Limits {
  const shelves = {
    read: shelf('read', scaled(quotas.read, scale)),
    write: shelf('write', scaled(quotas.write, scale)),
    sensitive: shelf('sensitive', scaled(quotas.sensitive, scale)),
    public: shelf('public', scaled(quotas.public, scale)),
  }
  return {
    spend: (rate, who, now_ms, price = 1) => take(shelves[rate], who, now_ms, price),
    spent: () => Object.values(shelves).flatMap(tell),
    learn(key, owed_s, now_ms) {
      const [rate = '', ...who] = key.split(' ')
      if (Object.hasOwn(shelves, rate)) learn(shelves[rate as RateClass], who.join(' '), owed_s, now_ms)
    },
  }
}

export type Limits = {
  /**
   * Takes one from the budget, or as much as the price; what is refused costs nothing, and a price below zero gives
   * back. `now_ms` may be any clock that does not jump.
   */
  spend: (rate: RateClass, who: string, now_ms: number, price?: number) => Spent
  /** What the others should know of since this was asked last, as seconds until it is made up for. */
  spent: () => Spending[]
  /** What all processes together owe to one budget. */
  learn: (key: string, owed_s: number, now_ms: number) => void
}

/** `reset_s`: seconds until there is one more to spend. */
export type Spent = { allowed: boolean; remaining: number; reset_s: number; rate: RateClass; policy: string }

export type Options = {
  /** Multiplies every budget; for tests and measurements, which do in a minute what people do in an hour. */
  scale?: number
  quotas?: Readonly<Record<RateClass, Quota>>
}

/** Per key, person or network; generous, because a limit that honest work meets is an outage of our making. */
export const QUOTAS: Readonly<Record<RateClass, Quota>> = {
  /** Ten a second, without end: a screen asks for a dozen at once, an export in a loop for a few a second. */
  read: { quota: 600, window_s: 60 },
  /** Two a second: faster than anyone types, and an import sends many rows in one request. */
  write: { quota: 120, window_s: 60 },
  /** Keys, roles, whatever needs a second look: nobody does twenty of these in a minute, a thief would. */
  sensitive: { quota: 20, window_s: 60 },
  /** Strangers, by network: an office behind one address opens pages; who guesses keys gets 120 of 2^256. */
  public: { quota: 120, window_s: 60 },
}

/**
 * Who may spend is a space that strangers fill, so it is bounded: about 18 MB for each class at the worst. Beyond it
 * the longest idle are forgotten early, which gives them a full bucket; to gain by that one must hold more networks or
 * keys than this, and already has more budgets than the forgotten one is worth.
 */
export const MAX_BUCKETS_PER_GENERATION = 50_000

/**
 * One request costs as many points as the window has milliseconds, and each millisecond brings as many as the quota: so
 * everything is counted in whole numbers, and who comes back when told finds exactly what was promised.
 */
type Bucket = {
  points: number
  at_ms: number
  /** What no other process has heard of. */
  untold: number
  isListed: boolean
}

/** A process may keep this part of a budget to itself: the other ones are told of the next piece, and so on. */
const KEPT_TO_ITSELF = 1 / 8

/** Budgets of a class that are told of at a time; the others wait for the next. */
const MOST_TOLD = 1_000

/**
 * Two generations instead of a list in order of use: whoever spends moves to the young one, and each window the old one
 * is dropped whole. A bucket that was idle that long is full again, so forgetting it changes nothing.
 */
type Shelf = {
  rate: RateClass
  quota: number
  window_ms: number
  policy: string
  /** Who spent so much that the others are to be told. */
  listed: string[]
  young: Map<string, Bucket>
  old: Map<string, Bucket>
  turned_ms: number
}

function shelf(rate: RateClass, { quota, window_s }: Quota): Shelf {
  const [young, old] = [new Map<string, Bucket>(), new Map<string, Bucket>()]
  const policy = policyOf(rate, { quota, window_s })
  return { rate, quota, window_ms: window_s * 1_000, policy, listed: [], young, old, turned_ms: 0 }
}

function take(shelf: Shelf, who: string, now_ms: number, price: number): Spent {
  const { quota, window_ms, rate, policy } = shelf
  const bucket = bucketOf(shelf, who, now_ms)
  // A clock that was set back takes nothing away.
  const idle_ms = Math.max(0, now_ms - bucket.at_ms)
  const full = quota * window_ms
  const points = Math.min(full, bucket.points + idle_ms * quota)
  // Nothing costs more than a full bucket holds, or it could never be had.
  const cost = Math.min(price, quota) * window_ms
  const allowed = points >= cost
  bucket.points = allowed ? Math.min(full, points - cost) : points
  bucket.at_ms = now_ms
  if (allowed) note(shelf, who, bucket, cost)
  const each = Math.abs(cost)
  const remaining = Math.max(0, Math.floor(bucket.points / each))
  const missing = (remaining + 1) * each - bucket.points
  return { allowed, remaining, reset_s: Math.ceil(missing / (quota * 1_000)), rate, policy }
}

function note(shelf: Shelf, who: string, bucket: Bucket, cost: number) {
  bucket.untold += cost
  if (bucket.isListed || bucket.untold < shelf.quota * shelf.window_ms * KEPT_TO_ITSELF) return
  if (shelf.listed.length >= MOST_TOLD) return
  bucket.isListed = true
  shelf.listed.push(who)
}

function tell({ rate, quota, window_ms, listed, young, old }: Shelf): Spending[] {
  return listed.splice(0).flatMap((who) => {
    const bucket = young.get(who) ?? old.get(who)
    // Idle for so long that it is full again.
    if (!bucket) return []
    const owed_s = bucket.untold / (quota * 1_000)
    bucket.untold = 0
    bucket.isListed = false
    return [{ key: `${rate} ${who}`, owed_s, window_s: window_ms / 1_000 }]
  })
}

/** Several processes may have allowed more than there was: that is made up for, but never more than one budget. */
function learn(shelf: Shelf, who: string, owed_s: number, now_ms: number) {
  const full = shelf.quota * shelf.window_ms
  const bucket = bucketOf(shelf, who, now_ms)
  bucket.points = Math.max(-full, full - owed_s * 1_000 * shelf.quota - bucket.untold)
  bucket.at_ms = now_ms
}

function bucketOf(shelf: Shelf, who: string, now_ms: number): Bucket {
  const turns = now_ms - shelf.turned_ms >= shelf.window_ms || now_ms < shelf.turned_ms
  if (turns || shelf.young.size >= MAX_BUCKETS_PER_GENERATION) turn(shelf, now_ms)
  const young = shelf.young.get(who)
  if (young) return young
  const bucket = shelf.old.get(who) ?? newBucket(shelf, now_ms)
  shelf.young.set(who, bucket)
  return bucket
}

const newBucket = ({ quota, window_ms }: Shelf, now_ms: number): Bucket => ({
  points: quota * window_ms,
  at_ms: now_ms,
  untold: 0,
  isListed: false,
})

function turn(shelf: Shelf, now_ms: number) {
  shelf.old = shelf.young
  shelf.young = new Map()
  shelf.turned_ms = now_ms
}

function scaled({ quota, window_s }: Quota, scale: number): Quota {
  if (!(scale > 0 && Number.isFinite(scale)))
    throw new Trouble('Give the scale of rate limits as a number above zero.', 2)
  return { quota: Math.max(1, Math.round(quota * scale)), window_s }
}
