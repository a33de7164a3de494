import type { Rights } from '../access/rights.ts'
import type { Origin } from '../audit/record.ts'
import type { entry } from '../audit/record.ts'
import type { Refusals } from '../audit/refusals.ts'
import type { Policy, Sql } from '../contract/control.ts'
import type { Bilingual } from '../contract/edition.ts'
import type { Place, Realm, Realms } from '../tenancy/realms.ts'
import type { Vault } from '../vault/vault.ts'
import type { AccessTokens } from './access-token.ts'
import type { Hashing } from './passwords/hashing.ts'
import type { Whois } from './whois.ts'

/** What the ways in work with: made once at boot and handed over, like everything that enforces. */
export type House = {
  realms: Realms
  /** The realm of those who name no workspace. */
  shared: Realm
  vault: Vault
  policy: Policy
  title: Bilingual
  /** What each role of the edition comes to; the first is the owner's. */
  roles: ReadonlyMap<string, Rights>
  /** What there is to be allowed, in the order of the bits in a set of rights. */
  permissions: readonly string[]
  hashing: Hashing
  tokens: AccessTokens
  /** Of staff on a visit: signed for nothing that a person's are taken for. */
  staffTokens: AccessTokens
  /** Where the staff's own rows are kept. */
  desk: { sql: Sql; vault: Vault }
  whois: Whois
  record: typeof entry
  refusals: Refusals
  /** Takes one attempt from the budgets of a network and an account, or refuses. */
  attempt: (what: Attempt, network: string, account?: string) => Promise<void>
  /** They were who they said, so what was wrong before is forgiven. */
  forgive: (what: Attempt, network: string, account: string) => Promise<void>
  /** Letters wait in this realm. */
  wake: (realm: Realm) => void
  /** A new workspace without anybody in it, for the person who is about to own it and asks from there. */
  openWorkspace: (name: string, from: Origin) => Promise<Place>
  /** What mailed links begin with: set by whoever runs this, never taken from a request. */
  publicUrl: string
}

export type Attempt = 'sign-in' | 'factor' | 'link' | 'reset' | 'invitation' | 'sign-up'

/** Where a request came from, as far as it is believed. */
export type From = Origin & { network: string; locale: 'en' | 'ar' }
