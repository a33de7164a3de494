import { setTimeout as sleep } from 'node:timers/promises'
import { inside, log } from '../base/log.ts'
import type { Log } from '../base/log.ts'
import type { Sql } from '../contract/control.ts'
import { decoyIn } from './decoys.ts'
import { room } from './room.ts'
import { createSuspicion, FORGIVEN_AFTER_ms, MAX_NETWORKS } from './suspicion.ts'

/**
 * Remembers who asked for a decoy: a line for the operator, a row in the control database, and a score of the network
 * that outlives a restart and is heard of by every other process within seconds. All of it happens after the answer, so
 * a decoy is no slower than another unknown address, and a database that does not answer delays nobody.
 */
export async function openDecoys(sql: Sql, tell: Log = log): Promise<Decoys> {
  const suspicion = createSuspicion()
  await sql(PRUNE)
  const hear = async (since_s: number) => {
    for (const { network, score, at_ms } of await sql(LATEST, [since_s]))
      suspicion.recall(String(network), Number(score), Number(at_ms))
  }
  await hear(FORGIVEN_AFTER_ms / 1_000)
  let isDeaf = false
  const listen = async () => {
    const error = await hear(HEARD_FOR_s).catch((missed: unknown) => ({ missed }))
    if (error && !isDeaf) tell('sightings are not heard of', inside(error.missed))
    isDeaf = error !== undefined
  }
  const hearing = setInterval(() => void listen(), HEAR_EVERY_ms).unref()
  const hasRoom = room(tell)
  const book = new Book(sql, tell)
  return {
    see({ network, url, userAgent }, now_ms = Date.now()) {
      const path = decoyIn(url)
      if (path === undefined) return
      const score = suspicion.raise(network, now_ms)
      if (!hasRoom(network, now_ms)) return
      const sighting = { at: new Date(now_ms).toISOString(), network, path, userAgent: cut(userAgent), score }
      book.write(sighting)
    },
    price: suspicion.price,
    [Symbol.asyncDispose]() {
      clearInterval(hearing)
      return book[Symbol.asyncDispose]()
    },
  }
}

export type Decoys = AsyncDisposable & {
  /** Looks whether the address is a decoy, and if so remembers who asked. Called once the request has been answered. */
  see: (visit: Visit, now_ms?: number) => void
  /** What a request of that network's strangers costs. */
  price: (network: string, now_ms: number) => number
}

export type Visit = { network: string; url: string; userAgent: string | undefined }
type Sighting = { at: string; network: string; path: string; userAgent: string; score: number }

/** Programs name themselves in a few words; the rest is somebody filling our disk. */
const USER_AGENT_chars = 200
/** Postgres takes no NUL, and a reader's terminal should take no orders. */
const cut = (userAgent = '') => userAgent.slice(0, USER_AGENT_chars).replace(/\p{Cc}/gu, ' ')

/** Three months, as evidence is kept, and never more than some 80 MB. */
const KEPT = { days: 90, rows: 300_000 }

/**
 * Whoever sends the next request right behind a decoy must not feel the writing either, so it waits for a while; and a
 * scan costs a few statements instead of many.
 */
const GATHER_ms = 250

/** While the database does not answer; what comes beyond it is in the operator's log only. */
const MOST_WAITING = 1_000

const HEAR_EVERY_ms = 2_000
/** A process whose clock is behind, or whose writing was held up, is heard all the same. */
const HEARD_FOR_s = 60

const PRUNE_EVERY_ms = 60 * 60_000

const INSERT = `
  insert into limits.sighting (at, network, path, user_agent, score)
  select at, network, path, "userAgent", score from jsonb_to_recordset($1::jsonb)
    as seen (at timestamptz, network text, path text, "userAgent" text, score double precision)`

const PRUNE = `
  delete from limits.sighting where at < now() - interval '${KEPT.days} days'
    or id <= (select id from limits.sighting order by id desc offset ${KEPT.rows} limit 1)`

/** The last word on each network, the oldest first. A clock that was set back leaves none from the future. */
const LATEST = `
  select network, score, extract(epoch from least(at, now())) * 1000 as at_ms from (
    select * from (
      select distinct on (network) id, network, score, at from limits.sighting
      where score > 0 and at > now() - make_interval(secs => $1)
      order by network, id desc
    ) last order by id desc limit ${MAX_NETWORKS}
  ) latest order by id`

/** Writes one statement at a time, with everything that came meanwhile: a storm takes one connection and no more. */
class Book implements AsyncDisposable {
  readonly #sql: Sql
  readonly #tell: Log
  readonly #pruning: NodeJS.Timeout
  readonly #closing = new AbortController()
  #waiting: Sighting[] = []
  #writing: Promise<void> | undefined

  constructor(sql: Sql, tell: Log) {
    this.#sql = sql
    this.#tell = tell
    this.#pruning = setInterval(() => void this.#try(PRUNE), PRUNE_EVERY_ms).unref()
  }

  write(sighting: Sighting): void {
    if (this.#waiting.length >= MOST_WAITING) return this.#tell('decoy', sighting)
    this.#waiting.push(sighting)
    this.#writing ??= this.#writeAll()
  }

  /** What was seen until now is written at once. */
  async [Symbol.asyncDispose]() {
    clearInterval(this.#pruning)
    this.#closing.abort()
    await this.#writing
  }

  async #writeAll() {
    while (this.#waiting.length > 0) {
      await sleep(GATHER_ms, undefined, { signal: this.#closing.signal }).catch(() => undefined)
      const sightings = this.#waiting.splice(0)
      for (const sighting of sightings) this.#tell('decoy', sighting)
      await this.#try(INSERT, [JSON.stringify(sightings)])
    }
    this.#writing = undefined
  }

  async #try(statement: string, values?: readonly unknown[]) {
    await this.#sql(statement, values).catch((error: unknown) => this.#tell('sightings are not kept', inside(error)))
  }
}
