import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { drain, ENTRIES, examined, openLogbook, workspaces, type Logbook } from '../../../../test/logbook.ts'
import { pass } from '../sequencer.ts'
import { newMemory, type Memory } from './belief.ts'
import { Unsealable } from './ledger.ts'

/** Whoever can write to the tables of the log does not thereby get a signature of ours. */
let book: Logbook
const all = workspaces(3)
before(async () => {
  book = await openLogbook()
  await book.sql(ENTRIES, [all, 705])
  await drain(book)
})
after(() => book[Symbol.asyncDispose]())

const CHANGED = `set hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1)`
const lastOf = (workspace: string) => `workspace_id = '${workspace}' and seq =
  (select max(seq) from audit.leaf where workspace_id = '${workspace}')`

/** Never full, since an odd number of entries and six at a time make no number of whole tiles. */
const EDGE = 'level = 0 and n = (select max(n) from audit.tile where level = 0)'

/** Each by itself; a process that has just begun can tell, and one that sealed them. */
const ALTERATIONS: Record<string, string> = {
  'the size': 'update audit.log set size = size - 1',
  'the root': `update audit.log set root = sha256('another')`,
  'how far it came': `update audit.log set xid = (xid::text::bigint - 1)::text::xid8`,
  'how far it will come': `update audit.log set entry_id = 'ffffffff-ffff-ffff-ffff-ffffffffffff'`,
  'the signature': `update audit.log set checkpoint = overlay(checkpoint placing 'AAAA' from length(checkpoint) - 20)`,
  'what was signed': `update audit.log
    set checkpoint = replace(checkpoint, size::text, (size - 1)::text), size = size - 1`,
  'that anything was signed': 'update audit.log set checkpoint = null',
  'the public key': `update audit.log set public_key = replace(public_key, '+', '+0')`,
  'the name': `update audit.log set origin = origin || '1'`,
  'the number': 'update audit.log set epoch = 2',
  'that it is open': 'update audit.log set closed_at = now()',
  'a hash at the right edge': `update audit.tile ${CHANGED} where ${EDGE}`,
  'a root at the right edge': `update audit.tile ${CHANGED} where level = 1`,
  'a tile that is shorter': `update audit.tile set hashes = substring(hashes for 64) where ${EDGE}`,
  'a tile that is longer': `update audit.tile set hashes = hashes || sha256('more') where ${EDGE}`,
  'a tile that is gone': `delete from audit.tile where ${EDGE}`,
  'the hash of a last leaf': `update audit.leaf set hash = sha256('another') where ${lastOf(all[0]!)}`,
  'the place of a last leaf': `update audit.leaf set seq = seq + 5 where ${lastOf(all[1]!)}`,
}
/** What is gone is missed by whoever knew of it. */
const WARM: Record<string, string> = {
  'that there is a last leaf': `delete from audit.leaf where ${lastOf(all[2]!)}`,
}
/** Of an entry that was sealed long ago only the log itself says what it was. */
const COLD: Record<string, string> = {
  'where a last leaf is in the tree': `update audit.leaf set index = index - 9 where ${lastOf(all[0]!)}`,
  'what a last entry says': `update audit.entry e set action = 'nothing' from audit.leaf f
    where f.workspace_id = e.workspace_id and f.id = e.id and f.${lastOf(all[0]!)}`,
}

const TABLES = ['audit.log', 'audit.tile', 'audit.leaf', 'audit.entry']

/** As it was, whatever was done to it. */
const keep = () => book.sql(TABLES.map((table) => `create table ${copyOf(table)} as table ${table}`).join(';'))
const restore = () =>
  book.sql(
    TABLES.map(
      (table) => `delete from ${table}; insert into ${table} select * from ${copyOf(table)};
      drop table ${copyOf(table)}`,
    ).join(';'),
  )
const copyOf = (table: string) => `public.kept_${table.slice('audit.'.length)}`

for (const [what, statement] of Object.entries({ ...ALTERATIONS, ...COLD, ...WARM }))
  test(`${what} was altered: nothing more is signed, and all is well once it is put back`, async () => {
    await book.sql(ENTRIES, [all, 6])
    const warm = await drain(book)
    // What is to be sealed next.
    await book.sql(ENTRIES, [all, 6])
    await keep()
    try {
      await book.sql(statement)
      const [before] = await heads()
      const memories: Memory[] = [...(what in WARM ? [] : [newMemory()]), ...(what in COLD ? [] : [warm])]
      for (const memory of memories)
        await assert.rejects(pass(book.means, book.realm, memory), Unsealable, memory === warm ? 'warm' : 'cold')
      assert.deepEqual((await heads())[0], before)
    } finally {
      await restore()
    }
    await drain(book, warm)
    await examined(book)
  })

const heads = () => book.sql('select size, root, checkpoint from audit.log')
