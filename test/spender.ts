import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createAttempts } from '../kernel/limits/attempts.ts'
import type { Who } from '../kernel/limits/attempts.ts'
import { postgresStore } from '../kernel/limits/postgres-store.ts'
import { redisStore } from '../kernel/limits/redis-store.ts'
import { Pool } from '../kernel/postgres/pool.ts'
import type { Login } from '../kernel/postgres/pool.ts'

/** Another process that tries to sign in, so many times at once, and tells how many tries it was allowed. */
export type Spender = { login: Login; role: string; redis?: string | undefined; who: Who; count: number }

export async function spendElsewhere(given: Spender): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    fileURLToPath(import.meta.url),
    JSON.stringify(given),
  ])
  return Number(stdout)
}

async function beSpender({ login, role, redis, who, count }: Spender): Promise<void> {
  const pool = new Pool(login, 3)
  await using kept = redis ? await redisStore(redis, 'shared') : undefined
  const store =
    kept ??
    postgresStore(async (text, values = []) => {
      const as = { text: `select set_config('role', $1, true)`, values: [role] }
      return (await pool.run([as, { text, values }]))[1]!.rows
    })
  const attempts = createAttempts(store, (text) => text.slice(0, 40))
  const told = await Promise.all(Array.from({ length: count }, () => attempts.spend('sign-in', who)))
  console.log(told.filter(({ allowed }) => allowed).length)
  await pool.end()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await beSpender(JSON.parse(process.argv[2]!) as Spender)
