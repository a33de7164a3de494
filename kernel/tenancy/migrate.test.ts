import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { Trouble } from '../base/trouble.ts'
import { streamsOf } from '../serve/open.ts'
import { testServer } from '../testing.ts'
import { openVault } from '../vault/vault.ts'
import { abandon, asAdmin } from './cluster.ts'
import { found } from './deployment.ts'
import type { Deployment } from './deployment.ts'
import { migrate } from './migrate.ts'
import type { Stream } from './migrate.ts'
import { namesOf } from './names.ts'
import type { Realm } from './realms.ts'

/** Migrations that were changed, cut off, raced, or belong to tomorrow: a database is as expected or as it was. */
let server: Awaited<ReturnType<typeof testServer>>
const folder = mkdtempSync(join(tmpdir(), 'vouchsafe-migrate-'))
const vault = openVault({ folder })
const names: string[] = []
const opened: Deployment[] = []
before(async () => {
  server = await testServer()
})
after(async () => {
  for (const deployment of opened) await deployment[Symbol.asyncDispose]()
  for (const deployment of names) await abandon(server.admin, namesOf(deployment))
  await server.stop()
  rmSync(folder, { recursive: true })
})

test('processes that start at the same time found one deployment and apply each file once', async () => {
  const here = trial()
  const all = await Promise.all([open(here), open(here), open(here)])
  assert.equal(all.filter(({ fresh }) => fresh).length, 1)
  assert.deepEqual(await sql(here.deployment, 'select database from directory.realm'), [{ database: here.names.pool }])
  here.write('0002_more.sql', 'alter table thing add more text;')
  await Promise.all([open(here), open(here)])
  assert.ok((await shape(here.names.pool)).includes('column trial.thing.more text'))
  const empty = await scratch(here)
  const byHand = () =>
    asAdmin(server.admin, empty, (client) => migrate(client, here.names, here.streams, async () => undefined))
  const counts = await Promise.all([byHand(), byHand(), byHand()])
  const files = (await sql(empty, 'select from tenancy.migration')).length
  assert.deepEqual(
    counts.sort((a, b) => a - b),
    [0, 0, files],
  )
})

