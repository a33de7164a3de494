/**
 * Where all processes of a deployment count together. Everything is a debt in seconds that shrinks by one each second:
 * a charge adds to it, and while the debt is too high the charge is refused. Postgres keeps it, or Redis where there is
 * one; both do the same sums (`0002_shared.sql`, `redis-scripts.ts`), and a test compares them with a third.
 */
export type Store = {
  /** All charges or none; answers how many seconds to wait, where 0 means done. By the store's clock unless told. */
  spend: (charges: readonly Charge[], who: Hidden, at_ms?: number) => Promise<number>
  /** Makes the budget that paid as new, gives the network its one back, and remembers where the account came from. */
  forgive: (charges: readonly Charge[], who: Hidden, mostPlaces: number) => Promise<void>
  /** Adds what this process spent, answers what all have. */
  share: (spendings: readonly Spending[]) => Promise<Debt[]>
  /** The highest debts there are, for a process that starts. */
  debts: () => Promise<Debt[]>
  /** Forgets what need not be known any more. */
  prune: () => Promise<void>
}

/** Keyed hashes: whoever reads the store learns no address of anybody. */
export type Hidden = { account: string; network: string }

export type Rule = {
  /** So many at once from a fresh budget … */
  burst: number
  /** … and one more each time this has passed. */
  each_s: number
  /** Beyond the burst each costs twice as much as the one before, as often as this. */
  doublings: number
  /** So many and no more, until a success or until all is forgotten. */
  most: number
  /** After this long without a debt and without a try, nothing is known any more. */
  forget_s: number
}

/** Strangers and places are never charged both: which one it is, the store knows. */
export type Charge = Rule & { key: string; of: 'all' | 'strangers' | 'place' }

export type Spending = { key: string; owed_s: number; window_s: number }
export type Debt = { key: string; owed_s: number }

/** How many debts a process learns before it serves; who owes less than the last of these has a budget left anyway. */
export const MOST_RECALLED = 10_000

/** A place that nobody came from for this long is forgotten: people move. */
export const PLACE_KEPT_s = 90 * 86_400
