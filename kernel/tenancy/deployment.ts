import { randomBytes, randomUUID } from 'node:crypto'
import type pg from 'pg'
import { Trouble } from '../base/trouble.ts'
import { Pool } from '../postgres/pool.ts'
import type { Login } from '../postgres/pool.ts'
import type { Vault } from '../vault/vault.ts'
import { admitLogin, alone, asAdmin, createDatabase, createLogin, prepareRoles, setPassword } from './cluster.ts'
import { Keeper } from './keeper.ts'
import { digestOf, migrate } from './migrate.ts'
import type { Stream } from './migrate.ts'
import { namesOf } from './names.ts'
import type { Names } from './names.ts'
import { Realms } from './realms.ts'
import type { Place, Realm, RealmKind } from './realms.ts'
import { seal } from './seal.ts'

/**
 * Everything of one deployment that lives in Postgres: the control database with the directory, a template that has
 * every table sealed, the pool realm, and a realm for each workspace that has a database of its own.
 */
export type Deployment = AsyncDisposable & {
  names: Names
  admin: Login
  /** The control database, as the role that may read the directory and keep evidence. */
  directory: Pool
  realms: Realms
  /** Keeps the audit logs, as a login that the app cannot become. */
  keeper: Keeper
  /** True when this start made the deployment. */
  fresh: boolean
  schemas: readonly string[]
  /** The realms there were at the start. */
  known: readonly Realm[]
  createWorkspace: (kind: RealmKind, canary?: 'north' | 'south') => Promise<Place>
}

export type Founding = {
  admin: Login
  deployment: string
  edition: string
  vault: Vault
  /** Streams of a realm, bottom to top, and those of the control database. */
  streams: readonly Stream[]
  control: readonly Stream[]
  /** Brings what lies sealed in a realm under the master key of today. */
  rewrapIn: (realm: Login) => Promise<void>
}

/** How many databases are migrated at a time: measured, more gains nothing on one server. */
const MIGRATIONS_AT_ONCE = 4

export const found = (given: Founding): Promise<Deployment> => alone(given.admin, () => foundAlone(given))

async function foundAlone(given: Founding): Promise<Deployment> {
  const { admin, vault } = given
  const names = namesOf(given.deployment)
  const schemas = given.streams.map((one) => one.schema)
  const own = schemas.filter((schema) => schema !== 'tenancy')

  await asAdmin(admin, admin.database, async (client) => {
    await prepareRoles(client, names, own)
    await createDatabase(client, names, names.deployment, names.app)
  })
  const fresh = await asAdmin(admin, names.deployment, (client) => openControl(client, names, given))
  const password = await asAdmin(admin, names.deployment, (client) => openKeeper(client, names, vault))
  const keeper = new Keeper({ ...admin, user: names.keeper, password })
  const known = await bringUpToDate(given, names, schemas)
  const underOlder = known.filter(({ kek }) => kek !== vault.ring().current)
  await inTurn(underOlder, (realm) => rewrap(given, names, realm))
  const shared = known.find((realm) => realm.kind === 'pool') ?? (await createRealm(given, names, own, 'pool'))

  const app: Login = { ...admin, user: names.app, password: shared.password }
  const directory = new Pool({ ...app, database: names.deployment }, 3)
  const realms = new Realms(names, admin, (workspace) => lookUp(directory, names, vault, workspace))
  return {
    names,
    admin,
    directory,
    realms,
    keeper,
    fresh,
    schemas,
    known: [...known.filter((realm) => realm !== shared), shared],
    async createWorkspace(kind, canary) {
      const realm = kind === 'pool' ? shared : await createRealm(given, names, own, 'database')
      const workspace = randomUUID()
      await asAdmin(admin, names.deployment, (client) =>
        client.query('insert into directory.workspace (id, realm_id, canary) values ($1, $2, $3)', [
          workspace,
          realm.id,
          canary ?? null,
        ]),
      )
      return { workspace, realm }
    },
    async [Symbol.asyncDispose]() {
      await realms[Symbol.asyncDispose]()
      await keeper[Symbol.asyncDispose]()
      await directory.end()
    },
  }
}

/** The template first, and then every realm that has not seen the migrations of today; answers the realms. */
async function bringUpToDate(given: Founding, names: Names, schemas: readonly string[]): Promise<KnownRealm[]> {
  const { admin, vault, streams } = given
  const digest = digestOf(streams)
  const migrated = (database: string) =>
    asAdmin(admin, database, (client) => migrate(client, names, streams, (c) => seal(c, names, schemas)))
  await openTemplate(admin, names, migrated)
  // Only now: until the template was ours, an older process may have copied it as it was.
  const known = await asAdmin(admin, names.deployment, (client) => readRealms(client, vault))
  const own = schemas.filter((schema) => schema !== 'tenancy')
  await inTurn(
    known.filter((realm) => realm.digest !== digest),
    async (realm) => {
      // A module that came later has a role that the realm's login has not heard of.
      if (realm.kind === 'database')
        await asAdmin(admin, admin.database, (client) => admitLogin(client, names, realm.login, own))
      await migrated(realm.database)
      await noteDigest(admin, names, realm, digest)
    },
  )
  return known
}