suite('one deployment whose migrations go wrong', () => {
  let here: Trial
  before(async () => {
    here = trial()
    await open(here)
  })

  test('a migration that fails leaves everything as it was, with the ones before it in the same start', async () => {
    const before = await shape(here.names.pool)
    here.write('0002_good.sql', 'alter table thing add good text;')
    here.write('0003_bad.sql', 'alter table thing add bad text; alter table thing add bad text;')
    await assert.rejects(open(here), { code: '42701' })
    assert.deepEqual(await shape(here.names.pool), before)
    here.write('0003_bad.sql', 'alter table thing add bad text;')
    await open(here)
    assert.deepEqual((await shape(here.names.pool)).length, before.length + 4, 'two columns and two files')
  })

  test('a migration that was changed after it was applied stops the start, in realms and directory', async () => {
    here.write('0001_things.sql', `${THINGS} -- one little change`)
    await refuses(open(here), /^trial\/0001_things\.sql was changed after it had been applied: .*\.$/)
    here.write('0001_things.sql', THINGS)
    const directory = join(here.folder, 'directory/')
    mkdirSync(directory)
    writeFileSync(join(directory, '0001_directory.sql'), '-- not what it was\n')
    await refuses(open(here, pathToFileURL(directory)), /^directory\/0001_directory\.sql was changed/)
  })

  test('a database that a newer version has used is not touched by an older one', async () => {
    here.write('0004_tomorrow.sql', 'alter table thing add tomorrow text;')
    await open(here)
    here.remove('0004_tomorrow.sql')
    const newer = /^The database was last used by a newer Vouchsafe \(it knows trial\/0004_tomorrow\.sql, /
    await refuses(open(here), newer)
    await refuses(open({ ...here, streams: here.streams.slice(0, -1) }), /^The database was last used by a newer/)
  })

  test('data of one edition is not opened by another', async () => {
    await refuses(
      open({ ...here, edition: 'other' }),
      /^This data belongs to the edition trial: start it with --edition/,
    )
  })
})

suite('one deployment with databases of single workspaces', () => {
  let here: Trial
  let realm: Realm
  before(async () => {
    here = trial()
    const without = await open({ ...here, streams: here.streams.slice(0, -1) })
    realm = (await without.createWorkspace('database')).realm
  })

  test('a module that comes later can be entered in databases that were there before it', async () => {
    const { realms } = await open(here)
    const entered = { text: `select set_config('role', $1, true)`, values: [here.names.role('trial')] }
    const [, told] = await realms.open(realm).run([entered, { text: 'select count(*) from trial.thing' }])
    assert.deepEqual(told!.rows, [{ count: 0 }])
  })

  test('a start that died between template and realms is finished by the next one, realm by realm', async () => {
    here.write('0002_more.sql', 'alter table thing add more text;')
    await sql(realm.database, 'alter table trial.thing add more int')
    await assert.rejects(open(here), { code: '42701' })
    const { template } = here.names
    const [shut] = await sql(
      server.admin.database,
      `select datallowconn from pg_database where datname = '${template}'`,
    )
    assert.deepEqual(shut, { datallowconn: false })
    await sql(realm.database, 'alter table trial.thing drop more')
    await sql(server.admin.database, `alter database ${template} is_template false allow_connections true`)
    const made = await (await open(here)).createWorkspace('database')
    for (const database of [here.names.pool, realm.database, made.realm.database])
      assert.ok((await shape(database)).includes('column trial.thing.more text'), database)
  })

  test('a realm that was sealed by the rules of yesterday is sealed by today’s, without a new migration', async () => {
    const role = here.names.role('trial')
    await sql(
      realm.database,
      `grant truncate on trial.thing to ${role}; alter table trial.thing no force row level security`,
    )
    await sql(here.deployment, `update directory.realm set digest = 'of yesterday'`)
    await open(here)
    const [row] = await sql(
      realm.database,
      `select relforcerowsecurity as forced, has_table_privilege('${role}', oid, 'truncate') as truncates
       from pg_class where oid = 'trial.thing'::regclass`,
    )
    assert.deepEqual(row, { forced: true, truncates: false })
  })
})

test('eight workspaces made at once each get a database of their own', async () => {
  const deployment = await open(trial())
  const places = await Promise.all(Array.from({ length: 8 }, () => deployment.createWorkspace('database')))
  const told = places.map((place) =>
    deployment.realms.open(place.realm).run([{ text: 'select current_database() as d' }]),
  )
  assert.deepEqual(
    (await Promise.all(told)).map(([result]) => result!.rows[0]!['d']),
    places.map((place) => place.realm.database),
  )
  assert.equal(new Set(places.map((place) => place.realm.database)).size, 8)
})

test('an administrator who may make roles and databases, and is no superuser, is enough for everything', async () => {
  const name = `m${randomBytes(5).toString('hex')}`
  const password = randomBytes(12).toString('hex')
  await sql(server.admin.database, `create role ${name} login createrole createdb password '${password}'`)
  await sql(server.admin.database, `create database ${name} owner ${name}`)
  const admin = { ...server.admin, user: name, password, database: name }
  const here = trial()
  const { realms, createWorkspace } = await open(here, undefined, admin)
  const { realm } = await createWorkspace('database')
  const [, told] = await realms
    .open(realm)
    .run([
      { text: `select set_config('role', $1, true)`, values: [here.names.role('trial')] },
      { text: 'select count(*) from trial.thing' },
    ])
  assert.deepEqual(told!.rows, [{ count: 0 }])
  here.write('0002_more.sql', 'alter table thing add more text;')
  await open(here, undefined, admin)
  assert.ok((await shape(realm.database)).includes('column trial.thing.more text'))
  for (const deployment of opened.splice(-2)) await deployment[Symbol.asyncDispose]()
  await abandon(admin, here.names)
  await sql(server.admin.database, `drop database ${name}`)
  await sql(server.admin.database, `drop role ${name}`)
})

const THINGS = 'create table thing (like workspace_row including all, name text);'
type Trial = ReturnType<typeof trial>

/** A deployment of its own with a module whose migrations can be written and taken away. */
function trial() {
  const deployment = `m${randomBytes(5).toString('hex')}`
  const own = mkdtempSync(join(folder, 'trial-'))
  const write = (file: string, text: string) => writeFileSync(join(own, file), text)
  write('0001_things.sql', THINGS)
  names.push(deployment)
  const streams: Stream[] = [...streamsOf([]), { schema: 'trial', directory: pathToFileURL(`${own}/`) }]
  const remove = (file: string) => rmSync(join(own, file))
  return { folder: own, deployment, edition: 'trial', names: namesOf(deployment), streams, write, remove }
}

async function open(
  { deployment, edition, streams }: Trial,
  directory = new URL('directory/', import.meta.url),
  admin = server.admin,
): Promise<Deployment> {
  const control = [
    { schema: 'directory', directory },
    { schema: 'trust', directory: new URL('../trust/migrations/', import.meta.url) },
  ]
  const made = await found({ admin, deployment, edition, vault, streams, control, rewrapIn: async () => undefined })
  opened.push(made)
  return made
}

const refuses = (opening: Promise<unknown>, why: RegExp) =>
  assert.rejects(opening, (error) => {
    assert.ok(error instanceof Trouble, String(error))
    assert.match(error.message, why)
    return true
  })

const sql = (database: string, text: string) =>
  asAdmin(server.admin, database, async (client) => (await client.query<Record<string, unknown>>(text)).rows)

/** A database with nothing in it. */
async function scratch({ deployment }: Trial): Promise<string> {
  await sql(server.admin.database, `create database ${deployment}_scratch template template0`)
  await sql(`${deployment}_scratch`, `grant create on database ${deployment}_scratch to ${deployment}_owner`)
  return `${deployment}_scratch`
}

const shape = async (database: string) =>
  (
    await sql(
      database,
      `select 'file ' || stream || '/' || file as is from tenancy.migration union
      select 'column ' || attrelid::regclass || '.' || attname || ' ' || atttypid::regtype from pg_attribute
      join pg_class c on c.oid = attrelid
      where relnamespace = 'trial'::regnamespace and attnum > 0 and not attisdropped order by 1`,
    )
  ).map((row) => row['is'])
