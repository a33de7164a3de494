import pg from 'pg'
import { encode } from './frames.ts'
import type { Frame } from './frames.ts'
import { readerOf, wire } from './wire.ts'
import type { Reader } from './wire.ts'

/**
 * Several statements, one Sync, one round trip. Without `begin` among them the server runs all in one implicit
 * transaction, so a setting made for its length (role, workspace) cannot outlive the batch: there is nothing to clean
 * up.
 */
export type Statement = { text: string; values?: readonly unknown[]; name?: string }
export type Result = { rows: Record<string, unknown>[]; affected: number; fields: readonly Field[] }

/**
 * Named statements a connection keeps; beyond it statements run unnamed, so that generated SQL cannot fill the
 * server.
 */
const MOST_NAMED = 256

/** As far as the protocol counts: what has more is a list, and should come as one array. */
const MOST_VALUES = 32_767

/** What the server has prepared by its name; the columns are known once it has described them. */
export type Prepared = Map<string, { text: string; fields: readonly Field[] | undefined }>
export type Field = { name: string; oid: number; read: Reader }

/** Sends the statements and resolves with a result for each, or rejects with the server's first error. */
export function send(client: pg.ClientBase, prepared: Prepared, statements: readonly Statement[]): Promise<Result[]> {
  return new Promise((resolve, reject) => {
    client.query(new Batch(prepared, statements, resolve, reject))
  })
}

/** A constraint or a trigger said no to a statement that had been parsed: the connection is as good as before. */
export const isRefusal = (error: unknown): error is pg.DatabaseError & { code: string } =>
  error instanceof pg.DatabaseError && /^(?:23|P0001)/.test(error.code ?? '')

/**
 * What `pg` calls a Submittable: it hands over the connection and then every answer until the server is ready again.
 */
class Batch {
  private readonly prepared: Prepared
  private readonly statements: readonly Statement[]
  private readonly values: readonly (string | Buffer | null)[][]
  private readonly resolve: (results: Result[]) => void
  private readonly reject: (error: Error) => void
  private ways: readonly Way[] = []
  private readonly results: Result[] = []
  private unreadable: Error | undefined
  private rows: Record<string, unknown>[] = []
  private fields: readonly Field[] | undefined

  constructor(
    prepared: Prepared,
    statements: readonly Statement[],
    resolve: (results: Result[]) => void,
    reject: (error: Error) => void,
  ) {
    this.prepared = prepared
    this.statements = statements
    // Before anything is sent: what cannot be written must not leave half a batch on the wire.
    this.values = statements.map(({ values }) => values?.map(wire) ?? [])
    if (this.values.some(({ length }) => length > MOST_VALUES)) throw new RangeError('more values than can be counted')
    this.resolve = resolve
    this.reject = reject
  }

  submit(connection: pg.Connection) {
    this.ways = this.statements.map((_, at) => this.wayOf(at))
    connection.stream.write(encode(this.ways.map((way, at) => this.frameOf(way, at))))
    this.open()
  }

  handleRowDescription({ fields }: { fields: { name: string; dataTypeID: number }[] }) {
    this.fields = fields.map(({ name, dataTypeID }) => ({ name, oid: dataTypeID, read: readerOf(dataTypeID) }))
  }

  handleDataRow({ fields }: { fields: (string | null)[] }) {
    const row: Record<string, unknown> = {}
    try {
      for (let i = 0; i < fields.length; i++) {
        const { name, read } = this.fields![i]!
        const text = fields[i]
        row[name] = text === null || text === undefined ? null : read(text)
      }
    } catch (error) {
      // Thrown from here it would end the process: the rest of the answer must be read first.
      this.unreadable = error as Error
    }
    this.rows.push(row)
  }

  handleCommandComplete({ text }: { text: string }) {
    const { rows, fields = [] } = this
    if (text === 'ROLLBACK' && this.statements[this.results.length]!.text === 'commit')
      this.unreadable = new TypeError('what was to be committed had failed, and its error was caught')
    this.keepName(fields)
    this.results.push({ rows, fields, affected: Number(/\d+$/.exec(text)?.[0] ?? 0) })
    this.open()
  }

  handleReadyForQuery() {
    if (this.unreadable) this.reject(this.unreadable)
    else this.resolve(this.results)
  }

  handleError(error: Error) {
    if (isRefusal(error)) this.keepName(this.fields)
    this.reject(error)
  }

  handlePortalSuspended() {}
  handleEmptyQuery() {
    this.handleCommandComplete({ text: '' })
  }
  handleCopyInResponse(connection: pg.Connection & { sendCopyFail(why: string): void }) {
    connection.sendCopyFail('copying in is not done this way')
  }
  handleCopyData() {}

  private frameOf({ name, parse, describe }: Way, at: number): Frame {
    return { name, describe, parse: parse ? this.statements[at]!.text : undefined, values: this.values[at]! }
  }

  /** A name belongs to the text that had it first; any other runs unnamed, as does a second one in the same batch. */
  private wayOf(at: number): Way {
    const { name, text } = this.statements[at]!
    if (name === undefined) return unnamed
    const known = this.prepared.get(name)
    if (known) return known.text === text ? { name, parse: false, describe: known.fields === undefined } : unnamed
    const isTaken = this.statements.findIndex((one) => one.name === name) < at
    return isTaken || this.prepared.size >= MOST_NAMED ? unnamed : { name, parse: true, describe: true }
  }

  /** The statement was parsed under its name, whether or not running it went well. */
  private keepName(fields: readonly Field[] | undefined) {
    const at = this.results.length
    const { name, describe } = this.ways[at]!
    if (name && describe) this.prepared.set(name, { text: this.statements[at]!.text, fields })
  }

  /** The next answer is for the next statement. */
  private open() {
    this.rows = []
    const way = this.ways[this.results.length]
    this.fields = way && !way.describe ? this.prepared.get(way.name)?.fields : undefined
  }
}

type Way = { name: string; parse: boolean; describe: boolean }
const unnamed: Way = { name: '', parse: true, describe: true }
