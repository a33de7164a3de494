import type pg from 'pg'
import { Trouble } from '../base/trouble.ts'
import type { Names } from './names.ts'
import { complaints } from './shape.ts'
import { crossing } from './cluster.ts'

/**
 * Protection is attached by machinery, never remembered by an author: after every migration each table of a workspace
 * gets forced row security, one policy, and rights for one role. A table whose shape would make that worthless stops
 * the boot.
 */
export async function seal(admin: pg.Client, names: Names, schemas: readonly string[]): Promise<void> {
  const wrong = await complaints(admin, schemas)
  if (wrong.length) throw new Trouble(`The schema cannot be sealed: ${wrong.join('; ')}.`)

  for (const schema of schemas) await openSchema(admin, names, schema)
  const { rows } = await admin.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relkind in ('r', 'p') and (n.nspname, c.relname) <> ('tenancy', 'migration')
       order by 1, 2`,
    [schemas],
  )
  await takeBack(admin, schemas)
  for (const { schema, name } of rows) {
    await sealTable(admin, names, schema, name)
    await noteChanges(admin, schema, name)
  }
  await grantExceptions(admin, names)
}

async function openSchema(admin: pg.Client, names: Names, schema: string) {
  const everyone = [...crossing(names), ...(schema === 'tenancy' ? [] : [names.role(schema)])]
  await admin.query(`revoke all on schema ${schema} from public`)
  if (schema !== 'tenancy') await admin.query(`grant usage on schema ${schema}, tenancy to ${names.role(schema)}`)
  await admin.query(`grant usage on schema tenancy to ${everyone.join(', ')}`)
  await admin.query(`revoke all on all functions in schema ${schema} from public`)
  const callers = schema === 'tenancy' ? 'public' : names.role(schema)
  await admin.query(`grant execute on all functions in schema ${schema} to ${callers}`)
}

/** Whoever was given a right to a table or a column, by whatever came before: what is given now is all there is. */
async function takeBack(admin: pg.Client, schemas: readonly string[]) {
  const { rows } = await admin.query<{ name: string; grantee: string }>(
    `select distinct format('%I.%I', n.nspname, c.relname) as name,
       case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     cross join lateral (
       select (aclexplode(c.relacl)).grantee
       union select (aclexplode(attacl)).grantee from pg_attribute where attrelid = c.oid and attacl is not null
     ) a
     where n.nspname = any($1) and c.relkind in ('r', 'p') and a.grantee <> c.relowner`,
    [schemas],
  )
  for (const { name, grantee } of rows) await admin.query(`revoke all on ${name} from ${grantee}`)
}

async function sealTable(admin: pg.Client, names: Names, schema: string, table: string) {
  const full = `${schema}.${table}`
  await admin.query(`alter table ${full} enable row level security`)
  await admin.query(`alter table ${full} force row level security`)
  await admin.query(`drop policy if exists sealed on ${full}`)
  await admin.query(`create policy sealed on ${full}
    using (workspace_id = tenancy.current_workspace()) with check (workspace_id = tenancy.current_workspace())`)
  const rights = rightsOn[full] ?? 'select, insert, update, delete'
  if (schema !== 'tenancy') await admin.query(`grant ${rights} on ${full} to ${names.role(schema)}`)
}

/** Each table tells what a statement changed in it, so that no entry can leave it out. */
async function noteChanges(admin: pg.Client, schema: string, table: string) {
  const full = `${schema}.${table}`
  const { rows } = await admin.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped
       and atttypid = 'tenancy.secret'::regtype order by 1`,
    [full],
  )
  const hidden = rows.map(({ name }) => `'${name}'`).join(', ')
  for (const [event, seen] of Object.entries(NOTED)) {
    await admin.query(`drop trigger if exists noted_${event} on ${full}`)
    if (!ownBooks.test(full))
      await admin.query(`create trigger noted_${event} after ${event} on ${full} referencing ${seen}
        for each statement execute function tenancy.note_change(${hidden})`)
  }
}

const NOTED = {
  insert: 'new table as new_rows',
  update: 'old table as old_rows new table as new_rows',
  delete: 'old table as old_rows',
}

/** What the kernel writes beside every change is no change of anybody's records. */
const ownBooks = /^(tenancy|events|mail|serve)\.|^audit\.(?!hold$|retention$|alert$)|^identity\.(epoch|ticket)$/

/** Every other table may be read and written by its own folder's role; truncate, references and triggers by nobody. */
const rightsOn: Record<string, string> = {
  // The log can be read by the role that shows it, and changed by no one.
  'audit.entry': 'select',
  'audit.leaf': 'select',
  'audit.tile': 'select',
  'audit.log':
    'select (workspace_id, id, epoch, origin, public_key, size, root, checkpoint, signed_at, refused, closed_at)',
  // It can be asked to forget, and not to have forgotten; what is known meanwhile of whom is the keeper's alone.
  'audit.erasure':
    'select (workspace_id, id, created_at, subject, reason, who, what, done_at), ' +
    'insert (workspace_id, id, subject, reason, asked_by, ids), update (known, epoch, seq)',
  'audit.hold': 'select, insert, update (released_at, released_by, released_because)',
  'audit.retention': 'select, insert, update (months)',
  'audit.total': 'select',
  // Probes plant one; what is raised is the keeper's, and whoever reads it can say that they did.
  'audit.alert': 'select, insert, update (acknowledged_at, acknowledged_by, note)',
  'audit.watch': 'select',
  'events.outbox': 'select, delete',
  'events.job': 'select',
  'mail.letter': 'select',
  'serve.answer': 'select, delete',
}

