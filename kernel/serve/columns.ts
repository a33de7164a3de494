import type pg from 'pg'
import type { Columns } from '../contract/columns.ts'

/** The live schema in the words of `tables.ts`, and where the two disagree. */
export async function columnsIn(client: pg.ClientBase, schema: string): Promise<Columns> {
  const { rows } = await client.query<{ table: string; column: string; word: string }>(COLUMNS, [schema])
  const tables: Record<string, Record<string, string>> = {}
  for (const { table, column, word } of rows) (tables[table] ??= {})[column] = word
  return tables
}

export function differences(code: Columns, live: Columns): string[] {
  const flat = (tables: Columns) =>
    new Map(
      Object.entries(tables).flatMap(([table, columns]) =>
        Object.entries(columns).map(([column, word]) => [`${table}.${column}`, word] as const),
      ),
    )
  const [ours, theirs] = [flat(code), flat(live)]
  return [...new Set([...ours.keys(), ...theirs.keys()])].filter((name) => ours.get(name) !== theirs.get(name))
}

const COLUMNS = `
  select c.relname as table, a.attname as column,
    case when t.typtype = 'd' then t.typname else case t.typname when 'timestamptz' then 'timestamptz'
      else format_type(a.atttypid, null) end end
      || case when not a.attnotnull then ' null' when a.atthasdef or a.attidentity <> '' then ' default'
        else '' end as word
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  where n.nspname = $1 and c.relkind in ('r', 'p')
  order by c.relname, a.attnum`
