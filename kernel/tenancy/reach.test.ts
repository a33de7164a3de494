import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { jeweller } from '../../editions/jeweller/edition.ts'
import type { Canary, Sql } from '../contract/control.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'
import { Intruder, rowsOf, tablesOf } from './intruder.ts'
import type { Said, Table, Told } from './intruder.ts'
import type { Names } from './names.ts'

/** What the application's login can reach that is not a row: other roles, other eyes, the walls themselves. */
type Arena = {
  kind: 'pool' | 'database'
  canary: Canary
  /** The neighbour's workspace. */
  other: string
  /** What the login may become. */
  allowed: readonly string[]
  /** As any role in the canary's workspace. */
  as: (role: string | undefined, ...said: Said[]) => Promise<Told>
  nowhere: (role: string | undefined, ...said: Said[]) => Promise<Told>
  tables: readonly Table[]
  names: Names
  owner: Sql
}

type Attempt = (arena: Arena) => Promise<void>

const attempts: Record<string, Attempt> = {
  async 'it cannot take down a wall: truncate, policies, triggers, rules, row security'({ tables, as }) {
    for (const { role, full } of tables)
      for (const demolish of DEMOLITION) isRefused(await as(role, [demolish(full)]), demolish(full))
  },

  async 'it makes nothing, and reads no files and no passwords'({ names, as }) {
    for (const statement of ESCAPES) isRefused(await as(names.role('shop'), [statement]), statement)
  },

  async 'it cannot switch row security off for itself'({ tables, as }) {
    for (const { full, role } of tables.filter(({ reads }) => reads))
      isRefused(await as(role, ['set local row_security = off'], [`select from ${full}`]), full)
  },

  async 'it becomes the roles that it needs and no other, and outside of them it may do nothing (ASVS 13.2.2)'({
    canary,
    allowed,
    as,
    nowhere,
    names,
    tables,
  }) {
    const became: string[] = []
    for (const { role } of await canary.catalogue('select rolname::text as role from pg_roles')) {
      const { code } = await nowhere(undefined, [`set role ${pg.escapeIdentifier(String(role))}`])
      if (!code) became.push(String(role))
    }
    assert.deepEqual(new Set(became), new Set(allowed))
    for (const { full } of tables) isRefused(await as(undefined, [`select from ${full}`]), full)
    const looking = [names.watcher, names.worker]
    for (const mine of allowed.filter((role) => !looking.includes(role)))
      for (const { full } of tables.filter(({ role }) => role !== mine))
        isRefused(await as(mine, [`select from ${full}`]), `${mine} reads ${full}`)
  },

  async 'roles that look across workspaces see counters, jobs and letters that are due, and nothing else'({
    names,
    tables,
    nowhere,
  }) {
    for (const role of [names.watcher, names.worker])
      for (const { full } of tables.filter(
        ({ full }) => !['identity.epoch', 'events.job', 'mail.letter'].includes(full),
      ))
        isRefused(await nowhere(role, [`select from ${full}`]), full)
    assert.ok(rowsOf(await nowhere(names.watcher, ['select workspace_id, n from identity.epoch'])).length > 0)
    for (const wish of [
      'select id from identity.epoch',
      'update identity.epoch set n = 0',
      'delete from identity.epoch',
    ])
      isRefused(await nowhere(names.watcher, [wish]), wish)
    for (const wish of [
      `update events.job set input = '{}'`,
      'insert into events.job default values',
      `update mail.letter set recipient = 'else@example.com'`,
      `update mail.letter set template = 'reset'`,
      'update mail.letter set workspace_id = gen_random_uuid()',
      'insert into mail.letter default values',
    ])
      isRefused(await nowhere(names.worker, [wish]), wish)
  },

  async 'it can ask for somebody to be forgotten, and not say by which words, or that it was done'({ names, as }) {
    for (const [column, value] of [
      ['words', `'{a}'`],
      ['known', 'true'],
      ['done_at', 'now()'],
    ]) {
      const wish = `insert into audit.erasure (subject, reason, asked_by, ids, ${column})
        values (gen_random_uuid(), 'a', 'a', '{}', ${value})`
      isRefused(await as(names.role('audit'), [wish]), wish)
    }
  },

  async 'a condition that leaks is asked of one’s own rows only: no error carries a neighbour’s value'({
    canary,
    names,
    as,
    nowhere,
  }) {
    const leak = 'select count(*)::int as n from shop.customer where name::int > 0'
    assert.match((await as(names.role('shop'), [leak])).message, RegExp(canary.marker))
    assert.deepEqual(rowsOf(await nowhere(names.role('shop'), [leak])), [{ n: 0 }])
  },

  async 'injected SQL that names another workspace gets no further than its own database'({ kind, names, other, as }) {
    const told = await as(names.role('shop'), [`select set_config('app.workspace', $1, true)`, other], [COUNT])
    const found = Number(rowsOf(told)[0]!['n'])
    // In the pool this is the known limit: row security stops mistakes, and who injects SQL makes none.
    assert.equal(found > 0, kind === 'pool')
    for (const setting of ['row_security', 'session_replication_role', 'role'])
      isRefused(
        await as(names.role('shop'), [`select set_config($1, $2, true)`, setting, ODD[setting]!], [COUNT]),
        setting,
      )
  },

  async 'a plan that was made for one role and workspace serves no other: stale plans'({ names, as, nowhere }) {
    const [shop, other] = [names.role('shop'), names.role('identity')]
    for (const mode of ['force_generic_plan', 'force_custom_plan', 'auto']) {
      const plan = `plan_${mode}`
      rowsOf(await as(shop, [`set local plan_cache_mode = ${mode}`], [`prepare ${plan} as ${COUNT}`]))
      for (let round = 0; round < 7; round++) {
        const [own, none] = [await as(shop, [`execute ${plan}`]), await nowhere(shop, [`execute ${plan}`])]
        assert.ok(Number(rowsOf(own)[0]!['n']) > 0)
        assert.deepEqual(rowsOf(none), [{ n: 0 }])
        isRefused(await as(other, [`execute ${plan}`]), plan)
        isRefused(await as(undefined, [`execute ${plan}`]), plan)
      }
    }
  },

  async 'what the planner knows of everybody’s values is hidden'({ canary, names, as }) {
    await canary.catalogue('analyze shop.customer')
    const values = `select count(*)::int as n from pg_stats where schemaname = 'shop'`
    const known = await canary.catalogue(`select count(*)::int as n from pg_stats where tablename = 'customer'`)
    assert.ok(Number(known[0]!['n']) > 0)
    assert.deepEqual(rowsOf(await as(names.role('shop'), [values])), [{ n: 0 }])
  },

  async 'the owner without a workspace sees no rows, because row security is forced'({ tables, owner }) {
    for (const { full } of tables)
      assert.deepEqual(await owner(`select count(*)::int as n from ${full}; rollback`), [{ n: 0 }], full)
    const lift = 'alter table shop.customer no force row level security'
    const seen = await owner(`${lift}; select count(*)::int as n from shop.customer; rollback`)
    assert.ok(Number(seen[0]!['n']) > 0, 'without force the owner would have seen them')
  },

  async 'an owner’s view, materialized view or function lends nobody its eyes, even if one came to be'({
    canary,
    names,
    as,
    owner,
  }) {
    const role = names.role('shop')
    await owner(`
        create view shop.eyes as select * from shop.customer;
        create materialized view shop.still as select * from shop.customer;
        create function shop.definer() returns setof shop.customer language sql security definer
          as 'select * from shop.customer';
        grant select on shop.eyes, shop.still to ${role}; commit`)
    const seen = async (from: string) => rowsOf(await as(role, [`select workspace_id as id from ${from}`]))
    const own = { id: canary.workspace }
    for (const from of ['shop.eyes', 'shop.definer()']) assert.deepEqual((await seen(from))[0], own, from)
    for (const from of ['shop.eyes', 'shop.still', 'shop.definer()'])
      assert.ok(
        (await seen(from)).every(({ id }) => id === own.id),
        from,
      )
    await owner('drop view shop.eyes; drop materialized view shop.still; drop function shop.definer(); commit')
  },
}

