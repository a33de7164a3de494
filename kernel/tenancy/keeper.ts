import { Pool } from '../postgres/pool.ts'
import type { Login } from '../postgres/pool.ts'
import type { Realm } from './realms.ts'

/**
 * Connections of the login that keeps the audit logs: the only one, besides whoever owns the tables, that reads all of
 * a realm's entries and can forget what one said. A few realms at a time, least recently used first out.
 */
export class Keeper implements AsyncDisposable {
  private readonly login: Login
  private readonly pools = new Map<string, Pool>()

  constructor(login: Login) {
    this.login = login
  }

  open({ database }: Pick<Realm, 'database'>): Pool {
    const pool = this.pools.get(database) ?? new Pool(this.loginTo({ database }), CONNECTIONS, IDLE_MS)
    this.pools.delete(database)
    this.pools.set(database, pool)
    this.makeRoom()
    return pool
  }

  /** For what takes long, and has a connection of its own. */
  loginTo({ database }: Pick<Realm, 'database'>): Login {
    return { ...this.login, database }
  }

  async [Symbol.asyncDispose]() {
    const pools = [...this.pools.values()]
    this.pools.clear()
    await Promise.all(pools.map((pool) => pool.end()))
  }

  private makeRoom() {
    const spare = this.pools.size - MOST_OPEN
    for (const [database, pool] of [...this.pools]
      .filter(([, { active }]) => active === 0)
      .slice(0, Math.max(0, spare))) {
      this.pools.delete(database)
      void pool.end()
    }
  }
}

/** One reads ahead while the other writes. */
const CONNECTIONS = 2
/** A realm that is quiet keeps no connection of its own. */
const IDLE_MS = 5_000
const MOST_OPEN = 8
