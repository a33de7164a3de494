import type { Spent } from './limits.ts'

/**
 * What an answer says of the budget it was paid from, in the words of the IETF's draft (RateLimit fields for HTTP): the
 * policy, what is left, and after how many seconds there is more. `Retry-After` stands only where nothing was left.
 */
export function rateHeaders({ allowed, remaining, reset_s, rate, policy }: Spent): RateHeaders {
  const ratelimit = `"${rate}";r=${remaining};t=${reset_s}`
  if (allowed) return { 'ratelimit-policy': policy, ratelimit }
  return { 'ratelimit-policy': policy, ratelimit, 'retry-after': String(reset_s) }
}

export type RateHeaders = { 'ratelimit-policy': string; ratelimit: string; 'retry-after'?: string }
