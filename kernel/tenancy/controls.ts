import { control } from '../contract/control.ts'
import type { Canary, Live, Sql } from '../contract/control.ts'

/**
 * What Postgres itself holds against a query that strayed: looked up in its catalogue, and tried as the app's own
 * login.
 */

export const rows = control({
  claim: 'Postgres itself refuses to show one workspace the rows of another, on every table there is.',
  enforcedBy: ['kernel/tenancy/seal.ts', 'kernel/tenancy/migrations/0001_workspace_row.sql'],
  every: '1 minute',
  async probe(live) {
    const open = await inEach(live, ({ catalogue }) => catalogue(UNSEALED))
    return open.length
      ? { holds: false, saw: 'a table was found that is not sealed', detail: open }
      : { holds: true, saw: 'every table that holds rows of a workspace is sealed' }
  },
  async sabotage({ canaries }) {
    const { catalogue } = canaries[0]!.north
    await catalogue('alter table identity.workspace no force row level security')
    return async () => void (await catalogue('alter table identity.workspace force row level security'))
  },
})

export const sql = control({
  claim:
    'Whoever speaks SQL as the application, without a workspace or with another one, reads and changes nothing; only ' +
    'the worker sees whose jobs and sealed letters are due.',
  enforcedBy: ['kernel/tenancy/seal.ts', 'kernel/postgres/work.ts'],
  every: '1 minute',
  async probe(live) {
    const leaks: string[] = []
    for (const { north, south } of live.canaries)
      for (const { full, role } of await tablesOf(north)) leaks.push(...(await attackTable(full, role, north, south)))
    return leaks.length
      ? { holds: false, saw: 'a statement reached rows that were not its own', detail: leaks }
      : { holds: true, saw: 'its own rows were seen; every attempt on others, or with no workspace set, met nothing' }
  },
  async sabotage({ canaries }) {
    // Fails open where nothing is set; a request always sets something, so over HTTP nobody would notice.
    const { catalogue, workspace } = canaries[0]!.south
    await catalogue(functionAs(`coalesce(nullif(current_setting('app.workspace', true), ''), '${workspace}')::uuid`))
    return async () => void (await catalogue(functionAs(`nullif(current_setting('app.workspace', true), '')::uuid`)))
  },
})

export const keys = control({
  claim: 'Every key and every reference between records carries the workspace, so none can point or collide across.',
  enforcedBy: ['kernel/tenancy/shape.ts'],
  every: '1 minute',
  async probe(live) {
    const loose = await inEach(live, ({ catalogue }) => catalogue(LOOSE_KEYS))
    return loose.length
      ? { holds: false, saw: 'a key was found that does not carry the workspace', detail: loose }
      : { holds: true, saw: 'all keys and references carry the workspace' }
  },
  async sabotage({ canaries }) {
    const { catalogue } = canaries[0]!.north
    await catalogue('create unique index loose_key on identity.key (hash)')
    return async () => void (await catalogue('drop index identity.loose_key'))
  },
})

export const login = control({
  claim: 'The application logs in as a role that owns nothing, inherits nothing and cannot step around row security.',
  enforcedBy: ['kernel/tenancy/cluster.ts', 'kernel/tenancy/seal.ts'],
  every: '1 minute',
  async probe(live) {
    const faults: unknown[] = []
    for (const { north } of live.canaries) {
      const [{ me }] = (await north.app('select current_user as me')) as [{ me: string }]
      faults.push(...(await north.catalogue(LOGIN_FAULTS, [me])))
      if (await succeeds(north.app, 'select from identity.workspace')) faults.push('reads outside any role')
    }
    return faults.length
      ? { holds: false, saw: 'the login has a right that it should not have', detail: faults }
      : { holds: true, saw: 'the login owns, inherits and bypasses nothing' }
  },
  async sabotage({ canaries }) {
    const { app, catalogue } = canaries[0]!.north
    const [{ me }] = (await app('select current_user as me')) as [{ me: string }]
    await catalogue(`grant truncate on identity.workspace to ${me}`)
    return async () => void (await catalogue(`revoke truncate on identity.workspace from ${me}`))
  },
})