let here: World
before(async () => {
  here = await world(jeweller)
})
after(() => here[Symbol.asyncDispose]())

for (const kind of ['pool', 'database'] as const)
  for (const [what, make] of Object.entries(attempts))
    test(`the login of a ${kind} realm: ${what}`, async () => {
      const { north: canary, south } = here.served.live.canaries.find((one) => one.kind === kind)!
      const { realms, admin, names, schemas } = here.served.parts.deployment
      const { realm } = (await realms.place(canary.workspace))!
      const folders = schemas.filter((schema) => schema !== 'tenancy').map(names.role)
      const crossing = [names.recorder, names.watcher, names.worker, ...(kind === 'pool' ? [names.directory] : [])]
      await using intruder = await Intruder.enter(admin, realm)
      await make({
        kind,
        canary,
        other: south.workspace,
        allowed: [realm.login, ...folders, ...crossing],
        as: (role, ...said) => intruder.attempt(role, canary.workspace, ...said),
        nowhere: (role, ...said) => intruder.attempt(role, undefined, ...said),
        tables: await tablesOf(canary, names, schemas),
        names,
        owner: (text) => canary.catalogue(`begin; set local role ${names.owner}; ${text}`),
      })
    })

const isRefused = ({ code }: Told, what: string) => assert.match(code, /^(?:42501|0A000)$/, what)

/** What an intruder would set a setting to. */
const ODD: Record<string, string> = { row_security: 'off', session_replication_role: 'replica', role: 'postgres' }

const COUNT = 'select count(*)::int as n from shop.customer'

const DEMOLITION: ((full: string) => string)[] = [
  (full) => `truncate ${full}`,
  (full) => `truncate ${full} cascade`,
  (full) => `drop table ${full}`,
  (full) => `alter table ${full} disable row level security`,
  (full) => `alter table ${full} no force row level security`,
  (full) => `alter table ${full} owner to current_user`,
  (full) => `drop policy sealed on ${full}`,
  (full) => `create policy mine on ${full} using (true)`,
  (full) => `create rule mine as on insert to ${full} do nothing`,
  (full) => `create trigger mine before insert on ${full} execute function suppress_redundant_updates_trigger()`,
  (full) => `copy ${full} from stdin`,
]

const ESCAPES = [
  'create table mine (a int)',
  'create temp table mine (a int)',
  'create schema mine',
  'create view mine as select 1',
  'create function mine() returns int language sql return 1',
  `create or replace function tenancy.current_workspace() returns uuid language sql return gen_random_uuid()`,
  `copy (select 1) to '/dev/null'`,
  `copy (select 1) to program 'true'`,
  `select pg_read_file('PG_VERSION')`,
  `select lo_import('PG_VERSION')`,
  'set session_replication_role = replica',
  'create role mine',
  'create extension dblink',
  'select * from pg_authid',
  'select * from tenancy.migration',
]
