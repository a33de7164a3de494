import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import { jeweller } from '../../editions/jeweller/edition.ts'
import type { Canary } from '../contract/control.ts'
import { world } from '../testing.ts'
import type { World } from '../testing.ts'
import { Intruder, rowsOf, tablesOf } from './intruder.ts'
import type { Said, Table, Told } from './intruder.ts'

/**
 * Somebody speaks SQL as the application, in a module's role and in the workspace of north, and wants what is south's.
 * Each attempt is shown to work on north's own rows first, or it would prove nothing.
 */
type Arena = {
  north: Canary
  south: Canary
  intruder: Intruder
  tables: readonly Table[]
  asNorth: (table: Table, ...said: Said) => Promise<Told>
}

type Attempt = (arena: Arena) => Promise<void>

const attempts: Record<string, Attempt> = {
  async 'no workspace, an empty one and junk for a workspace see nothing: row security fails closed'({
    north,
    south,
    intruder,
    tables,
  }) {
    const junk = ['null', 'true', '*', '%', `${south.workspace}' or true --`, `{${south.workspace},x`, '0', ' ']
    let seen = 0
    for (const { full, role, reads } of tables) {
      const count: Said = [`select count(*)::int as n from ${full}`]
      const counted = (workspace?: string) => intruder.attempt(role, workspace, count)
      if (reads) seen += Number(rowsOf(await counted(north.workspace))[0]!['n'])
      for (const nothing of reads ? [undefined, '', randomUUID()] : [])
        assert.deepEqual(rowsOf(await counted(nothing)), [{ n: 0 }], full)
      for (const one of reads ? junk : []) assert.equal((await counted(one)).code, '22P02', `${full} ${one}`)
      for (const one of [undefined, '', ...junk]) {
        const told = await intruder.attempt(role, one, [`insert into ${full} default values`])
        assert.match(told.code, /^(?:42501|22P02|23502)$/, full)
      }
    }
    assert.ok(seen > 10, 'north sees rows of its own')
  },

  async 'rows of the neighbour are neither read, changed, locked, taken over nor copied'({
    north,
    south,
    tables,
    asNorth,
  }) {
    let tried = 0
    for (const table of tables.filter(({ reads }) => reads)) {
      const { full } = table
      const own = (await rowsIn(north, full, 1_000)).length
      assert.equal((await asNorth(table, `copy ${full} to stdout`)).affected, own, `copying ${full}`)
      for (const { id } of await rowsIn(south, full, 3))
        for (const wish of [
          `select from ${full} where id = $1`,
          `select from ${full} where id = $1 for update`,
          `delete from ${full} where id = $1`,
          `update ${full} set id = gen_random_uuid() where id = $1`,
          `with gone as (delete from ${full} where id = $1 returning *) select from gone`,
          `merge into ${full} t using (select $1::uuid as id) s on t.id = s.id when matched then delete`,
          `select from ${full} where workspace_id = '${south.workspace}' and id = $1`,
        ]) {
          const { code, affected } = await asNorth(table, wish, id)
          assert.ok(affected === 0 && ['', '42501'].includes(code), `${wish}: ${code} ${affected}`)
          tried++
        }
    }
    assert.ok(tried > 50)
  },

  async 'a row is neither written into another workspace nor moved there: the check on what is written'({
    north,
    south,
    tables,
    asNorth,
  }) {
    for (const table of tables.filter(({ writes }) => writes)) {
      const [own] = await rowsIn(north, table.full, 1)
      const moved = await asNorth(table, `update ${table.full} set workspace_id = $1`, south.workspace)
      // An issued invoice is final, which its trigger says before row security has a look.
      assert.match(moved.code, own ? /^(?:42501|23514)$/ : /^(?:|42501)$/, `${table.full}: ${moved.message}`)
      const told = await asNorth(
        table,
        ...insertion(table, { ...own, id: randomUUID(), workspace_id: south.workspace }),
      )
      assert.match(told.code, /^(?:42501|23514)$/, `${table.full}: ${told.message}`)
    }
  },

  async 'the neighbour’s values can be used again, so that nobody learns of them: the unique oracle'({
    north,
    south,
    intruder,
    tables,
    asNorth,
  }) {
    let copied = 0
    for (const table of tables.filter(({ writes }) => writes)) {
      for (const own of await rowsIn(north, table.full, 1)) {
        const told = await asNorth(table, ...insertion(table, own))
        assert.match(told.code, /^23/, `${table.full}: it was there already`)
      }
      // Where both have the same value, ours goes first: what still collides then is the neighbour's.
      const without: Said = [`delete from ${table.full}`]
      const before = (await asNorth(table, ...without)).code ? [] : [without]
      for (const theirs of await rowsIn(south, table.full, 5)) {
        const copy = insertion(table, { ...theirs, workspace_id: north.workspace })
        const told = await intruder.attempt(table.role, north.workspace, ...before, copy)
        const isOurs = told.code === '23505' && (await isOwnKey(north, table, told.message))
        assert.ok((before.length === 0 && isOurs) || told.code !== '23505', `${table.full}: ${told.message}`)
        copied++
      }
    }
    assert.ok(copied > 10)
  },

  async 'a reference to the neighbour’s row is a reference to nothing: the foreign key oracle'({
    north,
    south,
    tables,
    asNorth,
  }) {
    // So that there is a session of theirs, and a visit.
    await north.person('owner').token()
    await north.catalogue(
      `insert into identity.support_visit (workspace_id, grant_id, staff_id, staff_name, reason, expires_at)
         select workspace_id, id, 'nobody', 'Nobody', 'A visit that was never made', now() from identity.support_grant
         where workspace_id = $1 limit 1`,
      [north.workspace],
    )
    const references = (await north.catalogue(REFERENCES)) as { child: string; parent: string; field: string }[]
    let tried = 0
    for (const { child, parent, field } of references) {
      const table = tables.find(({ full }) => full === child)!
      const [own] = await rowsIn(north, child, 1)
      // Of a table in which nothing was planted the shape of its references says the same.
      if (!own) continue
      tried++
      const [theirs] = await rowsIn(south, parent, 1)
      const told = async (id: string) => {
        const row = { ...own, id: randomUUID(), [field]: id, status: 'draft', position: 99 }
        const { code, message } = await asNorth(table, ...insertion(table, row))
        return [code, message.replaceAll(id, 'ID')]
      }
      const [foreign, absent] = [await told(String(theirs!.id)), await told(randomUUID())]
      assert.deepEqual(foreign, absent, child)
      assert.match(foreign[0]!, /^23/, `${child}.${field}: ${foreign.join(' ')}`)
    }
    assert.ok(tried > references.length / 2, `${tried} of ${references.length}`)
  },

  async 'what the neighbour deletes takes nothing of ours along: no cascade crosses'({ north }) {
    const crossing = await north.catalogue(
      `select conname from pg_constraint where contype = 'f' and confdeltype in ('c', 'n', 'd')
         and not exists (select from pg_attribute a
           where a.attrelid = conrelid and a.attnum = any(conkey) and a.attname = 'workspace_id')`,
    )
    assert.deepEqual(crossing, [])
  },
}

