import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../kernel/base/config.ts'
import { newToken } from '../kernel/identity/token.ts'
import type { Login } from '../kernel/postgres/pool.ts'
import { boot } from '../kernel/serve/boot.ts'
import type { Parts } from '../kernel/serve/parts.ts'
import { ownerOf } from '../kernel/serve/workspaces.ts'
import { asAdmin } from '../kernel/tenancy/cluster.ts'
import { jeweller } from '../editions/jeweller/edition.ts'

/**
 * A throw-away deployment, as durable as a real one, full of shops whose rows were written by SQL rather than one by
 * one.
 */
export type World = AsyncDisposable & { data: string; parts: Parts; admin: Login; workspaces: readonly Workspace[] }
/** One key opens it; `rows` are a few of its customers. */
export type Workspace = { id: string; key: string; rows: readonly string[] }

export type Size = { workspaces: number; rows: number }

export async function openWorld(size: Size): Promise<World> {
  const data = mkdtempSync(join(tmpdir(), 'vouchsafe-bench-'))
  const remove = () => rmSync(data, { recursive: true, force: true })
  try {
    const booted = await boot(readConfig({ VOUCHSAFE_DATA: data, EDITION: jeweller.name }), jeweller)
    const { parts } = booted
    return {
      data,
      parts,
      admin: { ...parts.deployment.admin, database: parts.deployment.names.pool },
      workspaces: await fill(parts, size),
      async [Symbol.asyncDispose]() {
        await booted[Symbol.asyncDispose]()
        remove()
      },
    }
  } catch (error) {
    remove()
    throw error
  }
}

/** How many of a workspace's rows are asked for by id. */
const KNOWN_ROWS = 20

async function fill(parts: Parts, size: Size): Promise<Workspace[]> {
  const { admin, names } = parts.deployment
  const made = Array.from({ length: size.workspaces }, () => {
    const id = randomUUID()
    return { id, ...newToken(id) }
  })
  const ids = made.map(({ id }) => id)
  await asAdmin(admin, names.deployment, (client) => client.query(PLACES, [ids]))
  return await asAdmin(admin, names.pool, async (client) => {
    await client.query(
      'insert into identity.workspace (workspace_id, id, name) select id, id, $2 from unnest($1::uuid[]) id',
      [ids, 'A shop'],
    )
    const columns = [ids, made.map(({ prefix }) => prefix), made.map(({ hash }) => hash), ownerOf(parts)]
    await client.query(KEYS, columns)
    // These rights changed long ago, as nearly all rights of a real deployment have.
    await client.query(`update identity.epoch set changed_at = changed_at - interval '1 day'`)
    // Nobody records it, so nothing notes what it changes.
    await client.query('set session_replication_role = replica')
    await client.query(CUSTOMERS, [ids, size.rows])
    await client.query('reset session_replication_role')
    await client.query('vacuum analyze')
    await client.query('checkpoint')
    const { rows } = await client.query<{ id: string; rows: string[] }>(SOME, [Math.ceil(size.rows / KNOWN_ROWS)])
    const known = new Map(rows.map((row) => [row.id, row.rows]))
    return made.map(({ id, token }) => ({ id, key: token, rows: known.get(id)! }))
  })
}

const PLACES = `insert into directory.workspace (id, realm_id)
  select id, (select r.id from directory.realm r where r.kind = 'pool') from unnest($1::uuid[]) id`
const KEYS = `insert into identity.key (workspace_id, name, role, prefix, hash)
  select id, 'First key', $4, prefix, hash from unnest($1::uuid[], $2::text[], $3::text[]) k (id, prefix, hash)`
const CUSTOMERS = `insert into shop.customer (workspace_id, name, phone, email, tax_number, address, note)
  select id, 'Customer ' || n, '+9715' || 1000000 + n, 'customer.' || n || '@example.com', 'T-' || n,
    '3 Harbour Lane, Kochi', 'prefers gold'
  from unnest($1::uuid[]) id, generate_series(1, $2::int) n`
const SOME = `select workspace_id as id, array_agg(id) as rows from
  (select workspace_id, id, row_number() over (partition by workspace_id order by id) as n from shop.customer) c
  where n % $1::int = 0 group by workspace_id`
