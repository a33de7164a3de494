import { inside, log } from '../base/log.ts'
import type { Log } from '../base/log.ts'
import type { Actor } from '../contract/operation.ts'
import { changing } from '../postgres/work.ts'
import type { Place, Realms } from '../tenancy/realms.ts'
import { refusal } from './record.ts'
import type { Origin } from './record.ts'

/**
 * What was refused leaves an entry like what was done, though nobody waits for it: it is written beside the answer, so
 * no answer takes longer because there was somebody to tell of. The first is written at once; the same again is counted
 * and written later, after pauses that double up to an hour, so whoever asks for days on end fills no log.
 */
export type Refused = {
  place: Place
  action: string
  /** The code that was answered. */
  outcome: string
  actor: Actor
  origin: Origin
  target: string | null
  /** What may be known of it; how often it was is added. */
  input: Readonly<Record<string, unknown>>
}

/** Whom it concerns: a workspace, and what in it. */
export type Concerned = Pick<Refused, 'place' | 'target'>
type Told = Omit<Refused, keyof Concerned>
/** `of`: what was claimed, which is the same when the same is claimed again. */
type Sought = Told & { of: unknown }

export class Refusals implements AsyncDisposable {
  readonly #realms: Realms
  readonly #tell: Log
  readonly #counted = new Map<string, Counted>()
  readonly #addresses = new Map<string, number>()
  /** How many there are of each workspace. */
  readonly #places = new Map<string, number>()
  /** One at a time in each realm: a storm takes one connection and no more. */
  readonly #writing = new Map<string, Promise<void>>()
  readonly #sought = new Map<string, { told: Told; looking: () => Promise<readonly Concerned[]>; times: number }>()
  #searching: Promise<void> = Promise.resolve()
  #gathering: NodeJS.Timeout | undefined
  #timer: NodeJS.Timeout | undefined
  #leftOut = 0

  constructor(realms: Realms, tell: Log = log) {
    this.#realms = realms
    this.#tell = tell
  }

