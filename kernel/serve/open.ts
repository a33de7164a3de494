import type pg from 'pg'
import { Trouble } from '../base/trouble.ts'
import { granted } from '../access/rights.ts'
import { entry } from '../audit/record.ts'
import { Refusals } from '../audit/refusals.ts'
import { openCopies } from '../audit/sealing/copies/opening.ts'
import { Forgetting } from '../audit/forgetting/forgetting.ts'
import { Sealer } from '../audit/sealing/sealer.ts'
import type { Sealable } from '../audit/sealing/sequencing/ledger.ts'
import { watching } from '../audit/watching/watching.ts'
import { log } from '../base/log.ts'
import type { Edition } from '../contract/edition.ts'
import type { Module } from '../contract/module.ts'
import { accessTokens } from '../identity/access-token.ts'
import type { AccessTokens } from '../identity/access-token.ts'
import type { House } from '../identity/house.ts'
import { createHashing } from '../identity/passwords/hashing.ts'
import { readingOf } from '../identity/reading.ts'
import { Whois } from '../identity/whois.ts'
import { createAttempts, insistOnAttempt } from '../limits/attempts.ts'
import { createLimits } from '../limits/limits.ts'
import type { Limits } from '../limits/limits.ts'
import { postgresStore } from '../limits/postgres-store.ts'
import type { Store } from '../limits/store.ts'
import type { Login, Pool } from '../postgres/pool.ts'
import { asAdmin } from '../tenancy/cluster.ts'
import { found } from '../tenancy/deployment.ts'
import type { Deployment } from '../tenancy/deployment.ts'
import type { Stream } from '../tenancy/migrate.ts'
import { namesOf } from '../tenancy/names.ts'
import { isOfStaff } from '../staff/desk.ts'
import type { Vault } from '../vault/vault.ts'
import { insistOnAssurance } from './assurance.ts'
import { booksOf } from './books.ts'
import { acceptInput, insistOnOutput } from './boundary.ts'
import { catalogueOf, modulesOf, permissionsOf, rightsOfRoles } from './catalogue.ts'
import { columnsIn, differences } from './columns.ts'
import { Seats } from './files/seats.ts'
import { guardColumns } from './rows/guard.ts'
import { mailing } from './heads.ts'
import type { Parts } from './parts.ts'
import { rewrapControl, rewrapRealm } from './rewrapping.ts'
import { kindOf, openEmptyWorkspace, ownerOf } from './workspaces.ts'

/** A deployment without its doors: what the server, the command line and the tests all begin with. */
export type Opening = {
  edition: Edition
  admin: Login
  /** Names the deployment on its Postgres server; the control database is called so. */
  deployment: string
  vault: Vault
  limits?: Limits
  /** Where all processes count together, when it is not the control database. */
  counting?: Store
  /** Where heads of the audit logs are kept outside of the database, if anywhere. */
  heads?: {
    folder: string | undefined
    bucket?: string | undefined
    witnesses: readonly string[]
    mailedTo?: string | undefined
  }
  /** `npm run tables` opens a schema that the code does not agree with yet. */
  anySchema?: boolean
}

export async function openParts({
  edition,
  admin,
  deployment: name,
  vault,
  limits,
  counting,
  heads = { folder: undefined, witnesses: [] },
  anySchema,
}: Opening): Promise<Parts> {
  const modules = modulesOf(edition)
  const catalogue = catalogueOf(modules)
  const deployment = await found({
    admin,
    deployment: name,
    edition: edition.name,
    vault,
    rewrapIn: (realm) => rewrapRealm(vault, namesOf(name), realm, admin),
    streams: streamsOf(modules),
    control: CONTROL,
  })
  await asAdmin(admin, deployment.names.deployment, (client) => rewrapControl(vault, client))
  if (!anySchema) await asAdmin(admin, deployment.names.pool, (client) => insistOnSchema(client, modules))
  const permissions = permissionsOf(edition, catalogue)
  const roles = rightsOfRoles(permissions)
  const tokens = accessTokens(vault, deployment.names.deployment, edition.policy.session.access_minutes * 60)
  const staffTokens = accessTokens(vault, `${deployment.names.deployment} staff`, VISIT_S, 'staff+jwt')
  const isStaff = async (id: string) => await isOfStaff({ sql: booksOf(deployment), vault }, id)
  const reading = readingOf({ tokens, staffTokens, isStaff, policy: edition.policy, roles, permissions })
  const whois = new Whois(deployment.realms, reading)
  const store = counting ?? postgresStore(booksOf(deployment))
  const parts: Omit<Parts, 'house'> = {
    edition,
    modules,
    deployment,
    vault,
    catalogue,
    permissions,
    roles,
    whois,
    limits: limits ?? createLimits(),
    counting: store,
    attempts: createAttempts(store, (text) => vault.mac('attempts', text)),
    granted,
    insistOnAssurance,
    boundary: { acceptInput, insistOnOutput, guardColumns },
    record: entry,
    seats: new Seats(),
    refusals: new Refusals(deployment.realms),
    publicUrl: undefined,
    worker: { wake: () => undefined },
    sealer: { wake: () => undefined },
    headsTo: heads.mailedTo,
    copies: openCopies({ ...heads, tell: log, keeperOf: (realm) => keeperOf(deployment, realm) }),
  }
  return Object.assign(parts, { house: houseOf(parts, tokens, staffTokens) })
}

