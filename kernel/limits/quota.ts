import type { RateClass } from '../contract/operation.ts'

/** So many in so many seconds. */
export type Quota = { quota: number; window_s: number }

/** As `RateLimit-Policy` says it, a structured field: `"read";q=600;w=60`. */
export const policyOf = (rate: RateClass, { quota, window_s }: Quota): string => `"${rate}";q=${quota};w=${window_s}`
