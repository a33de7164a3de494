/**
 * The editions' door: how a product and its security page are put together, and every control that a sentence may
 * rest on.
 */
export { edition } from './contract/edition.ts'
export { attested, notClaimed, page, partly, planned, proven, section } from './contract/page.ts'
export * as access from './access/controls.ts'
export * as audit from './audit/controls.ts'
export * as identity from './identity/controls.ts'
export * as limits from './limits/controls.ts'
export * as postgres from './postgres/controls.ts'
export * as serve from './serve/controls.ts'
export * as staff from './staff/controls.ts'
export * as tenancy from './tenancy/controls.ts'
export * as transport from './transport/controls.ts'
export * as trust from './trust/controls.ts'
export * as vault from './vault/controls.ts'
export type { Call } from './contract/module.ts'