/** What lies beside the realms. */
const CONTROL: readonly Stream[] = [
  { schema: 'directory', directory: new URL('../tenancy/directory/', import.meta.url) },
  { schema: 'trust', directory: new URL('../trust/migrations/', import.meta.url) },
  { schema: 'staff', directory: new URL('../staff/migrations/', import.meta.url) },
  { schema: 'limits', directory: new URL('../limits/migrations/', import.meta.url) },
  { schema: 'witness', directory: new URL('../audit/sealing/witness/migrations/', import.meta.url) },
]

/** Seals the audit logs of all realms, watches them, and forgets what has to be forgotten, until it is disposed of. */
export const sealerOf = (parts: Parts): Sealer => {
  const { deployment, vault, copies, edition } = parts
  const { keeper, names } = deployment
  const [watch, forgetting] = [watchOf(parts), new Forgetting(names.keeper, edition.policy, canariesIn(parts))]
  const mailHeads = mailing(parts)
  return new Sealer({ keeper, vault, copies, tell: log }, booksOf(deployment), async (realm) => {
    const isSeen = await watch(realm)
    await mailHeads()
    return (await forgetting.work(realm.id, keeper.open(realm))) && isSeen
  })
}

const canariesIn =
  ({ deployment }: Parts) =>
  async () => {
    const found = await booksOf(deployment)('select id from directory.workspace where canary is not null')
    return found.map(({ id }) => String(id))
  }

/** Looks at what is sealed; where the realm is in use here, whoever is to be written to is written to at once. */
const watchOf = (parts: Parts) =>
  watching<Sealable>({
    open: (realm) => parts.deployment.keeper.open(realm),
    owner: ownerOf(parts),
    mailed: parts.edition.policy.alerts,
    raised({ id }) {
      const { deployment, worker } = parts
      for (const realm of deployment.realms.inUse()) if (realm.id === id) worker.wake(realm)
    },
    tell: log,
  })

async function keeperOf(deployment: Deployment, realm: string): Promise<Pool> {
  const [found] = await booksOf(deployment)('select database from directory.realm where id = $1', [realm])
  return deployment.keeper.open({ database: String(found!['database']) })
}

/** Staff on a visit have no refresh: they enter again, and say again what for. */
const VISIT_S = 15 * 60

/** What the ways in work with, which are below this folder and do not know it. */
function houseOf(parts: Omit<Parts, 'house'>, tokens: AccessTokens, staffTokens: AccessTokens): House {
  const { deployment, edition, vault, roles, permissions, whois } = parts
  return {
    realms: deployment.realms,
    shared: deployment.known.at(-1)!,
    vault,
    policy: edition.policy,
    title: edition.title,
    roles,
    permissions: permissions.names,
    hashing: createHashing(edition.policy.passwordHash),
    tokens,
    staffTokens,
    desk: { sql: booksOf(deployment), vault },
    whois,
    record: entry,
    refusals: parts.refusals,
    attempt: (what, network, account) => insistOnAttempt(parts.attempts, what, { network, account }),
    forgive: (what, network, account) => parts.attempts.forgive(what, { network, account }),
    wake: (realm) => {
      parts.worker.wake(realm)
      parts.sealer.wake(realm)
    },
    openWorkspace: (name, from) => openEmptyWorkspace(parts, name, kindOf(edition.policy), { from }),
    get publicUrl() {
      return parts.publicUrl ?? 'http://localhost'
    },
  }
}

/** The kernel's schemas first, then the modules'; each has its migrations beside it. */
export function streamsOf(modules: readonly Module[]): Stream[] {
  const kernel = ['tenancy', 'identity', 'audit', 'mail', 'events', 'serve'].map((schema) => ({
    schema,
    directory: new URL(`../${schema}/migrations/`, import.meta.url),
  }))
  const own = modules.filter(({ name }) => !kernel.some(({ schema }) => schema === name))
  return [
    ...kernel,
    ...own.map(({ name, directory }) => ({ schema: name, directory: new URL('migrations/', directory) })),
  ]
}

/** A code that believes in other columns than there are would fail at some later request; it fails here. */
async function insistOnSchema(client: pg.Client, modules: readonly Module[]) {
  for (const { name, tables } of modules) {
    const wrong = differences(tables, await columnsIn(client, name))
    if (wrong.length)
      throw new Trouble(
        `The code and the database disagree about ${name} (${wrong.slice(0, 3).join(', ')}): run npm run tables, ` +
          `or undo what was changed in the database by hand.`,
      )
  }
}
