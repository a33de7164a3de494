import { hash } from 'node:crypto'
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import type { Work } from './work.ts'

/**
 * Kysely writes the SQL, with every value a parameter; our connections run it. One instance compiles for everybody, and
 * each request gets a view of it that is bound to its own piece of work.
 */
export function queries<Tables>(work: Work, role: string): Kysely<Tables> {
  const connection: DatabaseConnection = {
    async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
      const { rows, affected } = await work.run(named(query.sql, query.parameters, role))
      return { rows: rows as Row[], numAffectedRows: BigInt(affected) }
    },
    streamQuery() {
      throw new TypeError('rows come in pages, not in streams')
    },
  }
  const executor = compiler
    .getExecutor()
    .withConnectionProvider({ provideConnection: (consumer) => consumer(connection) })
  return new Kysely<Tables>({ config: { dialect }, driver, dialect, executor })
}

/** `db` is a transaction already; a second one inside it would commit the first. */
class NoTransactions extends DummyDriver {
  override beginTransaction(): Promise<never> {
    throw new TypeError('this is one transaction already')
  }
}

const driver = new NoTransactions()
const dialect = {
  createAdapter: () => new PostgresAdapter(),
  createDriver: () => driver,
  createQueryCompiler: () => new PostgresQueryCompiler(),
  createIntrospector: (db: Kysely<unknown>) => new PostgresIntrospector(db),
}
const compiler = new Kysely<never>({ dialect })

/** Texts of a role are few and come from code, as roles do; the cap is for the texts that a search builds. */
const MOST_NAMES = 2_000
const names = new Map<string, Map<string, string>>()

/** A statement is prepared once for each role, so that no plan made for one role's rights ever serves another. */
export function named(text: string, values: readonly unknown[], role: string) {
  let ofRole = names.get(role)
  if (!ofRole) names.set(role, (ofRole = new Map()))
  let name = ofRole.get(text)
  if (!name) {
    if (ofRole.size >= MOST_NAMES) ofRole.clear()
    ofRole.set(text, (name = hash('sha256', `${role}\n${text}`, 'base64url').slice(0, 22)))
  }
  return { text, values, name }
}