/** Not which entry it is, when, or in which transaction: by these it is found again, and sealed in its turn. */
const entryColumns = `workspace_id, action, outcome, actor_kind, actor_id, actor_name, address, user_agent, request_id,
  target, input, changes`

/** What the crossing roles may do. */
async function grantExceptions(admin: pg.Client, names: Names) {
  await admin.query(`grant usage on schema audit, events, mail, serve to ${names.recorder}`)
  await admin.query(`grant usage on schema identity to ${names.watcher}`)
  await admin.query(`grant insert (${entryColumns}) on audit.entry to ${names.recorder}`)
  const recorded = 'events.outbox, events.job, mail.letter, serve.answer'
  await admin.query(`grant insert on ${recorded} to ${names.recorder}`)
  // Which workspaces' rights changed lately, across all of them: counters and times, nothing of theirs.
  await admin.query(`grant select (workspace_id, n, changed_at) on identity.epoch to ${names.watcher}`)
  await admin.query('drop policy if exists watched on identity.epoch')
  await admin.query(`create policy watched on identity.epoch for select to ${names.watcher} using (true)`)
  // Which jobs are due, in all workspaces; what a job then does, it does inside its own.
  await admin.query(`grant usage on schema events to ${names.worker}`)
  await admin.query(`grant select, delete, update (attempts, run_at, last_error) on events.job to ${names.worker}`)
  await admin.query('drop policy if exists worked on events.job')
  await admin.query(`create policy worked on events.job to ${names.worker} using (true)`)
  // Letters are taken likewise; what one says is sealed, and to whom it goes cannot be changed.
  await admin.query(`grant usage on schema mail to ${names.worker}`)
  const marks = 'attempts, taken_until, sent_at, content, last_error'
  await admin.query(`grant select, delete, update (${marks}) on mail.letter to ${names.worker}`)
  await admin.query('drop policy if exists posted on mail.letter')
  await admin.query(`create policy posted on mail.letter to ${names.worker} using (true)`)
  // How far the log is signed: whoever has an entry in it is told where that stands.
  await admin.query('drop policy if exists headed on audit.log')
  await admin.query(`create policy headed on audit.log for select to ${names.role('audit')} using (true)`)
  await admitKeeper(admin, names)
  await keepReceipts(admin, names)
}

/**
 * What the log says of itself (that it forgot, that it was lost) makes up for what is missing in it. So only its keeper
 * says it; the application says that it was taken. An entry without an action is refused for that, and not by this.
 */
async function keepReceipts(admin: pg.Client, { recorder }: Names) {
  await admin.query('drop policy if exists receipts on audit.entry')
  await admin.query(`create policy receipts on audit.entry as restrictive for insert to ${recorder}
    with check (action not like 'audit.log.%' or action = 'audit.log.export' or action is null)`)
}

/** Whoever keeps the log sees it whole, and of an entry can change nothing but what has to be forgotten. */
async function admitKeeper(admin: pg.Client, { keeper }: Names) {
  await admin.query(
    `do $$ begin execute format('grant connect on database %I to ${keeper}', current_database()); end $$`,
  )
  await admin.query(`grant usage on schema audit, tenancy to ${keeper}`)
  await admin.query(`grant execute on all functions in schema audit to ${keeper}`)
  for (const [table, rights] of Object.entries(kept)) {
    await admin.query(`grant ${rights} on audit.${table} to ${keeper}`)
    await admin.query(`drop policy if exists kept on audit.${table}`)
    await admin.query(`create policy kept on audit.${table} to ${keeper} using (true)`)
  }
  // Whoever is to be written to about what is in the log is asked for like any work.
  await admin.query(`grant usage on schema events to ${keeper}`)
  await admin.query(`grant insert on events.job to ${keeper}`)
  await admin.query('drop policy if exists asked on events.job')
  await admin.query(`create policy asked on events.job for insert to ${keeper} with check (true)`)
}

const kept = {
  entry: `select, insert (${entryColumns}), delete, update (actor_name, address, user_agent, input, changes)`,
  leaf: 'select, insert, delete, update (who_salt, what_salt)',
  tile: 'select, insert, update (hashes)',
  erasure: 'select, delete, update (ids, words, known, epoch, seq, who, what, reason, done_at)',
  hold: 'select, delete',
  retention: 'select',
  total: 'select, insert, update (entries), delete',
  alert: 'select, insert, delete, update (to_at, times, entries, subject, note)',
  watch: 'select, insert, update (epoch, index)',
  log: 'select, insert, update (size, root, xid, entry_id, checkpoint, signed_at, refused, closed_at)',
}
