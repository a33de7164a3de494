import type { Columns } from './columns.ts'

/**
 * A control is one guarantee: the sentence, the files that enforce it, a probe that attacks or inspects the running
 * deployment, and a sabotage that breaks the guarantee in a throw-away one and demands that the probe turns red.
 * A probe that cannot fail is decoration.
 */
export type Control = {
  claim: string
  /** Linked from the page at the deployed commit. */
  enforcedBy: readonly string[]
  every: Interval
  probe: (live: Live) => Promise<Finding>
  /** Breaks exactly this guarantee; what it returns heals it. */
  sabotage: (broken: Breakable) => Promise<Heal>
}

export type Interval = '1 minute' | '5 minutes' | '1 hour' | '1 day'
export type Heal = () => Promise<void> | void

/**
 * `saw` may be read by anyone: no versions, thresholds, hosts or names of tables. `detail` is for the auditor's role.
 */
export type Finding = { holds: boolean; saw: string; detail?: unknown }

/**
 * The running deployment as a probe sees it: from outside, as the app's own login, and as a reader of the catalogue.
 */
export type Live = {
  policy: Policy
  operations: readonly LiveOperation[]
  roles: Readonly<Record<string, readonly string[]>>
  /** Two permanent workspaces in every kind of realm. */
  canaries: readonly Pair[]
  /** Any request to the deployment's own door. */
  http: (path: string, init?: Asking) => Promise<Told>
  /** The largest head of an audit log that the operator has kept outside of the database; undefined where none is. */
  keptHead: (origin: string) => Promise<string | undefined>
  /** Counts an attempt as the doors do, in the name of whoever the probe makes up. */
  attempt: (what: 'sign-in' | 'reset', who: { network: string; account: string }) => Promise<{ allowed: boolean }>
  /** The door that speaks TLS; absent where TLS ends in front of the deployment. */
  tls: { host: string; port: number } | undefined
  /** Where somebody from elsewhere would try plain HTTP; nobody need be there. */
  plain: readonly { host: string; port: number }[]
  /**
   * Raw SQL in the directory, which names realms and keeps their sealed logins: a reader's; a sabotage may also
   * write.
   */
  directory: Sql
  /** The ids of the vault's keys, never the keys: what is sealed must name one that we still have. */
  keyRing: { current: string; known: readonly string[] }
  /** What the code believes the schema to be: schema, table, column, type word. */
  tables: Readonly<Record<string, Columns>>
}

export type Pair = { kind: 'pool' | 'database'; north: Canary; south: Canary }

export type Canary = {
  workspace: string
  /** A string that stands in the canary's rows and nowhere else. */
  marker: string
  /** The rows that were planted: `thing('customer')`. */
  thing: (name: string) => string
  /**
   * Calls an operation over HTTP as a role of this workspace (owner unless told), or as `nobody`. `limits`, `input`,
   * `injection`, `keys` and `invitations` are owner's keys of their own: a probe that spends much takes nothing from
   * the others. Told that a budget is empty, all but `limits` wait and ask again.
   */
  call: (name: string, input: unknown, as?: string, headers?: Record<string, string>) => Promise<Told>
  /** Raw SQL in the canary's database under the app's own login, outside any role and workspace. */
  app: Sql
  /** Raw SQL as the one who may read the catalogue. */
  catalogue: Sql
  /** Access tokens of a session in this workspace that are good but for one thing. */
  misissued: (of: { person: string; session: string }) => Promise<Misissued>
  key: string
  /** What was written to an address that a probe made up, newest first: one that ends in `.invalid`. */
  letters: (address: string) => Promise<string[]>
  /**
   * Its people: an owner and somebody with the least of roles, an owner who never set up a second factor, and a
   * traveller who belongs to all canaries of their realm.
   */
  person: (who: 'owner' | 'least' | 'bare' | 'traveller') => CanaryPerson
}

export type CanaryPerson = {
  id: string
  email: string
  password: string
  /** The secret of their authenticator app in base32, where they have one. */
  app: string | undefined
  /** Signs in as anybody does, with the second factor where it is asked for; the last answer. */
  signIn: () => Promise<Told>
  /** The access token of a session that is still good. */
  token: () => Promise<string>
}