export const database = control({
  claim: 'A workspace with a database of its own is alone in it, behind a login that may connect to no other.',
  enforcedBy: ['kernel/tenancy/deployment.ts', 'kernel/tenancy/cluster.ts'],
  every: '5 minutes',
  async probe({ canaries, directory }) {
    const faults: unknown[] = [...(await directory(CROWDED))]
    for (const { north, south } of canaries.filter(({ kind }) => kind === 'database'))
      for (const one of [north, south]) {
        const [{ me, here }] = (await one.app('select current_user as me, current_database() as here')) as [Here]
        faults.push(...(await one.catalogue(REACHABLE, [me, here])))
        faults.push(...(await one.catalogue('select id from identity.workspace where id <> $1', [one.workspace])))
      }
    return faults.length
      ? { holds: false, saw: 'a separate database was shared, or its login could enter another', detail: faults }
      : { holds: true, saw: 'each separate database held one workspace, and its login opened no other' }
  },
  async sabotage({ canaries }) {
    const { north, south } = canaries.find(({ kind }) => kind === 'database')!
    const [{ me }] = (await north.app('select current_user as me')) as [Here]
    const [{ there }] = (await south.app('select current_database() as there')) as [{ there: string }]
    await south.catalogue(`grant connect on database ${there} to ${me}`)
    return async () => void (await south.catalogue(`revoke connect on database ${there} from ${me}`))
  },
})

export { reach, twins } from './controls/http.ts'

type Here = { me: string; here: string }

async function inEach(live: Live, look: (canary: Canary) => ReturnType<Sql>) {
  const found = await Promise.all(live.canaries.flatMap(({ north, south }) => [north, south]).map(look))
  return found.flat()
}

/** Schemas of workspaces' rows: whatever has a table with the column, besides the server's own. */
const TABLES = `
  select n.nspname as schema, c.relname as name, c.oid, c.relrowsecurity as sealed, c.relforcerowsecurity as forced
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema)'
    and (n.nspname, c.relname) <> ('tenancy', 'migration')`

/**
 * One policy for all, by the one function; the watcher reads counters, the worker takes jobs and letters, the keeper
 * keeps the log, of which everybody may know how far it is signed.
 */
const UNSEALED = `
  with ours as (${TABLES})
  select schema || '.' || name as unsealed from ours t
  where not (sealed and forced)
    or not exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = 'workspace_id' and a.attnotnull)
    or 1 <> (select count(*) from pg_policies p where p.schemaname = schema and p.tablename = name and p.cmd = 'ALL'
      and p.roles = '{public}' and p.qual = '(workspace_id = tenancy.current_workspace())' and p.with_check = p.qual)
    or exists (select from pg_policies p where p.schemaname = schema and p.tablename = name
      and p.permissive = 'PERMISSIVE'
      and p.policyname <> 'sealed' and not (schema || '.' || name = 'identity.epoch' and p.cmd = 'SELECT'
        and p.roles::text ~ '^{[a-z0-9_]+_watcher}$')
        and not (schema || '.' || name in ('events.job', 'mail.letter') and p.roles::text ~ '^{[a-z0-9_]+_worker}$')
        and not (schema || '.' || name = 'events.job' and p.policyname = 'asked' and p.cmd = 'INSERT'
          and p.roles::text ~ '^{[a-z0-9_]+_keeper}$')
        and not (schema || '.' || name = 'audit.log' and p.policyname = 'headed' and p.cmd = 'SELECT'
          and p.roles::text ~ '^{[a-z0-9_]+_audit}$')
        and not (schema = 'audit' and p.policyname = 'kept' and p.roles::text ~ '^{[a-z0-9_]+_keeper}$'))
  union all
  select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname !~ '^(pg_|information_schema)' and (c.relkind in ('m', 'f')
    or c.relkind = 'v' and not coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on'], false))
  union all
  select n.nspname || '.' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname !~ '^(pg_|information_schema)' and p.prosecdef`

const LOOSE_KEYS = `
  with ours as (${TABLES})
  select x.relname as loose from pg_index i join ours t on t.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
  where i.indisunique
    and (select a.attname from pg_attribute a where a.attrelid = t.oid and a.attnum = i.indkey[0]) is distinct
      from 'workspace_id'
  union all
  select o.conname from pg_constraint o join ours t on t.oid = o.conrelid
  where o.contype = 'f' and not exists (
    select from unnest(o.conkey, o.confkey) k (mine, theirs)
    join pg_attribute m on m.attrelid = o.conrelid and m.attnum = k.mine and m.attname = 'workspace_id'
    join pg_attribute f on f.attrelid = o.confrelid and f.attnum = k.theirs and f.attname = 'workspace_id')`

