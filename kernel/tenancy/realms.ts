import { Refusal } from '../contract/refusal.ts'
import { Pool } from '../postgres/pool.ts'
import type { Login } from '../postgres/pool.ts'
import type { Names } from './names.ts'

/**
 * Where each workspace lives, and the way in. A realm is one database; nothing in one can name a row of another. The
 * pool realm is always open; databases of single workspaces are opened when somebody comes and closed, least recently
 * used first, when there are more connections than the server should carry.
 */
export type RealmKind = 'pool' | 'database'
export type Realm = { id: string; kind: RealmKind; database: string; login: string; password: string }
export type Place = { workspace: string; realm: Realm }

/** Connections to the pool realm: more than the cores can use only makes them wait inside Postgres. */
const POOL_CONNECTIONS = 10
/** Connections to one workspace's own database. */
const OWN_CONNECTIONS = 2
/** Pools of single databases that stay open; with theirs, a server of a hundred connections keeps room for us. */
const MOST_OPEN = 36
/** Who was handed a pool has asked it for a connection by then; until it has, the pool only looks idle. */
const HANDED_OUT_MS = 50
/** How many unknown workspaces are remembered as unknown, and for how long: an answer to floods of made-up keys. */
const MOST_UNKNOWN = 10_000
const UNKNOWN_FOR_MS = 2_000

export type Lookup = (workspace: string) => Promise<Place | undefined>

export class Realms implements AsyncDisposable {
  readonly names: Names
  private readonly server: Pick<Login, 'host' | 'port' | 'ssl'>
  private readonly lookup: Lookup
  private readonly places = new Map<string, Place>()
  private readonly unknown = new Map<string, number>()
  /** By database; the second holds the databases of single workspaces, oldest use first. */
  private readonly shared = new Map<string, Pool>()
  private readonly own = new Map<string, Pool>()
  private readonly realms = new Map<string, Realm>()

  constructor(names: Names, server: Pick<Login, 'host' | 'port' | 'ssl'>, lookup: Lookup) {
    this.names = names
    this.server = server
    this.lookup = lookup
  }

  /** A workspace never changes its realm while a process runs, so a place once found is kept. */
  async place(named: string): Promise<Place | undefined> {
    // One workspace, however its id is written: strangers could otherwise have it remembered a million times.
    const workspace = named.toLowerCase()
    const known = this.places.get(workspace)
    if (known) return known
    if ((this.unknown.get(workspace) ?? 0) > Date.now()) return undefined
    const found = await this.lookup(workspace)
    if (found) this.places.set(workspace, found)
    else this.noteUnknown(workspace)
    return found
  }

  /** Whether this process has met the workspace, without asking anybody. */
  isPlaced(workspace: string): boolean {
    return this.places.has(workspace)
  }

  open(realm: Realm): Pool {
    const { kind, database, login: user, password } = realm
    const pools = kind === 'pool' ? this.shared : this.own
    let pool = pools.get(database)
    if (!pool) {
      if (kind === 'database') this.makeRoom()
      pool = new Pool(
        { ...this.server, database, user, password },
        kind === 'pool' ? POOL_CONNECTIONS : OWN_CONNECTIONS,
      )
      pools.set(database, pool)
      this.realms.set(database, realm)
    }
    pool.lastUsed = Date.now()
    return pool
  }

  inUse(): Realm[] {
    return [...this.shared.keys(), ...this.own.keys()].map((database) => this.realms.get(database)!)
  }

  /** The databases of single workspaces that are open now. */
  get opened() {
    return this.own.size
  }

  async [Symbol.asyncDispose]() {
    const pools = [...this.shared.values(), ...this.own.values()]
    this.shared.clear()
    this.own.clear()
    await Promise.all(pools.map((pool) => pool.end()))
  }

  /** Closes the database that nobody has used for longest; where all are at work the newcomer is told to come again. */
  private makeRoom() {
    if (this.own.size < MOST_OPEN) return
    const idle = [...this.own].filter(
      ([, { active, lastUsed }]) => active === 0 && Date.now() - lastUsed > HANDED_OUT_MS,
    )
    const [database, pool] = idle.sort(([, a], [, b]) => a.lastUsed - b.lastUsed)[0] ?? []
    if (!database || !pool)
      throw new Refusal(503, 'unavailable', { retryAfter_s: 1, inside: 'every database is at work' })
    this.own.delete(database)
    void pool.end()
  }

  private noteUnknown(workspace: string) {
    if (this.unknown.size >= MOST_UNKNOWN) this.unknown.clear()
    this.unknown.set(workspace, Date.now() + UNKNOWN_FOR_MS)
  }
}
