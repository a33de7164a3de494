import type { granted, Rights } from '../access/rights.ts'
import type { entry } from '../audit/record.ts'
import type { Refusals } from '../audit/refusals.ts'
import type { Copies } from '../audit/sealing/copies.ts'
import type { Edition } from '../contract/edition.ts'
import type { Module } from '../contract/module.ts'
import type { Permissions } from '../contract/operation.ts'
import type { House } from '../identity/house.ts'
import type { Whois } from '../identity/whois.ts'
import type { Attempts } from '../limits/attempts.ts'
import type { Limits } from '../limits/limits.ts'
import type { Store } from '../limits/store.ts'
import type { Deployment } from '../tenancy/deployment.ts'
import type { Realm } from '../tenancy/realms.ts'
import type { Vault } from '../vault/vault.ts'
import type { insistOnAssurance } from './assurance.ts'
import type { acceptInput, insistOnOutput } from './boundary.ts'
import type { Catalogue } from './catalogue.ts'
import type { Seats } from './files/seats.ts'
import type { guardColumns } from './rows/guard.ts'

/**
 * What dispatch and the doors work with: made once at boot, handed over as an argument, never ambient. What enforces a
 * guarantee stands here as a part, so that a drill can break a throw-away deployment without a switch in the real one.
 */
export type Parts = {
  edition: Edition
  /** The kernel's and the edition's, bottom to top. */
  modules: readonly Module[]
  deployment: Deployment
  vault: Vault
  whois: Whois
  limits: Limits
  /** Secrets that can be guessed, mails that can be caused. */
  attempts: Attempts
  /** Where all processes count together. */
  counting: Store
  catalogue: Catalogue
  permissions: Permissions
  roles: ReadonlyMap<string, Rights>
  granted: typeof granted
  /** Are we sure enough of them, for this? */
  insistOnAssurance: typeof insistOnAssurance
  /** What the ways in work with. */
  house: House
  boundary: {
    acceptInput: typeof acceptInput
    insistOnOutput: typeof insistOnOutput
    guardColumns: typeof guardColumns
  }
  record: typeof entry
  /** Room for those who take files. */
  seats: Seats
  /** What was refused, written beside the answer. */
  refusals: Refusals
  /** The origin that people know: what was configured, or the door on this machine once it is open. */
  publicUrl: string | undefined
  /** Hears that a realm has work; while nobody serves, nobody works. */
  worker: { wake: (realm: Realm) => void }
  /** Hears that something was recorded in a realm; while nobody seals here, somebody else does, or the next start. */
  sealer: { wake: (realm: Realm) => void }
  /** Who is written to with heads of the audit logs, if anybody. */
  headsTo: string | undefined
  /** Where heads of the audit logs are kept outside of the database. */
  copies: Copies & AsyncDisposable
}
