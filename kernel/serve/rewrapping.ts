import type pg from 'pg'
import { identityScope, LOBBY } from '../identity/lobby.ts'
import { Pool } from '../postgres/pool.ts'
import type { Login } from '../postgres/pool.ts'
import { changing } from '../postgres/work.ts'
import { asAdmin } from '../tenancy/cluster.ts'
import type { Names } from '../tenancy/names.ts'
import type { Vault } from '../vault/vault.ts'

/**
 * After a new master key: what is sealed for years, the secrets of people's apps and the keys that sign the audit logs,
 * comes under it. What is sealed for days, letters and kept answers, ends sooner than an operator takes the older key
 * away.
 */
export async function rewrapRealm(vault: Vault, names: Names, realm: Login, admin: Login): Promise<void> {
  await rewrapApps(vault, names, realm)
  await asAdmin(admin, realm.database, (client) => rewrapLogs(vault, client))
}

async function rewrapApps(vault: Vault, names: Names, realm: Login): Promise<void> {
  const pool = new Pool(realm, 1)
  const lobby = changing(pool, identityScope(names, LOBBY))
  try {
    for (let after = LOBBY; ;) {
      const { rows } = await lobby.run({ text: BEHIND, name: 'behind', values: [underCurrent(vault), after, AT_ONCE] })
      const behind = rows as { id: string; secret: string }[]
      for (const { id, secret } of behind)
        await lobby.run({ text: MOVE, name: 'rewrap', values: [id, secret, vault.rewrap(secret)] })
      if (behind.length < AT_ONCE) return
      after = behind.at(-1)!.id
    }
  } finally {
    await pool.end()
  }
}

/** No login of the app may read them. */
async function rewrapLogs(vault: Vault, admin: pg.Client): Promise<void> {
  await admin.query(`select set_config('app.workspace', $1, false)`, [LOBBY])
  const { rows } = await admin.query<{ id: string; secret: string }>(
    'select id, secret from audit.log where secret not like $1',
    [underCurrent(vault)],
  )
  for (const { id, secret } of rows)
    await admin.query('update audit.log set secret = $2 where id = $1', [id, vault.rewrap(secret)])
}

/** The same of the platform's own staff, and of the key of a witness; only whoever runs this may change their rows. */
export async function rewrapControl(vault: Vault, admin: pg.Client): Promise<void> {
  for (const [table, column] of SEALED) {
    // A colleague whom a probe makes up for a moment has no app at all.
    const { rows } = await admin.query<{ secret: string }>(
      `select ${column} as secret from ${table} where ${column} <> '' and ${column} not like $1`,
      [underCurrent(vault)],
    )
    for (const { secret } of rows)
      await admin.query(`update ${table} set ${column} = $2 where ${column} = $1`, [secret, vault.rewrap(secret)])
  }
}

const SEALED = [
  ['staff.person', 'app'],
  ['staff.invitation', 'app'],
  ['witness.key', 'secret'],
] as const

/** As many as are held in memory at a time. */
const AT_ONCE = 500

const underCurrent = (vault: Vault) => `v1.${vault.ring().current}.%`

const BEHIND = 'select id, secret from identity.factor where secret not like $1 and id > $2 order by id limit $3'
/** Unless somebody set it up anew meanwhile. */
const MOVE = 'update identity.factor set secret = $3 where id = $1 and secret = $2'
