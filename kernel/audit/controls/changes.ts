import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { control } from '../../contract/control.ts'
import type { Canary } from '../../contract/control.ts'
import { entriesOf, everyCanary, insistOn, inside, requestOf } from './canaries.ts'

export const changes = control({
  claim:
    'Each entry tells which fields of which records changed, from what to what, as the records themselves show it, ' +
    'and of a secret only that it was there.',
  enforcedBy: ['kernel/tenancy/migrations/0002_changes.sql', 'kernel/tenancy/seal.ts', 'kernel/audit/record.ts'],
  every: '1 hour',
  async probe(live) {
    const silent = await Promise.all(live.canaries.map(({ north }) => north.catalogue(SILENT)))
    const told = await Promise.all(everyCanary(live).map(faultsOf))
    const faults = [
      ...silent.flat().map(({ name }) => `${String(name)} tells nothing of what changes in it`),
      ...told.flat(),
    ]
    return faults.length
      ? { holds: false, saw: 'an entry told something else than what became of the record', detail: faults }
      : { holds: true, saw: 'what was made, changed and removed stands in the log field by field, without secrets' }
  },
  /** One table no longer tells what changes in it. */
  async sabotage({ canaries }) {
    const { catalogue } = canaries[0]!.north
    await catalogue('alter table identity.role disable trigger noted_update')
    return async () => void (await catalogue('alter table identity.role enable trigger noted_update'))
  },
})

/** What the kernel writes beside every change is no change of anybody's records; nor are counters and tickets. */
const SILENT = `
  select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and n.nspname !~ '^(pg_|information_schema|tenancy|audit|events|mail|serve)'
    and n.nspname || '.' || c.relname not in ('identity.epoch', 'identity.ticket')
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id')
    and 3 <> (select count(*) from pg_trigger t join pg_proc p on p.oid = t.tgfoid
      where t.tgrelid = c.oid and t.tgenabled = 'O' and p.proname = 'note_change')`

/** A role is made, changed and removed again, with a look at its row each time; and a key, for its secret. */
async function faultsOf(canary: Canary): Promise<string[]> {
  const key = `probe-${randomBytes(6).toString('hex')}`
  const grants = ['identity.workspace.get']
  const role = (id: string) => rowOf(canary, 'identity.role', id)
  const made = insistOn(await canary.call('identity.role.create', { key, title: 'Before', grants }), 'a new role')
  const id = String(made.json()['id'])
  const born = await role(id)
  const altered = await canary.call('identity.role.update', { id, title: 'After', grants })
  const grown = await role(id)
  const removed = insistOn(await canary.call('identity.role.remove', { id }), 'the end of a role')
  insistOn(altered, 'a change of a role')
  const one = { of: 'identity.role', id }
  return [
    ...(await untold(canary, requestOf(made), { ...one, before: null, after: born })),
    ...(await untold(canary, requestOf(altered), { ...one, ...between(born, grown) })),
    ...(await untold(canary, requestOf(removed), { ...one, before: grown, after: null })),
    ...(await role(id).then(
      () => ['a role that was removed is there'],
      () => [],
    )),
    ...(await secretsOf(canary)),
  ]
}

type Row = Record<string, unknown>

/** Empty fields say nothing. */
async function rowOf(canary: Canary, table: string, id: string): Promise<Row> {
  const where = `workspace_id = '${canary.workspace}' and id = '${id}'`
  const [found] = await inside(canary, `select jsonb_strip_nulls(to_jsonb(t)) as row from ${table} t where ${where}`)
  if (!found) throw new Error('a record that was made is not there')
  return found['row'] as Row
}

function between(before: Row, after: Row): { before: Row; after: Row } {
  const fields = Object.keys(after).filter((key) => !isDeepStrictEqual(before[key], after[key]))
  const only = (row: Row) => Object.fromEntries(fields.map((key) => [key, row[key]]))
  return { before: only(before), after: only(after) }
}

async function untold(canary: Canary, request: string, change: object): Promise<string[]> {
  const [entry, ...more] = await entriesOf(canary, request)
  if (entry && !more.length && isDeepStrictEqual(entry['changes'], [change])) return []
  return [`not told as it was: ${JSON.stringify(change)}, but ${JSON.stringify(entry?.['changes'])}`]
}

async function secretsOf(canary: Canary): Promise<string[]> {
  const asked = { name: 'Probe of the log', role: canary.thing('role'), scopes: ['identity.key.revoke'] }
  const made = insistOn(await canary.call('identity.key.create', asked), 'a new key')
  const { id, token } = made.json() as { id: string; token: string }
  const revoked = insistOn(await canary.call('identity.key.revoke', { id }), 'the end of a key')
  const { hash } = await rowOf(canary, 'identity.key', id)
  const told = [...(await entriesOf(canary, requestOf(made))), ...(await entriesOf(canary, requestOf(revoked)))]
  const text = JSON.stringify(told)
  const isMarked = text.includes('"hash":"[secret]"')
  return [
    ...(text.includes(token) || text.includes(String(hash)) ? ['a secret stands in an entry'] : []),
    ...(isMarked ? [] : ['a new key’s entry does not tell that it has a secret']),
  ]
}
