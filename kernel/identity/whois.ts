import { inside, log } from '../base/log.ts'
import type { Actor } from '../contract/operation.ts'
import type { Rights } from '../access/rights.ts'
import type { Pool } from '../postgres/pool.ts'
import { changing, reading } from '../postgres/work.ts'
import type { Place, Realms } from '../tenancy/realms.ts'
import { isAccessToken } from './access-token.ts'
import type { AccessTokens } from './access-token.ts'
import { Epochs } from './epochs.ts'
import { identityScope } from './lobby.ts'
import { findKey, findSession, findVisit } from './lookup.ts'
import type { Found } from './lookup.ts'
import { hashOf, workspaceOf } from './token.ts'

/**
 * From a token to a caller. One that was looked up is remembered until it expires or until anything about rights in its
 * workspace changes; every process learns of such a change within half a second, and one that cannot ask remembers
 * nothing.
 */
export type Caller = {
  place: Place
  pool: Pool
  actor: Actor
  rights: Rights
  rank: string
  /** From when on they are let in nowhere, for want of a second factor. */
  heldFrom_ms: number
  /** When they last proved who they are, as strongly as they can; a key is its own proof. */
  provedAt_ms: number
  /** A person's, and the session that they came with. */
  session?: Sitting | undefined
}

export type Sitting = { id: string; person: string; member: string; roles: readonly string[]; hasFactor: boolean }

/** Hears which workspace is asked about, if it is one that this process has met. */
export type Toll = (workspace: string | undefined) => void

/** What the look-up cannot know: how tokens are read, and what roles and demands come to. */
export type Reading = {
  tokens: Pick<AccessTokens, 'read'>
  staffTokens: Pick<AccessTokens, 'read'>
  /** Whether somebody is still of the staff. */
  isStaff: (id: string) => Promise<boolean>
  rights: (found: Found) => Rights | undefined
  heldFrom_ms: (found: Found, rights: Rights) => number
}

type Known = Caller & { expires_ms: number; usedNoted_ms: number }

/** Keys remembered by one process: each costs about a kilobyte. */
const MOST_KNOWN = 50_000
/** The hour in which a key was last used is worth a write; the minute is not. */
const NOTE_USE_EVERY_MS = 600_000

export class Whois {
  private readonly realms: Realms
  readonly reading: Reading
  private readonly epochs: Epochs
  private readonly known = new Map<string, Known>()

  constructor(realms: Realms, reading: Reading) {
    this.realms = realms
    this.reading = reading
    this.epochs = new Epochs(realms.names.watcher)
  }

  /** Rights in this workspace were changed by this very process: nobody here is believed before it has looked again. */
  changed(place: Place): void {
    this.epochs.doubt(place)
  }

  /** Somebody who is remembered and may be believed without asking, as nearly everybody is: nobody waits for it. */
  recall(token: string): Caller | undefined {
    const known = this.known.get(hashOf(token))
    if (!known) return undefined
    known.pool = this.realms.open(known.place.realm)
    return this.epochs.isCurrent(known.place, known.pool) && this.isUnchanged(known) ? this.noteUse(known) : undefined
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
      if (current && this.isUnchanged(known)) return this.noteUse(known)
      this.known.delete(hash)
    }
    return await this.lookUp(token, hash, known ? undefined : toll)
  }

  private isUnchanged({ expires_ms, place, rank }: Known): boolean {
    return expires_ms > Date.now() && this.epochs.of(place) === rank
  }

  private async lookUp(token: string, hash: string, toll?: Toll): Promise<Caller | undefined> {
    const signed = isAccessToken(token)
    const person = signed ? await this.reading.tokens.read(token) : undefined
    const staff = signed && !person ? await this.reading.staffTokens.read(token) : undefined
    if (staff && !(await this.reading.isStaff(staff.person))) return undefined
    const bearer = person ?? staff
    const workspace = bearer ? bearer.workspace : workspaceOf(token)
    if (!workspace) return undefined
    // What we signed ourselves was not guessed.
    if (!bearer) toll?.(this.realms.isPlaced(workspace) ? workspace : undefined)
    const place = await this.realms.place(workspace)
    if (!place) return undefined
    const pool = this.realms.open(place.realm)
    await this.epochs.refresh(place, pool)
    const generation = this.epochs.generation(place)
    const find = bearer
      ? (staff ? findVisit : findSession)(workspace, bearer.session, bearer.person)
      : findKey(workspace, hash)
    const { rows } = await reading(pool, identityScope(this.realms.names, workspace)).run(find)
    const found = rows[0] as Found | undefined
    const rights = found && this.reading.rights(found)
    if (!found || !rights) return undefined
    const rank = this.epochs.note(place, generation, found.n ?? 0)
    const until_ms = found.expiresAt ? Date.parse(found.expiresAt) : Number.POSITIVE_INFINITY
    const caller: Known = {
      place,
      pool,
      rights,
      rank,
      actor: { id: found.id, kind: person ? 'person' : staff ? 'staff' : 'key', name: found.name },
      heldFrom_ms: this.reading.heldFrom_ms(found, rights),
      provedAt_ms: bearer ? provedAt_ms(found) : Number.POSITIVE_INFINITY,
      session: person && {
        id: person.session,
        person: person.person,
        member: found.member!,
        roles: found.roles,
        hasFactor: found.hasFactor,
      },
      expires_ms: bearer ? Math.min(until_ms, bearer.expires_ms) : until_ms,
      usedNoted_ms: 0,
    }
    // Of staff nothing is remembered: they are few, and out the moment they are no staff any more.
    if (staff) return caller
    if (this.known.size >= MOST_KNOWN) this.known.delete(this.known.keys().next().value!)
    this.known.set(hash, caller)
    return this.noteUse(caller)
  }

  /** Written beside the request, not before it: an answer does not wait for its own statistics. */
  private noteUse(known: Known): Caller {
    const now = Date.now()
    if (known.actor.kind === 'key' && now - known.usedNoted_ms > NOTE_USE_EVERY_MS) {
      known.usedNoted_ms = now
      const { place, pool, actor } = known
      changing(pool, identityScope(this.realms.names, place.workspace))
        .run({ text: 'update key set last_used_at = now() where id = $1', name: 'used', values: [actor.id] })
        .catch((error: unknown) => log('key use not noted', inside(error)))
    }
    return known
  }
}

/**
 * Whoever has a second factor proves themselves with it or not at all; staff have proven themselves to us and to no
 * workspace, so what deserves a second look is never open to them.
 */
const provedAt_ms = ({ hasFactor, provedAt, strongAt }: Found): number => {
  const proof = hasFactor ? strongAt : provedAt
  return proof ? Date.parse(proof) : Number.NEGATIVE_INFINITY
}