  note(refused: Refused, now_ms = Date.now(), times = 1): void {
    const { key, of, without } = this.#keyOf(refused)
    const known = this.#counted.get(key)
    if (!known && !this.#hasRoom(refused.place) && !this.#makeRoom(refused.place, now_ms)) return this.#leaveOut(times)
    const counted = known ?? { of, last: refused, times: 0, since_ms: 0, due_ms: now_ms, pause_ms: FIRST_PAUSE_ms }
    if (!known) this.#begin(key, counted)
    const origin = without ? { requestId: refused.origin.requestId } : refused.origin
    add(counted, { ...refused, origin }, now_ms, times)
    if (now_ms >= counted.due_ms) this.#write(counted, now_ms)
  }

  /**
   * The same where it must first be found out whom it concerns, which nobody waits for either: it begins after a while,
   * so that neither this answer nor the next tells by its time whether there is somebody.
   */
  find({ of, ...told }: Sought, looking: () => Promise<readonly Concerned[]>): void {
    const key = JSON.stringify([of, told.action, told.outcome, told.origin.address])
    const known = this.#sought.get(key)
    if (known) return void known.times++
    if (this.#sought.size >= MOST_SOUGHT) return this.#leaveOut(1)
    this.#sought.set(key, { told, looking, times: 1 })
    this.#gathering ??= setTimeout(() => void this.#search(), GATHER_ms)
  }

  /** What was counted until now is written at once. */
  async flush(): Promise<void> {
    await this.#search()
    // What is being written has more to say once it is.
    await Promise.all(this.#writing.values())
    for (const counted of this.#counted.values()) this.#write(counted, Date.now())
    await Promise.all(this.#writing.values())
  }

  async [Symbol.asyncDispose]() {
    clearInterval(this.#timer)
    await this.flush()
    this.#counted.clear()
    this.#addresses.clear()
    this.#places.clear()
    this.#timer = undefined
  }

  /** What is the same again: from an address of its own while there are few of them, and from anywhere after that. */
  #keyOf({ place, action, outcome, actor, origin, target }: Refused) {
    const about = actor.kind === 'nobody' ? target : ''
    const of = JSON.stringify([place.workspace, action, outcome, actor.kind, actor.id, about])
    const key = `${of} ${origin.address ?? ''}`
    const without = !this.#counted.has(key) && (this.#addresses.get(of) ?? 0) >= MOST_ADDRESSES
    return { key: without ? of : key, of, without }
  }

  /** Whoever makes keys of their own and tries everything with each fills what is their own, and nobody else's. */
  #hasRoom({ workspace }: Place): boolean {
    return this.#counted.size < MOST_COUNTED && (this.#places.get(workspace) ?? 0) < MOST_EACH
  }

  /** What was told a while ago, and of which nothing is counted since, need not be remembered: the oldest goes. */
  #makeRoom({ workspace }: Place, now_ms: number): boolean {
    const isFull = (this.#places.get(workspace) ?? 0) >= MOST_EACH
    for (const [key, counted] of this.#counted) {
      const isQuiet = counted.times === 0 && !counted.isWriting && now_ms - counted.due_ms > SPARED_ms
      if (!isQuiet || (isFull && counted.last.place.workspace !== workspace)) continue
      this.#forget(key, counted)
      return true
    }
    return false
  }

  #begin(key: string, counted: Counted) {
    this.#counted.set(key, counted)
    count(this.#addresses, counted.of)
    count(this.#places, counted.last.place.workspace)
    this.#timer ??= setInterval(() => this.#sweep(Date.now()), SWEEP_ms).unref()
  }

  /** One after the other: whoever asks for a thousand accounts holds up nobody but themselves. */
  #search(): Promise<void> {
    clearTimeout(this.#gathering)
    const searching = this.#searching.then(async () => {
      const all = [...this.#sought.values()]
      this.#sought.clear()
      this.#gathering = undefined
      for (const { told, looking, times } of all)
        try {
          for (const concerned of await looking()) this.note({ ...told, ...concerned }, Date.now(), times)
        } catch (error) {
          this.#tell('refusals are not kept', inside(error))
        }
      this.#tellLeftOut()
    })
    this.#searching = searching
    return searching
  }

  #leaveOut(times: number) {
    this.#leftOut += times
  }

  #tellLeftOut() {
    if (this.#leftOut > 0) this.#tell('refusals, too many to keep', { count: this.#leftOut })
    this.#leftOut = 0
  }

  #sweep(now_ms: number) {
    for (const [key, counted] of this.#counted)
      if (counted.times > 0) {
        if (now_ms >= counted.due_ms) this.#write(counted, now_ms)
      } else if (!counted.isWriting && now_ms - counted.due_ms > FORGOTTEN_AFTER_ms) this.#forget(key, counted)
    this.#tellLeftOut()
    if (this.#counted.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #forget(key: string, { of, last }: Counted) {
    this.#counted.delete(key)
    count(this.#addresses, of, -1)
    count(this.#places, last.place.workspace, -1)
  }

  #write(counted: Counted, now_ms: number) {
    if (counted.times === 0 || counted.isWriting) return
    const { last, times, since_ms } = counted
    counted.isWriting = true
    counted.times = 0
    counted.due_ms = now_ms + counted.pause_ms
    counted.pause_ms = Math.min(LONGEST_PAUSE_ms, counted.pause_ms * 2)
    const { realm } = last.place
    const next = (this.#writing.get(realm.id) ?? Promise.resolve())
      .then(() => this.#insert(last, times, since_ms))
      .catch((error: unknown) => {
        // It is tried again with the next, as long as we live.
        counted.times += times
        this.#tell('refusals are not kept', inside(error))
      })
      .finally(() => {
        counted.isWriting = false
        if (this.#writing.get(realm.id) === next) this.#writing.delete(realm.id)
      })
    this.#writing.set(realm.id, next)
  }

  async #insert(refused: Refused, times: number, since_ms: number) {
    const { names } = this.#realms
    const { workspace, realm } = refused.place
    const input = { ...refused.input, times, ...(times > 1 && { since: new Date(since_ms).toISOString() }) }
    const scope = { role: names.recorder, schema: 'audit', workspace }
    await changing(this.#realms.open(realm), scope).run(refusal({ ...refused, input }))
  }
}

/** `since_ms`: the first that is counted and not written yet. */
type Counted = {
  of: string
  last: Refused
  times: number
  since_ms: number
  due_ms: number
  pause_ms: number
  isWriting?: boolean
}

function add(counted: Counted, refused: Refused, now_ms: number, times: number) {
  if (counted.times === 0) counted.since_ms = now_ms
  // What was asked for differs: then the entry names none of it.
  const isAboutOne = counted.times === 0 || counted.last.target === refused.target
  counted.last = isAboutOne ? refused : { ...refused, target: null }
  counted.times += times
}

function count(counts: Map<string, number>, key: string, more: 1 | -1 = 1) {
  const now = (counts.get(key) ?? 0) + more
  if (now > 0) counts.set(key, now)
  else counts.delete(key)
}

const FIRST_PAUSE_ms = 2_000
/** What is due within ten minutes of the first is all that rules look at; one that goes on is an entry an hour. */
const LONGEST_PAUSE_ms = 3_600_000
/** Probes are refused the same every few minutes, year in, year out: they must not begin anew each time. */
const FORGOTTEN_AFTER_ms = 900_000
/** Sooner than that nobody is forgotten: else whoever tries many things in turn would be told of each time. */
const SPARED_ms = 60_000
const SWEEP_ms = 1_000

/** Home, work and the phone, and a few guesses; whoever comes from more is many, and is counted as one. */
const MOST_ADDRESSES = 8

/** Each is under a kilobyte; strangers fill it by accounts of ours that they know and networks that they have. */
const MOST_COUNTED = 10_000
/** More than all that the members and keys of one are refused in a quarter of an hour, unless they mean to fill it. */
const MOST_EACH = 3_000

/** As decoys: whoever asks right again must not feel what the last answer has us do. */
const GATHER_ms = 250
const MOST_SOUGHT = 1_000
