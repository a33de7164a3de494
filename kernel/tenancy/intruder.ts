import pg from 'pg'
import type { Canary } from '../contract/control.ts'
import type { Login } from '../postgres/pool.ts'
import type { Names } from './names.ts'
import type { Realm } from './realms.ts'

/**
 * A session of the application in whatever role and workspace an intruder likes, and what there is to want: the tests
 * of isolation speak through it. Everything is undone, so one attempt cannot help the next.
 */
export class Intruder implements AsyncDisposable {
  private readonly session: pg.Client

  private constructor(session: pg.Client) {
    this.session = session
  }

  static async enter(server: Login, { database, login: user, password }: Realm): Promise<Intruder> {
    const session = new pg.Client({ ...server, database, user, password })
    await session.connect()
    return new Intruder(session)
  }

  /** The last statement's answer, or what the first error among them says. */
  async attempt(role: string | undefined, workspace: string | undefined, ...statements: Said[]): Promise<Told> {
    await this.session.query('begin')
    try {
      if (role) await this.session.query(`select set_config('role', $1, true)`, [role])
      if (workspace !== undefined) await this.session.query(`select set_config('app.workspace', $1, true)`, [workspace])
      let last: pg.QueryResult<Record<string, unknown>> | undefined
      for (const [text, ...values] of statements)
        last = await this.session.query(text, values.length ? values : undefined)
      return { code: '', message: '', affected: last?.rowCount ?? 0, rows: last?.rows ?? [] }
    } catch (error) {
      const { code = '', message, detail = '' } = error as pg.DatabaseError
      return { code, message: `${message} ${detail}`, affected: 0, rows: [] }
    } finally {
      await this.session.query('rollback')
    }
  }

  async [Symbol.asyncDispose]() {
    await this.session.end()
  }
}

export type Said = [text: string, ...values: string[]]
export type Told = { code: string; message: string; affected: number; rows: Record<string, unknown>[] }
export type Table = { full: string; role: string; reads: boolean; writes: boolean }

export function rowsOf({ code, message, rows }: Told) {
  if (code) throw new Error(`${code}: ${message}`)
  return rows
}

/** Every table of workspaces' rows, the role whose it is, and what that role may do with it. */
export async function tablesOf({ catalogue }: Canary, names: Names, schemas: readonly string[]): Promise<Table[]> {
  const rows = await catalogue(
    `select full_name as full, $2 || '_' || schema as role,
       has_table_privilege($2 || '_' || schema, full_name, 'select') as reads,
       has_table_privilege($2 || '_' || schema, full_name, 'insert') as writes
     from (select n.nspname::text as schema, n.nspname || '.' || c.relname as full_name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = any($1) and n.nspname <> 'tenancy' and c.relkind = 'r') t order by 1`,
    [schemas, names.deployment],
  )
  return rows as Table[]
}
