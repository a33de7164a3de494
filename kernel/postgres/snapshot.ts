import pg from 'pg'
import type { Result, Statement } from './batch.ts'
import { Lease, unavailable } from './lease.ts'
import { configOf } from './pool.ts'
import type { Login } from './pool.ts'
import { enterToLook } from './work.ts'
import type { Scope, Work } from './work.ts'

/**
 * One state of all rows, looked at for as long as a slow reader takes: a read-only transaction on a connection of its
 * own, so that whoever takes their time holds none that others wait for. The connection serves nobody afterwards.
 */
export class Snapshot implements Work {
  private readonly client: pg.Client
  private readonly lease: Lease

  private constructor(client: pg.Client) {
    this.client = client
    this.lease = new Lease(client, new Map(), () => this.end())
  }

  static async open(login: Login, scope: Scope, patience: Patience, lost: () => void): Promise<Snapshot> {
    const client = new pg.Client({ ...configOf(login), application_name: 'vouchsafe file' })
    client.on('error', lost)
    const snapshot = new Snapshot(client)
    try {
      await client.connect().catch((error: unknown) => {
        throw unavailable(String(error))
      })
      // Before it begins: while a transaction runs, its time is that of its beginning, whatever is said.
      await snapshot.lease.run([waiting(patience)])
      await snapshot.lease.run([BEGIN, enterToLook(scope)])
      return snapshot
    } catch (error) {
      snapshot.end()
      throw error
    }
  }

  async run(statement: Statement): Promise<Result> {
    return (await this.lease.run([statement]))[0]!
  }

  /** The rows of a statement, so many at a time, each piece when the one before it was taken. */
  async *pieces({ text, values = [] }: Statement, most: number): AsyncGenerator<Result['rows'], void, undefined> {
    await this.run({ text: `declare piece no scroll cursor for ${text}`, values })
    for (;;) {
      const { rows } = await this.run({ text: `fetch ${most} from piece` })
      if (rows.length > 0) yield rows
      if (rows.length < most) return
    }
  }

  /** At once, in the middle of whatever it is: nothing was changed, and nobody else has this connection. */
  end(): void {
    this.client.end().catch(() => undefined)
  }
}

/**
 * For how long the server keeps it for a reader who takes nothing, for how long in all, and how long a statement may
 * take where that is longer than any other may.
 */
export type Patience = { first_ms?: number; idle_ms: number; whole_ms: number }

const BEGIN: Statement = { text: 'begin isolation level repeatable read, read only' }

/** The last is known to newer servers alone, and nobody may set what there is not. */
const waiting = ({ first_ms, idle_ms, whole_ms }: Patience): Statement => ({
  text: `select where (select string_agg(set_config(s.name, w.value, false), '')
    from (values ('statement_timeout', $1), ('idle_in_transaction_session_timeout', $2), ('transaction_timeout', $3))
      w (name, value) join pg_settings s using (name) where value is not null) is null`,
  values: [first_ms, idle_ms, whole_ms],
})