/** What our own keys signed for a session and must open nothing all the same, with what strangers know of the keys. */
export type Misissued = {
  expired: string
  /** For another deployment, and for another use. */
  elsewhere: string
  otherwise: string
  publicKeys: readonly { kid: string; x: string }[]
}

/** Of several statements in one text, the rows of the last that has any. */
export type Sql = (statement: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>

export type Asking = { method?: string; headers?: Record<string, string>; body?: string | Uint8Array }
export type Told = {
  status: number
  headers: Headers
  text: string
  bytes: () => Buffer
  json: () => Record<string, unknown>
}

export type LiveOperation = {
  name: string
  kind: 'action' | 'query' | 'job'
  /** Whether it leaves an entry, as some looks do. */
  recorded: boolean
  module: string
  /** A good input whose ids are those of the given canary. */
  example: (canary: Canary) => Record<string, unknown>
  /** Paths of the input that name a row: `id`, `customerId`, `lines.0.pieceId`. */
  references: readonly string[]
}

/** What a sabotage may touch, in a throw-away deployment only. */
export type Breakable = Live & {
  /** Replaces an operation's `run`, as a careless build would; the answer puts the old one back. */
  replace: (name: string, run: (context: Careless) => unknown) => Heal
  /** Writes to a part of the running process that a misconfiguration could reach. */
  misconfigure: (setting: Misconfiguration) => Heal
}

/** What a careless build knows; `proceed` does what the build before it did. */
export type Careless = { input: Record<string, unknown>; workspace: string; proceed: () => unknown }

export type Misconfiguration =
  | 'no rate limits'
  | 'no unknown-field check'
  | 'no output guard'
  | 'no grants'
  | 'any content type'
  | 'no headers'
  | 'no audit'
  /** Entries tell of an address whatever it was claimed to be. */
  | 'claimed addresses'
  | 'no record of looks'
  | 'no record of refusals'
  /** The TLS door also answers the version below the policy's floor. */
  | 'old tls'
  /** Strangers are served over plain HTTP as if it were TLS. */
  | 'plain for strangers'
  | 'orphan sentence'
  | 'talkative errors'
  /** An access token is believed whoever signed it. */
  | 'any token'
  | 'endless sessions'
  /** Scripts may read the cookies of sessions, and they travel unencrypted. */
  | 'loose cookies'
  /** Whichever page asks is taken for one of ours. */
  | 'any origin'
  | 'no decoys'
  | 'no limit of attempts'
  /** Nobody is kept out for want of a second factor. */
  | 'no second factor'
  /** No proof is too old. */
  | 'no step-up'
  /** What remembers a sign-in that is half done opens what a session does. */
  | 'half is enough'
  /** Ways that the edition does not offer are there all the same. */
  | 'factors offered'
  | 'links offered'

/** What differs between editions, said once; code and sentence both read it. */
export type Policy = {
  /** Where a new workspace's rows live unless told otherwise. */
  tenancy: 'pool' | 'database' | 'silo'
  /** The oldest TLS that is answered. */
  tls: '1.2' | '1.3'
  /** What the plain port does for anyone who is not on this machine. */
  plainHttp: 'refuse' | 'redirect'
  passwordHash: 'argon2id' | 'bcrypt'
  secondFactor: 'not offered' | 'optional' | 'administrators' | 'everyone'
  /** The ways of signing in that are offered. */
  signIn: readonly ('password' | 'link' | 'passkey')[]
  /** Whether strangers may open a workspace of their own; in one that exists nobody is without an invitation. */
  signUp: 'invitation' | 'open'
  /** How long an access token lives, how long nobody may be away, and when everybody signs in anew. */
  session: { access_minutes: number; idle_hours: number; absolute_hours: number }
  /** How long the audit log is kept readable before it is aggregated. */
  auditMonths: number
  /** How long after that it is still known how many there were: long enough to hold one year against another. */
  auditTotalMonths: number
  /** What of the audit log's alerts is written to a workspace's owners; whoever reads the log is shown all of them. */
  alerts: readonly AlertRule[]
  /** Days of rest in the business calendar, 0 = Sunday. */
  weekend: readonly number[]
}

/** What the audit log is watched for. */
export type AlertRule =
  | 'guessed-account'
  | 'guessing-address'
  | 'doors'
  | 'own-role'
  | 'new-owner'
  | 'mass-export'
  | 'decoy'
  | 'new-device'
  | 'support'

export const control = (given: Control): Control => given