/** The control database: its tables, and whose it is; true when it was made just now. */
async function openControl(client: pg.Client, names: Names, { control, edition }: Founding): Promise<boolean> {
  await migrate(client, names, control, (admin) => grantDirectory(admin, names, control))
  const { rows } = await client.query<{ edition: string }>('select edition from directory.deployment')
  const fresh = rows.length === 0
  if (fresh) await client.query('insert into directory.deployment (edition) values ($1)', [edition])
  else if (rows[0]!.edition !== edition)
    throw new Trouble(
      `This data belongs to the edition ${rows[0]!.edition}: start it with --edition ${rows[0]!.edition}, or ` +
        `give ${edition} a data folder of its own with VOUCHSAFE_DATA.`,
      4,
    )
  return fresh
}

async function readRealms(client: pg.Client, vault: Vault): Promise<KnownRealm[]> {
  const { rows } = await client.query<SealedRealm>(
    'select id, kind, database, login, secret, digest from directory.realm order by created_at',
  )
  return rows.map((row) => ({ ...unseal(vault, row), digest: row.digest, kek: vault.kekOf(row.secret) }))
}

type KnownRealm = Realm & { digest: string; kek: string }

/**
 * After a new master key: first what lies in the realm comes under it, then the password of its login, which is how a
 * start that died on the way knows where to go on. The secrets themselves are not touched.
 */
async function rewrap({ admin, vault, rewrapIn }: Founding, names: Names, realm: Realm) {
  const { id, database, login, password } = realm
  await rewrapIn({ ...admin, database, user: login, password })
  await asAdmin(admin, names.deployment, (client) =>
    client.query('update directory.realm set secret = $2 where id = $1', [id, vault.seal(password, `realm ${id}`)]),
  )
}

/** The password of the login that keeps the logs: made once, under the master key of today. */
async function openKeeper(client: pg.Client, names: Names, vault: Vault): Promise<string> {
  const { rows } = await client.query<{ keeper: string | null }>('select keeper from directory.deployment')
  const sealed = rows[0]!.keeper
  const password = sealed ? vault.open(sealed, 'keeper').toString('utf8') : randomBytes(24).toString('base64url')
  if (!sealed) await setPassword(client, names.keeper, password)
  if (!sealed || vault.kekOf(sealed) !== vault.ring().current)
    await client.query('update directory.deployment set keeper = $1', [vault.seal(password, 'keeper')])
  return password
}

/** The directory is read; the books that are kept beside it are added to, and by age thinned, but never changed. */
async function grantDirectory(admin: pg.Client, names: Names, control: readonly Stream[]) {
  for (const { schema } of control) {
    const rights = schema === 'directory' ? 'select' : 'select, insert, delete'
    await admin.query(`grant usage on schema ${schema} to ${names.directory}`)
    await admin.query(`grant ${rights} on all tables in schema ${schema} to ${names.directory}`)
  }
}

/** Afterwards nobody may connect to the template, or it could not be copied. */
async function openTemplate(admin: Login, names: Names, bringUpToDate: (database: string) => Promise<unknown>) {
  const allow = (allowed: boolean) =>
    asAdmin(admin, admin.database, async (client) => {
      if (allowed) await createDatabase(client, names, names.template, names.owner)
      await client.query(`alter database ${names.template} is_template ${!allowed} allow_connections ${allowed}`)
    })
  await allow(true)
  await bringUpToDate(names.template)
  await allow(false)
}

const noteDigest = (admin: Login, names: Names, realm: Realm, digest: string) =>
  asAdmin(admin, names.deployment, (client) =>
    client.query('update directory.realm set digest = $2 where id = $1', [realm.id, digest]),
  )

/** A new realm is a copy of the template; its password is sealed before anyone could log in with it. */
async function createRealm(
  { admin, vault, streams }: Founding,
  names: Names,
  schemas: readonly string[],
  kind: RealmKind,
): Promise<Realm> {
  const short = randomBytes(6).toString('hex')
  const [database, login] = kind === 'pool' ? [names.pool, names.app] : [names.realm(short), names.realm(short)]
  const realm: Realm = { id: randomUUID(), kind, database, login, password: randomBytes(24).toString('base64url') }
  await asAdmin(admin, admin.database, async (client) => {
    if (kind === 'pool') await setPassword(client, login, realm.password)
    else await createLogin(client, names, login, schemas, realm.password)
    await createDatabase(client, names, database, login, names.template)
  })
  await asAdmin(admin, names.deployment, (client) =>
    client.query(
      'insert into directory.realm (id, kind, database, login, secret, digest) values ($1, $2, $3, $4, $5, $6)',
      [realm.id, kind, database, login, vault.seal(realm.password, `realm ${realm.id}`), digestOf(streams)],
    ),
  )
  return realm
}

type SealedRealm = Omit<Realm, 'password'> & { secret: string; digest: string }

const unseal = (vault: Vault, { id, kind, database, login, secret }: SealedRealm): Realm => ({
  id,
  kind,
  database,
  login,
  password: vault.open(secret, `realm ${id}`).toString('utf8'),
})

async function lookUp(directory: Pool, names: Names, vault: Vault, workspace: string): Promise<Place | undefined> {
  const [, found] = await directory.run([
    { text: `select set_config('role', $1, true)`, name: 'as', values: [names.directory] },
    {
      text: `select r.id, r.kind, r.database, r.login, r.secret from directory.workspace w
        join directory.realm r on r.id = w.realm_id
             where w.id = $1`,
      name: 'place',
      values: [workspace],
    },
  ])
  const row = found!.rows[0] as SealedRealm | undefined
  return row && { workspace, realm: unseal(vault, row) }
}

async function inTurn<T>(items: readonly T[], work: (item: T) => Promise<unknown>) {
  const waiting = [...items]
  const worker = async () => {
    for (let item = waiting.shift(); item; item = waiting.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: MIGRATIONS_AT_ONCE }, worker))
}
