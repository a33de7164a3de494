import { inside } from '../../base/log.ts'
import type { Sql } from '../../contract/control.ts'
import { newMemory, type Memory } from './sequencing/belief.ts'
import { Unsealable, type Means, type Sealable } from './sequencing/ledger.ts'
import { pass, type Passed } from './sequencer.ts'
import { refusedRow } from './sequencing/storing.ts'

/**
 * Seals what is written in all realms of a deployment, until it is disposed of: soon after a commit of this process,
 * and within seconds after one of any other. Many entries make one head. A realm that cannot be sealed holds up no
 * other, and is told of once.
 */
export class Sealer implements AsyncDisposable {
  readonly #means: Means
  /** The directory: which realms there are, and what the server counted in each. */
  readonly #books: Sql
  readonly #known = new Map<string, One>()
  readonly #due = new Set<One>()
  readonly #running = new Map<One, Promise<void>>()
  readonly #timer: NodeJS.Timeout
  #sweeping: Promise<void> | undefined
  #told: string | undefined
  /** Looks at what is sealed; false where it could not, and must be asked again. */
  readonly #look: (realm: Sealable) => Promise<boolean>
  #stopped = false

  constructor(means: Means, books: Sql, look: (realm: Sealable) => Promise<boolean> = async () => true) {
    this.#means = means
    this.#books = books
    this.#look = look
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS).unref()
    this.#sweep()
  }

  /** Something was written there and is committed: it is sealed after a pause, with what is written meanwhile. */
  wake(realm: Sealable): void {
    const one = this.#of(realm)
    if (!this.#stopped) one.timer ??= setTimeout(() => this.#visit(one), pauseAfter(one)).unref()
  }

  /** Everything that was committed before is sealed after it, unless something cannot be. */
  async settled(realm: Sealable): Promise<void> {
    const one = this.#of(realm)
    await this.#running.get(one)
    this.#visit(one)
    while (this.#due.has(one)) await Promise.race(this.#running.values())
    await this.#running.get(one)
  }

  async [Symbol.asyncDispose]() {
    this.#stopped = true
    clearInterval(this.#timer)
    this.#due.clear()
    for (const one of this.#known.values()) clearTimeout(one.timer)
    await this.#sweeping
    await Promise.all(this.#running.values())
  }

  #of({ id, database }: Sealable): One {
    const known = this.#known.get(id)
    if (known) return known
    const one: One = { realm: { id, database }, memory: newMemory(), took_ms: 0, visited_ms: performance.now() }
    this.#known.set(id, one)
    return one
  }

  #sweep() {
    this.#sweeping ??= this.#lookAround()
      .then(() => (this.#told = undefined))
      .catch((error: unknown) => {
        if (this.#told !== String(error)) this.#means.tell('no log is looked at', inside(error))
        this.#told = String(error)
      })
      .then(() => (this.#sweeping = undefined))
  }

  /**
   * The shared realm is looked at each time. One of a single workspace is when the server counted something new in it,
   * so that hundreds of them that are quiet cost nothing; the server counts up to ten seconds late. Once a day it is
   * looked at all the same: what is there grows older.
   */
  async #lookAround() {
    for (const { id, database, isShared, inserted } of (await this.#books(REALMS)) as Counted[]) {
      const one = this.#of({ id, database })
      one.inserted = inserted
      if (isShared || inserted !== one.sealed || performance.now() - one.visited_ms > A_DAY_ms) this.#visit(one)
    }
  }

  /** Once at a time in each realm, and in a few realms at a time. */
  #visit(one: One) {
    clearTimeout(one.timer)
    one.timer = undefined
    if (this.#stopped) return
    this.#due.add(one)
    this.#begin()
  }

  #begin() {
    for (const one of this.#due) {
      if (this.#running.size >= AT_ONCE) return
      if (this.#running.has(one)) continue
      this.#due.delete(one)
      const run = this.#seal(one).finally(() => {
        this.#running.delete(one)
        this.#begin()
      })
      this.#running.set(one, run)
    }
  }

  async #seal(one: One) {
    const { inserted } = one
    one.visited_ms = performance.now()
    try {
      const { isBusy, isWaiting } = await this.#drain(one)
      if (one.told !== undefined) this.#means.tell('a log is sealed again', { realm: one.realm.id })
      one.told = undefined
      const isSeen = await this.#look(one.realm)
      if (isBusy || isWaiting) this.wake(one.realm)
      else if (isSeen) one.sealed = inserted
    } catch (error) {
      one.memory.log = undefined
      await this.#refuse(one, error)
    }
  }

  async #drain(one: One): Promise<Passed> {
    let passed: Passed | undefined
    do {
      const began_ms = performance.now()
      passed = await pass(this.#means, one.realm, one.memory, passed?.ahead)
      one.took_ms = performance.now() - began_ms
    } while (!this.#stopped && !passed.isAll && !passed.isBusy)
    return passed
  }

  async #refuse(one: One, error: unknown) {
    const why = error instanceof Error ? error.message : String(error)
    if (one.told === why) return
    one.told = why
    const { tell, keeper } = this.#means
    const isRefused = error instanceof Unsealable
    tell(isRefused ? 'a log is not signed' : 'a log is waiting', {
      realm: one.realm.id,
      ...(isRefused ? { why } : inside(error)),
    })
    if (isRefused)
      await keeper
        .open(one.realm)
        .run([refusedRow(why)])
        .catch((problem: unknown) => tell('a log is waiting', { realm: one.realm.id, ...inside(problem) }))
  }
}

type One = {
  realm: Sealable
  memory: Memory
  took_ms: number
  visited_ms: number
  timer?: NodeJS.Timeout | undefined
  /** What the server had counted there when it was looked at, and what of that is sealed. */
  inserted?: string
  sealed?: string | undefined
  /** What went wrong last, until it goes well. */
  told?: string | undefined
}

type Counted = Sealable & { isShared: boolean; inserted: string }

const REALMS = `select r.id, r.database, r.kind = 'pool' as "isShared", d.tup_inserted::text as inserted
  from directory.realm r join pg_stat_database d on d.datname = r.database order by r.kind desc, r.created_at`

const SWEEP_MS = 1_000
const A_DAY_ms = 24 * 3_600_000
/** Each has a connection or two of a server that has a hundred for all. */
const AT_ONCE = 4

/** A commit that comes alone is sealed at once; where many come, sealing takes a fifth of the time at most. */
const pauseAfter = ({ took_ms }: One) => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS + 4 * took_ms)
const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 250
