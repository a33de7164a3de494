import pg from 'pg'
import { Trouble } from '../base/trouble.ts'
import type { Login } from '../postgres/pool.ts'
import type { Names } from './names.ts'

/** Roles and databases of one deployment on its Postgres server, made once and found again. */
const OLDEST = 150_000

/** Timeouts are the server's, so no caller can forget them; the last one exists from version 17 on. */
const patience = [
  ['statement_timeout', '15s'],
  ['lock_timeout', '3s'],
  ['idle_in_transaction_session_timeout', '10s'],
  ['transaction_timeout', '30s'],
] as const

async function connectAdmin(admin: Login, database = admin.database): Promise<pg.Client> {
  const client = new pg.Client({ ...admin, database, application_name: 'vouchsafe admin' })
  // A server that goes away is noticed by the statement that needs it.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** Opens a connection for the length of `work`. */
export async function asAdmin<T>(admin: Login, database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectAdmin(admin, database)
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Founding, upgrading and planting are done by one process at a time; the others wait and find it done. */
export const alone = <T>(admin: Login, work: () => Promise<T>): Promise<T> =>
  asAdmin(admin, admin.database, async (client) => {
    await client.query('select pg_advisory_lock($1)', [FOUNDING])
    return await work()
  })

const FOUNDING = 5_871_365

export async function prepareRoles(admin: pg.Client, names: Names, schemas: readonly string[]): Promise<void> {
  const { rows } = await admin.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  )
  if (rows[0]!.version < OLDEST)
    throw new Trouble('This Postgres server is too old: Vouchsafe needs version 15 or newer.')
  const members = [names.directory, ...crossing(names), ...schemas.map(names.role)]
  for (const role of [names.owner, ...members]) await createRole(admin, role, 'nologin')
  await createRole(admin, names.app, 'login noinherit')
  await createRole(admin, names.keeper, 'login noinherit')
  await admin.query(`grant ${names.owner} to current_user`)
  await admin.query(`grant ${members.join(', ')} to ${names.app}`)
  for (const login of [names.app, names.keeper]) await bePatient(admin, login, rows[0]!.version)
}

/** The roles that cross folders or workspaces, each for one narrow purpose. */
export const crossing = (names: Names) => [names.recorder, names.watcher, names.worker]

export async function createLogin(
  admin: pg.Client,
  names: Names,
  login: string,
  schemas: readonly string[],
  password: string,
) {
  await createRole(admin, login, 'login noinherit')
  await setPassword(admin, login, password)
  await admitLogin(admin, names, login, schemas)
}

/** What a realm's own login may become, and how long it may take. */
export async function admitLogin(admin: pg.Client, names: Names, login: string, schemas: readonly string[]) {
  await admin.query(`grant ${[...crossing(names), ...schemas.map(names.role)].join(', ')} to ${login}`)
  const { rows } = await admin.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  )
  await bePatient(admin, login, rows[0]!.version)
}

export const setPassword = (admin: pg.Client, login: string, password: string) =>
  admin.query(`alter role ${login} password ${pg.escapeLiteral(password)}`)

/** A database that only its own login and its owner may enter, and whoever keeps its log where it is a realm. */
export async function createDatabase(
  admin: pg.Client,
  names: Names,
  database: string,
  login: string,
  template?: string,
) {
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [database])
  if (!rowCount)
    await admin.query(
      `create database ${database} owner ${names.owner} template ${template ?? 'template0'} encoding 'UTF8'
       strategy wal_log ${template ? '' : "locale 'C'"}`,
    )
  await admin.query(`grant create on database ${database} to ${names.owner}`)
  await admin.query(`revoke all on database ${database} from public`)
  await admin.query(`grant connect on database ${database} to ${login}${template ? `, ${names.keeper}` : ''}`)
}

/** Removes a deployment with everything in it. For the ones that tests and probes throw away. */
export const abandon = (admin: Login, { deployment }: Names): Promise<void> =>
  asAdmin(admin, admin.database, async (client) => {
    const mine = `name = $1 or starts_with(name, $1 || '_')`
    const databases = await client.query<{ name: string }>(
      `select name from (select datname::text as name from pg_database) d where ${mine}`,
      [deployment],
    )
    for (const { name } of databases.rows) {
      await client.query(`alter database ${name} is_template false`)
      await client.query(`drop database ${name} with (force)`)
    }
    const roles = await client.query<{ name: string }>(
      `select name from (select rolname::text as name from pg_roles) r where ${mine}`,
      [deployment],
    )
    for (const { name } of roles.rows) await client.query(`drop role ${name}`)
  })

async function createRole(admin: pg.Client, role: string, kind: 'nologin' | 'login noinherit') {
  await admin.query(`do $$ begin create role ${role} ${kind};
    exception when duplicate_object or unique_violation then null; end $$`)
}

async function bePatient(admin: pg.Client, login: string, version: number) {
  for (const [setting, value] of patience)
    if (setting !== 'transaction_timeout' || version >= 170_000)
      await admin.query(`alter role ${login} set ${setting} = '${value}'`)
}
