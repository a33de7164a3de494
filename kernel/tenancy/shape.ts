import type pg from 'pg'

/**
 * What would make sealing worthless, each with the query that finds it: a key that does not start with the workspace
 * is an oracle for the neighbour's values, a reference that does not carry it can point across, a view runs with its
 * owner's eyes.
 */
export async function complaints(admin: pg.Client, schemas: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const [why, query] of Object.entries(shapes)) {
    const { rows } = await admin.query<{ name: string }>(query, [schemas])
    found.push(...rows.map(({ name }) => `${name} ${why}`))
  }
  return found
}

const ours = `n.nspname = any($1) and (n.nspname, c.relname) <> ('tenancy', 'migration')`

/**
 * Operators on these types are not leakproof, so row security would keep an index on them from being used; floats
 * lie.
 */
const unfit = ['numeric', 'float4', 'float8', 'money', 'citext']

/** Those that let a crossing role or the keeper look over the walls, as sealing made them the last time. */
const exceptions = `('audit', 'alert', 'kept'), ('audit', 'watch', 'kept'), ('events', 'job', 'asked'),
  ('identity', 'epoch', 'watched'), ('events', 'job', 'worked'), ('mail', 'letter', 'posted'),
  ('audit', 'entry', 'kept'), ('audit', 'leaf', 'kept'), ('audit', 'tile', 'kept'), ('audit', 'log', 'kept'),
  ('audit', 'log', 'headed'), ('audit', 'entry', 'receipts'),
  ('audit', 'erasure', 'kept'), ('audit', 'hold', 'kept'), ('audit', 'retention', 'kept'), ('audit', 'total', 'kept')`

/** It forbids nothing, so it tells nothing; and the keeper reads all workspaces' entries in one order. */
const crossingIndexes = `('audit', 'entry_in_order'), ('audit', 'leaf_in_order')`

const startsElsewhere = `(select a.attname from pg_attribute a where a.attrelid = c.oid
  and a.attnum = i.indkey[0]) is distinct from 'workspace_id'`

const shapes: Record<string, string> = {
  'has no workspace_id that is never null': `
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and c.relkind in ('r', 'p') and not exists (
      select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id' and a.attnotnull
        and a.atttypid = 'uuid'::regtype)`,

  'has no primary key': `
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and c.relkind in ('r', 'p') and not exists (select from pg_index i where i.indrelid = c.oid
      and i.indisprimary)`,

  'is an index that does not start with workspace_id': `
    select n.nspname || '.' || x.relname as name from pg_index i join pg_class c on c.oid = i.indrelid
    join pg_class x on x.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and ${startsElsewhere} and (i.indisunique or (n.nspname, x.relname) not in (${crossingIndexes}))`,

  'is an exclusion that does not compare workspace_id': `
    select n.nspname || '.' || o.conname as name from pg_constraint o join pg_class c on c.oid = o.conrelid
    join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
      and a.attname = 'workspace_id'
    where ${ours} and o.contype = 'x' and not a.attnum = any(o.conkey)`,

  'is a reference that does not carry workspace_id': `
    select n.nspname || '.' || o.conname as name from pg_constraint o join pg_class c on c.oid = o.conrelid
    join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and o.contype = 'f' and not exists (
      select from unnest(o.conkey, o.confkey) as k (mine, theirs)
      join pg_attribute m on m.attrelid = o.conrelid and m.attnum = k.mine
      join pg_attribute t on t.attrelid = o.confrelid and t.attnum = k.theirs
      where m.attname = 'workspace_id' and t.attname = 'workspace_id')`,

  'is a reference that changes rows once it was told what changed': `
    select n.nspname || '.' || o.conname as name from pg_constraint o join pg_class c on c.oid = o.conrelid
    join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and o.contype = 'f' and o.condeferrable
      and (o.confdeltype in ('c', 'n', 'd') or o.confupdtype in ('c', 'n', 'd'))`,

  'is a policy that sealing did not make': `
    select n.nspname || '.' || c.relname || '.' || p.polname as name
    from pg_policy p join pg_class c on c.oid = p.polrelid
    join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and p.polname <> 'sealed' and (n.nspname, c.relname, p.polname) not in (${exceptions})`,

  'is a rule, which acts with the rights of the table’s owner': `
    select n.nspname || '.' || c.relname || '.' || r.rulename as name
    from pg_rewrite r join pg_class c on c.oid = r.ev_class
    join pg_namespace n on n.oid = c.relnamespace where ${ours} and c.relkind in ('r', 'p')`,

  'counts for all workspaces together, so that each sees how much the others do': `
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and c.relkind = 'S'`,

  'is not kept through a crash': `
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and c.relkind in ('r', 'p') and c.relpersistence <> 'p'`,

  'is a view that looks with its owner’s eyes': `
    select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any($1) and (c.relkind in ('m', 'f')
      or c.relkind = 'v'
        and not coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on'], false))`,

  'is a function that runs with its owner’s rights': `
    select n.nspname || '.' || p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = any($1) and p.prosecdef`,

  // A domain, an array, a range or a row is as good as what it is made of.
  'has a type that does not work under row security or is not exact': `
    with recursive made (name, type) as (
      select n.nspname || '.' || c.relname || '.' || a.attname, a.atttypid from pg_attribute a
      join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where ${ours} and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
      union
      select made.name, part.type from made join pg_type t on t.oid = made.type cross join lateral (
        select t.typbasetype union all select t.typelem
        union all select rngsubtype from pg_range where t.oid in (rngtypid, rngmultitypid)
        union all select atttypid from pg_attribute where attrelid = t.typrelid and attnum > 0 and not attisdropped
      ) part (type)
    )
    select distinct made.name from made join pg_type t on t.oid = made.type
    where t.typname in (${unfit.map((type) => `'${type}'`).join(', ')}) or t.typtype = 'e'`,
}
