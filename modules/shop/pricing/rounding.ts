import { refuse } from '#kernel'

/**
 * The one rule of rounding: a product is rounded half up once. Whatever is shared is rounded down for each, and what is
 * left goes to the dearest, so that the parts always add up to the whole.
 */

/** Products pass 2^53 long before prices do, hence the wide integers. */
export const halfUp = (amount: number, times: number, per: number) =>
  whole((2n * BigInt(amount) * BigInt(times) + BigInt(per)) / BigInt(2 * per))

export const down = (amount: number, times: number, per: number) =>
  whole((BigInt(amount) * BigInt(times)) / BigInt(per))

export const sum = (amounts: readonly number[]) => whole(amounts.reduce((total, amount) => total + BigInt(amount), 0n))

/** Beyond this a number of JSON is not exact, and no paper of a shop is anywhere near. */
function whole(amount: bigint): number {
  if (amount > Number.MAX_SAFE_INTEGER) throw refuse('amount_too_large')
  return Number(amount)
}

/** Shares of what is due; the dearest takes what is left, as far as it is worth that much, and the next the rest. */
export function shareOut(amounts: ReadonlyMap<number, number>, due: number, times: number, per: number) {
  const shares = new Map([...amounts].map(([at, amount]) => [at, down(amount, times, per)]))
  let left = due - sum([...shares.values()])
  for (const [at, amount] of [...amounts].toSorted(([, one], [, other]) => other - one)) {
    const more = Math.min(left, amount - shares.get(at)!)
    shares.set(at, shares.get(at)! + more)
    left -= more
  }
  return shares
}
