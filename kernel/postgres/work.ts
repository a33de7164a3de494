import type { Result, Statement } from './batch.ts'
import type { Lease } from './lease.ts'
import type { Pool } from './pool.ts'

/** Where a statement runs: as which role, in which schema, inside which workspace. */
export type Scope = { role: string; schema: string; workspace: string }

/** Anything that runs one statement inside a scope. */
export type Work = { run: (statement: Statement) => Promise<Result> }

/** Every read enters its scope in the same round trip; the implicit transaction ends with it, and so does the scope. */
export const reading = (pool: Pool, scope: Scope): Work => ({
  async run(statement) {
    const [, result] = await pool.run([enterToLook(scope), statement])
    return result!
  },
})

/** One statement that may write, as a transaction of its own. */
export const changing = (pool: Pool, scope: Scope): Work => ({
  async run(statement) {
    const [, result] = await pool.run([enter(scope), statement])
    return result!
  },
})

/**
 * One transaction of several statements. Its first statement carries `begin` and the scope, its last carries whatever
 * is to be recorded and the commit, so two statements cost two round trips. Left without a commit, it is rolled back.
 */
export class Writing implements Work, AsyncDisposable {
  private readonly pool: Pool
  private scope: Scope
  private entered: Scope | undefined
  private lease: Promise<Lease> | undefined
  private over = false

  constructor(pool: Pool, scope: Scope) {
    this.pool = pool
    this.scope = scope
  }

  async run(statement: Statement): Promise<Result> {
    return (await this.as(this.scope, [statement]))[0]!
  }

  /** Runs under another role, still in the same transaction; the next `run` is back where it was. */
  async as(scope: Scope, statements: readonly Statement[]): Promise<Result[]> {
    return await this.send([{ scope, statements }])
  }

  /** From here on `run` is in another scope: a job is taken before it is known whose it is. */
  move(scope: Scope): void {
    this.scope = scope
  }

  /** True until something was asked for: a change that is one statement can still travel with its own commit. */
  get isUntouched() {
    return this.lease === undefined
  }

  /**
   * Writes the record under its own role and commits, in one round trip; `change` goes ahead in the same one. When
   * nothing came before, that batch is all of the transaction, and the server begins and commits it by itself.
   */
  async commit(record: Scope, statements: readonly Statement[], change: readonly Statement[] = []): Promise<Result[]> {
    const first = change.length > 0 ? [{ scope: this.scope, statements: change }] : []
    const last = this.isUntouched ? statements : [...statements, commit]
    const done = this.send([...first, { scope: record, statements: last }], this.isUntouched)
    this.over = true
    try {
      return await done
    } finally {
      // Whoever goes on to other work must not hold this connection while waiting for another: many who did would wait
      // for each other.
      await this.giveBack()
    }
  }

  async [Symbol.asyncDispose]() {
    this.over = true
    await this.giveBack()
  }

  private async giveBack() {
    // Who waited for a connection in vain has been told so.
    const lease = await this.lease?.catch(() => undefined)
    await lease?.end()
  }

  /** One batch, which enters each scope in its turn; answers what the statements answered. */
  private async send(parts: readonly Part[], isWhole = false): Promise<Result[]> {
    // Outside of its transaction a statement would be recorded by nobody.
    if (this.over) throw new TypeError('a statement came after the end of its transaction: await every one')
    const lease = await (this.lease ??= this.pool.lease())
    const batch: Statement[] = this.entered || isWhole ? [] : [begin]
    const asked: number[] = []
    for (const { scope, statements } of parts) {
      if (this.entered !== scope) batch.push(enter(scope, this.entered))
      this.entered = scope
      for (const statement of statements) asked.push(batch.push(statement) - 1)
    }
    const results = await lease.run(batch)
    return asked.map((at) => results[at]!)
  }
}

type Part = { scope: Scope; statements: readonly Statement[] }

const begin: Statement = { text: 'begin', name: 'begin' }
const commit: Statement = { text: 'commit', name: 'commit' }

/** All of them are set, none is null, and so the answer has no row that anybody would have to write and read. */
const setting = (...names: string[]) =>
  `select where (${names.map((name, at) => `set_config('${name}', $${at + 1}, true)`).join(' || ')}) is null`
const LOOK = setting('role', 'search_path', 'app.workspace', 'transaction_read_only')
const CHANGE = setting('role', 'search_path', 'app.workspace')
const MOVE = setting('role', 'search_path')

/** From here to the end of the transaction the server sees one role, one schema and one workspace, and no change. */
export const enterToLook = ({ role, schema, workspace }: Scope): Statement => ({
  text: LOOK,
  name: 'enter to look',
  values: [role, schema, workspace, 'on'],
})

/**
 * The same for a change, from another scope where there was one. The server plans a prepared statement anew whenever
 * the search path is another than when it was planned, so each path that is left has a statement of its own: under one
 * name for all, every change cost two plans, a fifth of all that Postgres did for it.
 */
function enter({ role, schema, workspace }: Scope, from?: Scope): Statement {
  const origin = from ? ` from ${from.schema}` : ''
  return from?.workspace === workspace
    ? { text: MOVE, name: `move${origin}`, values: [role, schema] }
    : { text: CHANGE, name: `enter${origin}`, values: [role, schema, workspace] }
}