let here: World
before(async () => {
  here = await world(jeweller)
})
after(() => here[Symbol.asyncDispose]())

for (const kind of ['pool', 'database'] as const)
  for (const [what, make] of Object.entries(attempts))
    test(`${what} (${kind} realm)`, async () => {
      const { live, parts } = here.served
      const { north, south } = live.canaries.find((one) => one.kind === kind)!
      const { realms, admin, names, schemas } = parts.deployment
      await using intruder = await Intruder.enter(admin, (await realms.place(north.workspace))!.realm)
      const asNorth = ({ role }: Table, ...said: Said) => intruder.attempt(role, north.workspace, said)
      await make({ north, south, intruder, tables: await tablesOf(north, names, schemas), asNorth })
    })

type Row = { id: string } & Record<string, unknown>

const rowsIn = async ({ catalogue, workspace }: Canary, full: string, most: number) => {
  const rows = await catalogue(`select to_jsonb(t) as row from ${full} t where workspace_id = $1 limit ${most}`, [
    workspace,
  ])
  return rows.map(({ row }) => row as Row)
}

const insertion = ({ full }: Table, row: object): Said => [
  `insert into ${full} select * from jsonb_populate_record(null::${full}, $1)`,
  JSON.stringify(row),
]

/** Of a table that cannot be emptied: a key that begins with the workspace can only meet a row of our own. */
async function isOwnKey(north: Canary, { full }: Table, message: string): Promise<boolean> {
  const constraint = /constraint "(\w+)"/.exec(message)?.[1] ?? ''
  const found = await north.catalogue(
    `select a.attname from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
     where i.indexrelid = to_regclass($1) and a.attname = 'workspace_id'`,
    [`${full.split('.')[0]}.${constraint}`],
  )
  return found.length > 0
}

const REFERENCES = `
  select o.conrelid::regclass::text as child, o.confrelid::regclass::text as parent, a.attname as field
  from pg_constraint o join pg_attribute a on a.attrelid = o.conrelid and a.attnum = any(o.conkey)
  where o.contype = 'f' and a.attname <> 'workspace_id' and a.atttypid = 'uuid'::regtype
    -- Nobody's rows stand in the lobby, so there is no neighbour in it.
    and not exists (select from pg_constraint l where l.conrelid = o.conrelid and l.conname like '%_is_in_the_lobby')`
