import pg from 'pg'
import type { Prepared, Result, Statement } from './batch.ts'
import { Lease, unavailable } from './lease.ts'

/**
 * Connections that cannot carry one caller's state to the next: a connection goes back only when the server itself says
 * that it is idle outside any transaction, and is destroyed in every other case. Timeouts are the server's; the sweep
 * below only ends connections whose server no longer answers at all, and tells those who waited in vain.
 */
export type Login = {
  host: string
  port: number
  user: string
  password: string
  database: string
  ssl?: pg.ClientConfig['ssl']
}

/** `since_ms`: when it was handed over, or came back. */
type Connection = { client: pg.Client; prepared: Prepared; since_ms: number; isLost: boolean }

/** Longer than any statement or transaction may take on the server, so only a dead server is cut off. */
const DEAD_AFTER_MS = 45_000
/** How long a caller waits for a connection before an honest 503; a sweep later at the most. */
const WAIT_MS = 5_000
const SWEEP_MS = 1_000

/** However a connection is held, what it says is read in the same way. */
export const configOf = (login: Login): pg.ClientConfig => ({
  ...login,
  connectionTimeoutMillis: WAIT_MS,
  keepAlive: true,
  application_name: 'vouchsafe',
  options: '-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=iso_8601 -c extra_float_digits=1',
})

type Waiter = { resolve: (connection: Connection) => void; reject: (error: Error) => void; until_ms: number }

export class Pool {
  private readonly config: pg.ClientConfig
  private readonly most: number
  private readonly idle_ms: number
  /** The last one used comes first: what it prepared and cached is warm, and those at the other end grow old. */
  private readonly idle: Connection[] = []
  private readonly busy = new Set<Connection>()
  private readonly waiting: Waiter[] = []
  private opening = 0
  private ended: PromiseWithResolvers<void> | undefined
  private readonly sweeper: NodeJS.Timeout
  lastUsed = 0

  constructor(login: Login, most: number, idle_ms = 30_000) {
    this.config = configOf(login)
    this.most = most
    this.idle_ms = idle_ms
    this.sweeper = setInterval(() => this.sweep(), SWEEP_MS).unref()
  }

  /** Runs statements in one round trip on a connection of their own: one implicit transaction. */
  async run(statements: readonly Statement[]): Promise<Result[]> {
    const lease = this.leaseIdle() ?? (await this.lease())
    try {
      return await lease.run(statements)
    } finally {
      await lease.end()
    }
  }

  async lease(): Promise<Lease> {
    return this.leaseIdle() ?? this.leaseOf(await this.wait())
  }

  get size() {
    return this.idle.length + this.busy.size + this.opening
  }

  get active() {
    return this.busy.size + this.waiting.length
  }

  /** Waits for those who still hold a connection; nobody gets another one. */
  async end() {
    clearInterval(this.sweeper)
    this.ended = Promise.withResolvers()
    for (const waiter of this.waiting.splice(0)) waiter.reject(unavailable('the pool was closed'))
    for (const connection of this.idle.splice(0)) this.close(connection)
    this.settle()
    await this.ended.promise
  }

  private leaseIdle(): Lease | undefined {
    this.lastUsed = Date.now()
    const idle = this.idle.pop()
    return idle && this.leaseOf(this.handOver(idle))
  }

  private leaseOf(connection: Connection): Lease {
    return new Lease(connection.client, connection.prepared, (isGood) => this.takeBack(connection, isGood))
  }

  /** Whoever comes is served in turn, by a connection that comes back or by a new one while there is room. */
  private wait(): Promise<Connection> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(unavailable('the pool is closed'))
      this.waiting.push({ resolve, reject, until_ms: this.lastUsed + WAIT_MS })
      this.openWhereWanted()
    })
  }

  private openWhereWanted() {
    if (this.opening < this.waiting.length && this.size < this.most) void this.open()
  }

  private async open() {
    this.opening++
    const client = new pg.Client(this.config)
    const connection: Connection = { client, prepared: new Map(), since_ms: 0, isLost: false }
    // Without a listener a killed backend ends the whole process; whoever uses it hears of it from their own statement.
    client.on('error', () => this.lose(connection))
    try {
      await client.connect()
      this.opening--
      this.give(connection)
    } catch (error) {
      this.opening--
      this.close(connection)
      // One attempt failed, so one caller is told; the others have attempts of their own.
      this.waiting.shift()?.reject(unavailable(String(error)))
      this.openWhereWanted()
    }
  }

  private give(connection: Connection) {
    const waiter = this.waiting.shift()
    if (waiter) return waiter.resolve(this.handOver(connection))
    if (this.ended) return this.close(connection)
    connection.since_ms = Date.now()
    this.idle.push(connection)
  }

  private handOver(connection: Connection): Connection {
    connection.since_ms = this.lastUsed
    this.busy.add(connection)
    return connection
  }

  private takeBack(connection: Connection, isGood: boolean) {
    // The sweep may have ended it already.
    if (!this.busy.delete(connection)) return
    if (isGood && !connection.isLost) return this.give(connection)
    this.close(connection)
    this.openWhereWanted()
  }

  private lose(connection: Connection) {
    connection.isLost = true
    const at = this.idle.indexOf(connection)
    if (at === -1) return
    this.idle.splice(at, 1)
    this.close(connection)
  }

  /** Politely where nothing runs on it; in the middle of something its socket is cut. */
  private close({ client }: Connection) {
    client.end().catch(ignoreLoss)
    this.settle()
  }

  private settle() {
    if (this.size === 0) this.ended?.resolve()
  }

  private sweep() {
    const now = Date.now()
    for (const connection of this.busy) if (now - connection.since_ms > DEAD_AFTER_MS) this.takeBack(connection, false)
    while (this.idle.length > 0 && now - this.idle[0]!.since_ms > this.idle_ms) this.close(this.idle.shift()!)
    while (this.waiting.length > 0 && now > this.waiting[0]!.until_ms)
      this.waiting.shift()!.reject(unavailable('no connection came free in time'))
  }
}

/** It is gone, as it should be. */
function ignoreLoss() {}
