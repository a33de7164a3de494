import { control } from '../../contract/control.ts'
import type { Live, Sql } from '../../contract/control.ts'

export const schema = control({
  claim: 'The columns that the code believes in are the columns of the live database, in every kind of realm.',
  enforcedBy: ['kernel/serve/open.ts', 'kernel/serve/columns.ts'],
  every: '1 minute',
  async probe(live) {
    const databases = live.canaries.flatMap(({ north, south }) => [north.catalogue, south.catalogue])
    const faults = (await Promise.all(databases.map((ask) => differencesIn(ask, live)))).flat()
    return faults.length
      ? { holds: false, saw: 'the code and a database disagree about a column', detail: [...new Set(faults)] }
      : { holds: true, saw: 'code and databases agree on every column, its type and whether it may be empty' }
  },
  async sabotage({ canaries }) {
    const { catalogue } = canaries.find(({ kind }) => kind === 'database')!.north
    await catalogue('alter table identity.workspace add column surprise text')
    return async () => void (await catalogue('alter table identity.workspace drop column surprise'))
  },
})

/** Through the standard's views, where the boot reads the server's own catalogue. */
const COLUMNS = `
  select c.table_schema || '.' || c.table_name || '.' || c.column_name as name,
    replace(coalesce(c.domain_name, format('%I.%I', c.udt_schema, c.udt_name)::regtype::text),
            'timestamp with time zone', 'timestamptz')
    || case when c.is_nullable = 'YES' then ' null'
            when c.column_default is not null or 'YES' = c.is_identity or 'ALWAYS' = c.is_generated then ' default'
            else '' end as word
  from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
  where t.table_type = 'BASE TABLE' and c.table_schema = any($1)`

async function differencesIn(ask: Sql, { tables }: Live): Promise<string[]> {
  const rows = await ask(COLUMNS, [Object.keys(tables)])
  const theirs = new Map(rows.map(({ name, word }) => [String(name), String(word)]))
  const ours = new Map<string, string>(
    Object.entries(tables).flatMap(([schema, inner]) =>
      Object.entries(inner).flatMap(([table, columns]) =>
        Object.entries(columns).map(([column, word]) => [`${schema}.${table}.${column}`, word] as const),
      ),
    ),
  )
  if (ours.size === 0) throw new Error('the code names no column, so there is nothing to compare')
  return [...new Set([...ours.keys(), ...theirs.keys()])].filter((name) => ours.get(name) !== theirs.get(name))
}
