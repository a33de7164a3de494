import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { jeweller } from '../../editions/jeweller/edition.ts'
import { Trouble } from '../base/trouble.ts'
import { streamsOf } from '../serve/open.ts'
import { openStage } from '../testing.ts'
import type { Stage } from '../testing.ts'
import { prepareRoles } from './cluster.ts'
import { migrate } from './migrate.ts'
import { seal } from './seal.ts'

/** A careless author writes a migration for a module called trial; what comes of it must be safe or refused by name. */
let stage: Stage
let client: pg.Client
const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-seal-'))
before(async () => {
  stage = await openStage(jeweller)
  client = new pg.Client({ ...stage.admin, database: stage.parts.deployment.names.pool })
  await client.connect()
  await prepareRoles(client, stage.parts.deployment.names, ['trial', 'other'])
})
after(async () => {
  await client.end()
  await stage[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})
beforeEach(() =>
  client.query(`drop schema if exists trial cascade; delete from tenancy.migration where stream = 'trial'`),
)

const GOOD = 'create table good (like workspace_row including all, n bigint, text text);'
const table = (columns: string) => `create table bad (like workspace_row including all, ${columns});`
const NO_WORKSPACE = /^The schema cannot be sealed: .*trial\.bad has no workspace_id that is never null/
const INDEX = /trial\.bad\w* is an index that does not start with workspace_id/
const REFERENCE = /trial\.bad\w* is a reference that does not carry workspace_id/
const VIEW = /trial\.bad is a view that looks with its owner’s eyes/
const TYPE = /trial\.bad\.n has a type that does not work under row security or is not exact/

const refused: Record<string, [string, RegExp]> = {
  'a table without a workspace': ['create table bad (id uuid primary key);', NO_WORKSPACE],
  'a workspace that may be null': ['create table bad (workspace_id uuid, id uuid primary key);', NO_WORKSPACE],
  'a workspace that is text': [
    'create table bad (workspace_id text, id uuid, primary key (workspace_id, id));',
    NO_WORKSPACE,
  ],
  'no primary key': ['create table bad (workspace_id uuid not null, n int);', /trial\.bad has no primary key/],
  'a primary key of its own (unique oracle)': [
    'create table bad (workspace_id uuid not null, id uuid primary key);',
    INDEX,
  ],
  'a unique code for everybody (unique oracle)': [table('code text unique'), INDEX],
  'a unique key that ends with the workspace': [table('code text, unique (code, workspace_id)'), INDEX],
  'a unique index on an expression': [
    `${table('code text')} create unique index bad_lower on bad (lower(code));`,
    INDEX,
  ],
  'a partial unique index': [
    `${table('code text')} create unique index bad_some on bad (code) where code > '';`,
    INDEX,
  ],
  'a plain index for everybody': [`${table('code text')} create index bad_code on bad (code);`, INDEX],
  'an exclusion for everybody': [
    table('code text, exclude using hash (code with =)'),
    /trial\.bad\w* is an exclusion that does not compare workspace_id/,
  ],
  'a reference by id alone (foreign key oracle)': [
    `${GOOD} alter table good add unique (workspace_id, n); create table bad (like workspace_row including all, good_id uuid, foreign key (good_id) references bad_to (id));`.replace(
      'create table bad (',
      'create table bad_to (workspace_id uuid not null, id uuid primary key); create table bad (',
    ),
    REFERENCE,
  ],
  'a reference with workspace and id crossed': [
    `${GOOD} create table bad (like workspace_row including all, foreign key (id, workspace_id) references good (workspace_id, id));`,
    REFERENCE,
  ],
  'a reference that removes rows at the end, when the entry is written': [
    `${GOOD} create table bad (like workspace_row including all, good_id uuid,
      foreign key (workspace_id, good_id) references good (workspace_id, id) on delete cascade deferrable);`,
    /trial\.bad\w* is a reference that changes rows once it was told what changed/,
  ],
  'a view': [`${GOOD} create view bad as select * from good;`, VIEW],
  'a view whose security_invoker is off': [
    `${GOOD} create view bad with (security_invoker = off) as select * from good;`,
    VIEW,
  ],
  'a materialized view': [`${GOOD} create materialized view bad as select * from good;`, VIEW],
  'a function with its owner’s rights': [
    `create function bad() returns int language sql security definer return 1;`,
    /trial\.bad is a function that runs with its owner’s rights/,
  ],
  'a procedure with its owner’s rights': [
    `create procedure bad() language sql security definer as 'select 1';`,
    /trial\.bad is a function that runs/,
  ],
  'an open policy beside the seal': [
    `${GOOD} create policy bad on good using (true);`,
    /trial\.good\.bad is a policy that sealing did not make/,
  ],
  'an open policy on another module’s table': [
    `create policy bad on shop.customer for select using (true);`,
    /shop\.customer\.bad is a policy that sealing did not make/,
  ],
  'a rule that rewrites': [
    `${GOOD} create rule bad as on insert to good do also delete from good;`,
    /trial\.good\.bad is a rule/,
  ],
  'a counter that all workspaces share': [
    table('n bigint generated always as identity'),
    /trial\.bad_n_seq counts for all workspaces together/,
  ],
  'a table that a crash empties': [
    'create unlogged table bad (like workspace_row including all);',
    /trial\.bad is not kept through a crash/,
  ],
  ...Object.fromEntries(
    [
      'numeric',
      'numeric(12, 2)',
      'real',
      'double precision',
      'money',
      'numeric[]',
      'mood',
      'mood[]',
      'price',
      'price[]',
      'pair',
      'citext',
    ].map((type) => [
      `a column of type ${type}`,
      [
        `create type mood as enum ('good', 'bad'); create domain price as numeric; create domain citext as text;
        create type pair as (a int, b price); ${table(`n ${type}`)}`,
        TYPE,
      ],
    ]),
  ),
}

for (const [what, [sql, why]] of Object.entries(refused))
  test(`sealing refuses ${what} by name, and leaves the database as it was`, async () => {
    const before = await shape()
    await assert.rejects(apply(sql), (error) => {
      assert.ok(error instanceof Trouble, String(error))
      assert.match(error.message, why)
      return true
    })
    assert.deepEqual(await shape(), before)
  })

test('a good table is sealed: row security is forced, one policy reads and writes, one role has rights', async () => {
  await apply(GOOD)
  const role = stage.parts.deployment.names.role('trial')
  const [row] = await rows(`select relrowsecurity as enabled, relforcerowsecurity as forced,
      array_agg(concat_ws(' ', p.polname, p.polcmd, p.polpermissive,
        pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))) as policies
    from pg_class c join pg_policy p on p.polrelid = c.oid where c.oid = 'trial.good'::regclass group by c.oid`)
  const is = '(workspace_id = tenancy.current_workspace())'
  assert.deepEqual(row, { enabled: true, forced: true, policies: [`sealed * t ${is} ${is}`] })
  assert.deepEqual(await rightsOn('trial.good'), [
    `${role} DELETE`,
    `${role} INSERT`,
    `${role} SELECT`,
    `${role} UPDATE`,
  ])
})

test('what a migration opened is shut again: row security, policy and rights, on every table', async () => {
  const { names } = stage.parts.deployment
  const before = [await rightsOn('shop.customer'), await rightsOn('audit.entry'), await rightsOn('identity.key')]
  await apply(`${GOOD}
    alter table shop.customer disable row level security; alter table shop.customer no force row level security;
    drop policy sealed on shop.customer; alter policy sealed on shop.invoice using (true) with check (true);
    grant all on shop.customer to public; grant truncate on audit.entry to ${names.role('audit')};
    grant update (role) on identity.key to ${names.role('other')};
    grant select on identity.key to ${names.role('shop')}`)
  assert.deepEqual(
    [await rightsOn('shop.customer'), await rightsOn('audit.entry'), await rightsOn('identity.key')],
    before,
  )
  const open =
    await rows(`select c.relname from pg_class c join pg_policy p on p.polrelid = c.oid and p.polname = 'sealed'
    where relnamespace = 'shop'::regnamespace and not (relrowsecurity and relforcerowsecurity
      and pg_get_expr(polqual, polrelid) = pg_get_expr(polwithcheck, polrelid)
      and pg_get_expr(polqual, polrelid) like '%current_workspace()%')`)
  assert.deepEqual(open, [])
  assert.equal((await rows(`select from pg_policy where polrelid = 'shop.customer'::regclass`)).length, 1)
})

test('nobody but the deployment’s own roles may enter a schema or call what is in it', async () => {
  await apply(`${GOOD} create function good_function() returns int language sql return 1;`)
  const [row] = await rows(`select
      concat_ws(' ', coalesce(n.nspacl::text, 'anyone'), coalesce(p.proacl::text, 'anyone')) as acl
    from pg_namespace n join pg_proc p on p.pronamespace = n.oid where nspname = 'trial' and proname = 'good_function'`)
  assert.doesNotMatch(String(row!['acl']), /[{,]=|anyone/, 'PUBLIC is written as nothing before the sign')
})

async function apply(sql: string): Promise<void> {
  const { names, schemas } = stage.parts.deployment
  writeFileSync(join(folder, '0001_trial.sql'), sql)
  const streams = [...streamsOf(stage.parts.modules), { schema: 'trial', directory: pathToFileURL(`${folder}/`) }]
  await migrate(client, names, streams, (admin) => seal(admin, names, [...schemas, 'trial']))
}

const rows = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows

/** Everything that a migration could have left behind. */
const shape = () =>
  rows(`select concat_ws(' ', 'table', relname, relacl, relrowsecurity, relforcerowsecurity) as is from pg_class
      where relnamespace::regnamespace::text in ('trial', 'shop', 'tenancy') union
    select 'schema ' || nspname || coalesce(nspacl::text, '') from pg_namespace union
    select 'policy ' || polname || polrelid::regclass from pg_policy union
    select 'file ' || stream || file from tenancy.migration order by 1`)

const rightsOn = async (name: string) =>
  (
    await client.query<{ is: string }>(
      `select coalesce(g.rolname, 'public') || ' ' || privilege_type as is from (
         select (aclexplode(relacl)).* from pg_class where oid = $1::regclass union all
         select (aclexplode(attacl)).* from pg_attribute where attrelid = $1::regclass) a
       left join pg_roles g on g.oid = a.grantee where a.grantee <> a.grantor order by 1`,
      [name],
    )
  ).rows.map((row) => row.is)
