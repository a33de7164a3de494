import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { editionCalled, editionNames } from '../cli/editions.ts'
import { helpdesk } from '../editions/helpdesk/edition.ts'
import type { Edition } from '../kernel/contract/edition.ts'
import type { Parts } from '../kernel/serve/parts.ts'
import { asAdmin } from '../kernel/tenancy/cluster.ts'
import { openStage, world } from '../kernel/testing.ts'
import type { World } from '../kernel/testing.ts'
import { ticketFor } from './letters.ts'
import { owner, PASSWORD, post, signIn } from './visitors.ts'

/** What docs/data.md says about each column, held against the tables that there are and against what lies in them. */
const page = readFileSync('docs/data.md', 'utf8')
const CLASSES = ['secret', 'personal', 'business', 'internal'] as const
type Class = (typeof CLASSES)[number]
/** Table → column → class. */
type Classed = Map<string, Map<string, Class>>

const [inRealm, inControl] = page.split('## The columns of ').slice(1).map(read) as [Classed, Classed]

function read(section: string): Classed {
  const lines = [...section.matchAll(/^- `([a-z_.]+)`: (.+)$/gm)]
  return new Map(lines.map(([, table = '', said = '']) => [table, new Map(said.split(' · ').flatMap(classed))]))
}

function classed(part: string): [string, Class][] {
  const [word = '', ...names] = part.split(/,? /)
  const known = CLASSES.find((one) => one === word)
  assert.ok(known, `${word} is no class`)
  return names.map((name) => [name, known])
}

let here: World
before(async () => {
  here = await world(helpdesk)
})
after(() => here[Symbol.asyncDispose]())

test('every column of every table has a class, and no class is of a column that is gone (ASVS 14.1.1)', async () => {
  const seen = new Set<string>()
  for (const edition of await fewestEditions()) {
    await using stage = await openStage(edition)
    const { names } = stage.parts.deployment
    await compare(stage.parts, names.pool, inRealm, seen)
    await compare(stage.parts, names.deployment, inControl, seen)
  }
  const said = [...inRealm.keys(), ...inControl.keys()].filter((table) => !seen.has(table))
  assert.deepEqual(said, [], 'no edition has these tables')
})

/** Those that have all modules between them. */
async function fewestEditions(): Promise<Edition[]> {
  const all = await Promise.all(editionNames.map(editionCalled))
  const covered = new Set<string>()
  return all
    .toSorted((one, other) => other.modules.length - one.modules.length)
    .filter(({ modules }) => {
      const news = modules.filter(({ name }) => !covered.has(name))
      for (const { name } of news) covered.add(name)
      return news.length > 0
    })
}

async function compare({ deployment }: Parts, database: string, said: Classed, seen: Set<string>) {
  for (const [table, columns] of await columnsIn(deployment.admin, database)) {
    if (table === 'tenancy.workspace_row') continue
    seen.add(table)
    const own = columns.filter((column) => !['workspace_id', 'id', 'created_at'].includes(column))
    assert.deepEqual([...(said.get(table) ?? new Map<string, Class>()).keys()].sort(), own.sort(), table)
  }
}

const columnsIn = (admin: Parts['deployment']['admin'], database: string) =>
  asAdmin(admin, database, async (client) => {
    const { rows } = await client.query<{ name: string; columns: string[] }>(COLUMNS)
    return new Map(rows.map(({ name, columns }) => [name, columns]))
  })

const COLUMNS = `select table_schema || '.' || table_name as name, array_agg(column_name::text) as columns
  from information_schema.columns where table_schema not in ('pg_catalog', 'information_schema') group by 1`

test('what is secret lies there as a digest or sealed, and nowhere else as itself (ASVS 14.1.2, 14.2.4)', async () => {
  const known = await someSecrets()
  let stored = 0
  for (const [database, said] of databases())
    for (const [table, columns] of said) {
      const rows = await rowsOf(database, table)
      for (const [column, kind] of columns)
        for (const value of rows.map((row) => row[column]).filter((one) => kind === 'secret' && one !== null)) {
          assert.match(String(value), STORED, `${table}.${column}`)
          stored++
        }
      const all = JSON.stringify(rows)
      for (const [what, secret] of known) assert.ok(!all.includes(secret), `${what} lies in ${table}`)
    }
  assert.ok(stored > 10, `only ${stored} secrets were looked at`)
})

test('what is about people lies behind row security, or is the platform’s own (ASVS 14.1.2, 14.2.4)', async () => {
  const isDelicate = (columns: Map<string, Class>) => [...columns.values()].some((kind) => kind !== 'internal')
  const { names, admin } = here.served.parts.deployment
  const walled = await asAdmin(admin, names.pool, async (client) => {
    const { rows } = await client.query<{ name: string }>(WALLED)
    return new Set(rows.map(({ name }) => name))
  })
  const own = await columnsIn(admin, names.pool)
  for (const [table, columns] of inRealm) if (own.has(table) && isDelicate(columns)) assert.ok(walled.has(table), table)
  for (const [table, columns] of inControl) {
    assert.ok(![...columns.values()].includes('business'), table)
    if (isDelicate(columns)) assert.match(table, /^(?:limits|staff)\.|^directory\.(?:realm|deployment)$|^witness\.key$/)
  }
})

const WALLED = `select n.nspname || '.' || c.relname as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and c.relrowsecurity and c.relforcerowsecurity`

/** Sealed by the vault, SHA-256, argon2id or bcrypt. */
const STORED =
  /^(?:v1\.[0-9a-f]{16}\.[\w-]{80}\.[\w-]{16}\.[\w-]{22,}|[0-9a-f]{64}|\$argon2id\$v=19\$.+|\$2b\$\d\d\$.{53})$/

const databases = () => {
  const { names } = here.served.parts.deployment
  return [[names.pool, inRealm] as const, [names.deployment, inControl] as const]
}

const rowsOf = (database: string, table: string) =>
  asAdmin(here.served.parts.deployment.admin, database, async (client) => {
    // A module that this edition does not have.
    if ((await client.query('select from pg_class where oid = to_regclass($1)', [table])).rowCount === 0) return []
    return (await client.query<Record<string, unknown>>(`select * from ${table}`)).rows
  })

/** Of every kind that lets somebody in, one that does. */
async function someSecrets(): Promise<[string, string][]> {
  const asha = await owner(here)
  const { body } = await signIn(here, asha.email)
  const once = { 'idempotency-key': '"made-once"' }
  const key = await here.as('owner').call('identity.key.create', { name: 'Till', role: 'owner' }, once)
  await post(here, '/auth/reset-send', { email: asha.email })
  return [
    ['a password', PASSWORD],
    ['an access token', body.session.accessToken as string],
    ['a refresh token', body.session.refreshToken as string],
    ['a key', key.body.token as string],
    ['a mailed link', await ticketFor(here, asha.email, 'reset')],
    ['a realm’s password', here.north.place.realm.password],
  ]
}
