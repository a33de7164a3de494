import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createAttempts } from '../kernel/limits/attempts.ts'
import type { Who } from '../kernel/limits/attempts.ts'
import { postgresStore } from '../kernel/limits/postgres-store.ts'
import { redisStore } from '../kernel/limits/redis-store.ts'
import type { Store } from '../kernel/limits/store.ts'
import { Pool } from '../kernel/postgres/pool.ts'
import type { Login } from '../kernel/postgres/pool.ts'

/** Another process that tries to sign in, so many times at once, and tells how many tries it was allowed. */
export type Spender = { who: Who; count: number } & (Postgres | Redis)
type Postgres = { login: Login; role: string }
/** `authority`: a file with whom to trust, besides everybody else. */
type Redis = { redis: string; authority?: string }

export async function spendElsewhere(given: Spender): Promise<number> {
  const trusting = 'authority' in given ? { NODE_EXTRA_CA_CERTS: given.authority } : {}
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [fileURLToPath(import.meta.url), JSON.stringify(given)],
    { env: { ...process.env, ...trusting } },
  )
  return Number(stdout)
}

async function beSpender(given: Spender): Promise<void> {
  await using opened = new AsyncDisposableStack()
  const store = 'redis' in given ? opened.use(await redisStore(given.redis, 'shared')) : inPostgres(given, opened)
  const attempts = createAttempts(store, (text) => text.slice(0, 40))
  const told = await Promise.all(Array.from({ length: given.count }, () => attempts.spend('sign-in', given.who)))
  console.log(told.filter(({ allowed }) => allowed).length)
}

function inPostgres({ login, role }: Postgres, opened: AsyncDisposableStack): Store {
  const pool = opened.adopt(new Pool(login, 3), (open) => open.end())
  return postgresStore(async (text, values = []) => {
    const as = { text: `select set_config('role', $1, true)`, values: [role] }
    return (await pool.run([as, { text, values }]))[1]!.rows
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await beSpender(JSON.parse(process.argv[2]!) as Spender)
