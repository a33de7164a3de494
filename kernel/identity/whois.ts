import { inside, log } from '../base/log.ts'
import type { Actor } from '../contract/operation.ts'
import type { Rights } from '../access/rights.ts'
import type { Pool } from '../postgres/pool.ts'
import { changing, reading } from '../postgres/work.ts'
import type { Place, Realms } from '../tenancy/realms.ts'
import { Epochs } from './epochs.ts'
import { hashOf, workspaceOf } from './token.ts'

/**
 * From a key to a caller. A key that was looked up is remembered until it expires or until anything about rights in
 * its workspace changes; every process learns of such a change within half a second, and one that cannot ask
 * remembers nothing.
 */
export type Caller = { place: Place; pool: Pool; actor: Actor; role: string; rights: Rights; rank: string }

/** Hears which workspace is asked about, if it is one that this process has met. */
export type Toll = (workspace: string | undefined) => void

type Known = Caller & { expires_ms: number; usedNoted_ms: number }
type Row = { id: string; name: string; role: string; expiresAt: string | null; n: number | null }

/** Keys remembered by one process: each costs about a kilobyte. */
const MOST_KNOWN = 50_000
/** The hour in which a key was last used is worth a write; the minute is not. */
const NOTE_USE_EVERY_MS = 600_000

const LOOK_UP = `select k.id, k.name, k.role, k.expires_at as "expiresAt", e.n
  from identity.key k left join identity.epoch e on e.workspace_id = k.workspace_id
  where k.workspace_id = $1 and k.hash = $2 and k.revoked_at is null and (k.expires_at is null
    or k.expires_at > clock_timestamp())`

export class Whois {
  private readonly realms: Realms
  private readonly rights: ReadonlyMap<string, Rights>
  private readonly epochs: Epochs
  private readonly known = new Map<string, Known>()

  constructor(realms: Realms, rights: ReadonlyMap<string, Rights>) {
    this.realms = realms
    this.rights = rights
    this.epochs = new Epochs(realms.names.watcher)
  }

  /**
   * The caller that a bearer token speaks for; undefined for one that opens nothing. One that this process does not
   * know may be a guess: `toll` is asked before the database is, and ends it by throwing.
   */
  async of(token: string, toll?: Toll): Promise<Caller | undefined> {
    const hash = hashOf(token)
    const known = this.known.get(hash)
    if (known) {
      // Its database may have been closed since, to make room for others.
      known.pool = this.realms.open(known.place.realm)
      const current =
        this.epochs.isCurrent(known.place, known.pool) || (await this.epochs.refresh(known.place, known.pool))
      if (current && known.expires_ms > Date.now() && this.epochs.of(known.place) === known.rank)
        return this.noteUse(known)
      this.known.delete(hash)
    }
    return await this.lookUp(token, hash, known ? undefined : toll)
  }

  private async lookUp(token: string, hash: string, toll?: Toll): Promise<Caller | undefined> {
    const workspace = workspaceOf(token)
    if (!workspace) return undefined
    toll?.(this.realms.isPlaced(workspace) ? workspace : undefined)
    const place = await this.realms.place(workspace)
    if (!place) return undefined
    const pool = this.realms.open(place.realm)
    await this.epochs.refresh(place, pool)
    const generation = this.epochs.generation(place)
    const { rows } = await reading(pool, this.scope(place.workspace)).run({
      text: LOOK_UP,
      name: 'whois',
      values: [place.workspace, hash],
    })
    const row = rows[0] as Row | undefined
    const rights = row && this.rights.get(row.role)
    if (!row || !rights) return undefined
    const rank = this.epochs.note(place, generation, row.n ?? 0)
    const caller = {
      place,
      pool,
      rights,
      rank,
      role: row.role,
      actor: { id: row.id, kind: 'key' as const, name: row.name },
      expires_ms: row.expiresAt ? Date.parse(row.expiresAt) : Number.POSITIVE_INFINITY,
      usedNoted_ms: 0,
    }
    if (this.known.size >= MOST_KNOWN) this.known.delete(this.known.keys().next().value!)
    this.known.set(hash, caller)
    return this.noteUse(caller)
  }

  private scope(workspace: string) {
    return { role: this.realms.names.role('identity'), schema: 'identity', workspace }
  }

  /** Written beside the request, not before it: an answer does not wait for its own statistics. */
  private noteUse(known: Known): Caller {
    const now = Date.now()
    if (now - known.usedNoted_ms > NOTE_USE_EVERY_MS) {
      known.usedNoted_ms = now
      const { place, pool, actor } = known
      changing(pool, this.scope(place.workspace))
        .run({ text: 'update key set last_used_at = now() where id = $1', name: 'used', values: [actor.id] })
        .catch((error: unknown) => log('key use not noted', inside(error)))
    }
    return known
  }
}