const LOGIN_FAULTS = `
  select rolname as fault from pg_roles where rolname = $1 and (rolsuper or rolbypassrls or rolcreatedb
    or rolcreaterole or rolreplication or rolinherit)
  union all
  select r.rolname from pg_roles r join pg_auth_members m on m.roleid = r.oid join pg_roles me on me.oid = m.member
    where me.rolname = $1 and (r.rolsuper or r.rolbypassrls or r.rolcanlogin)
  union all
  select c.relname from pg_class c join pg_roles o on o.oid = c.relowner where o.rolname = $1
  union all
  select c.relname from pg_class c join pg_roles o on o.oid = c.relowner join pg_auth_members m on m.roleid = o.oid
    join pg_roles me on me.oid = m.member where me.rolname = $1 and c.relkind in ('r', 'p')
  union all
  select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace, pg_roles r
    where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema)'
    and (r.rolname = $1 or r.oid in (select m.roleid from pg_auth_members m join pg_roles me on me.oid = m.member
      where me.rolname = $1))
    and has_table_privilege(r.oid, c.oid, 'truncate, references, trigger')`

const CROWDED = `
  select r.id from directory.realm r join directory.workspace w on w.realm_id = r.id
  where r.kind = 'database' group by r.id having count(*) > 1`

/** Databases of this deployment that the login could enter, besides its own. */
const REACHABLE = `
  select datname from pg_database
  where datname <> $2 and datname ~ ('^' || regexp_replace($2, '_w_.*$', '')) and datallowconn and
    has_database_privilege($1, datname, 'connect')`

const functionAs = (body: string) =>
  `create or replace function tenancy.current_workspace() returns uuid language sql stable parallel safe return ${body}`

/**
 * Each table with a role that the app's login may become and that may read it. The worker is shown the jobs and letters
 * of all workspaces, by the policies that are looked for above; what a letter says is sealed.
 */
async function tablesOf({ app, catalogue }: Canary) {
  const [{ me }] = (await app('select current_user as me')) as [Here]
  return (await catalogue(
    `with ours as (${TABLES})
     select schema || '.' || name as full, r.rolname as role from ours, pg_roles r
     join pg_auth_members m on m.roleid = r.oid join pg_roles me on me.oid = m.member
     where me.rolname = $1 and has_table_privilege(r.oid, ours.oid, 'select') and schema <> 'tenancy'
       and not (schema || '.' || name in ('events.job', 'mail.letter') and r.rolname ~ '_worker$')`,
    [me],
  )) as { full: string; role: string }[]
}

/** What was reached that should not have been, in words for the auditor. */
async function attackTable(table: string, role: string, north: Canary, south: Canary): Promise<string[]> {
  // Rolled back whatever it met: a probe that finds an open door must not walk off with the furniture.
  const as = (workspace: string, statement: string) => {
    const inside = workspace === UNSET ? '' : `set local app.workspace = '${workspace}';`
    return `begin; set local role ${role}; ${inside} ${statement}; rollback`
  }
  const count = async (workspace: string, where = 'true') => {
    const found = await north
      .app(as(workspace, `select count(*)::int as n from ${table} where ${where}`))
      .catch(refused)
    return found ? Number(found[0]!['n']) : 0
  }
  const change = async (statement: string) => {
    const found = await north.app(as(north.workspace, `${statement} returning 1`)).catch(refused)
    return found ? found.length : 0
  }
  const theirs = `workspace_id = '${south.workspace}'`
  const attempts: [string, () => Promise<number>][] = [
    ['read with no workspace', () => count(UNSET)],
    ['read with an empty workspace', () => count('')],
    ['read with junk for a workspace', () => count('north')],
    ['read the neighbour', () => count(north.workspace, theirs)],
    ['changed the neighbour', () => change(`update ${table} set id = id where ${theirs}`)],
    ['deleted the neighbour', () => change(`delete from ${table} where ${theirs}`)],
    [
      'moved a row to the neighbour',
      () => change(`update ${table} set workspace_id = '${south.workspace}' where workspace_id = '${north.workspace}'`),
    ],
  ]
  const reached: string[] = []
  for (const [what, attempt] of attempts) if ((await attempt()) > 0) reached.push(`${table}: ${what}`)
  // A probe that sees nothing anywhere would prove nothing: the workspace's own row must be there.
  if (table === 'identity.workspace' && (await count(north.workspace)) !== 1)
    reached.push(`${table}: its own row was not seen`)
  return reached
}

const UNSET = 'unset'

/** Postgres said no, which is what was hoped for; anything else is a probe that could not look. */
function refused(error: unknown): undefined {
  const code = (error as { code?: string }).code ?? ''
  if (!/^(?:42501|22P02|23|P0001|25006)/.test(code)) throw error
  return undefined
}

const succeeds = (run: Sql, statement: string) =>
  run(statement).then(
    () => true,
    (error: unknown) => Boolean(refused(error)),
  )
