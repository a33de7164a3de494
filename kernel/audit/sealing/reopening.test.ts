import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drain, ENTRIES, examined, openLogbook, workspaces, type Logbook } from '../../../test/logbook.ts'
import { headIn, type Copies, type Kept } from './copies.ts'
import { reopen } from './reopening.ts'
import { pass } from './sequencer.ts'
import { newMemory } from './sequencing/belief.ts'
import { Unsealable } from './sequencing/ledger.ts'

/** After a restore: nothing is signed until somebody opens a new log, which says what it goes on from. */
const memoryOf = (): Copies & { kept: Map<string, Kept> } => {
  const kept = new Map<string, Kept>()
  return {
    kept,
    newest: async (origin) => kept.get(origin),
    keep: ({ origin }, note) => void kept.set(origin, { ...headIn(note), note }),
  }
}

const TABLES = ['audit.log', 'audit.tile', 'audit.leaf', 'audit.entry']
const backUp = ({ sql }: Logbook) =>
  sql(TABLES.map((table) => `create table ${copyOf(table)} as table ${table}`).join(';'))
const restore = ({ sql }: Logbook) =>
  sql(TABLES.map((table) => `delete from ${table}; insert into ${table} select * from ${copyOf(table)}`).join(';'))
const copyOf = (table: string) => `public.kept_${table.slice('audit.'.length)}`

const firstOf = ({ sql }: Logbook, epoch: number) =>
  sql(
    `select e.workspace_id, e.action, e.actor_kind, e.input from audit.leaf f
      join audit.entry e using (workspace_id, id) where f.epoch = $1 and f.seq = 1 order by f.index`,
    [epoch],
  )

test('a database that was set back is not signed, until a new log cites what was lost', async () => {
  const copies = memoryOf()
  await using book = await openLogbook(copies)
  const all = workspaces(3)
  await book.sql(ENTRIES, [all, 300])
  await drain(book)
  await backUp(book)
  await book.sql(ENTRIES, [all, 60])
  const warm = await drain(book)
  const lost = copies.kept.get(`vouchsafe/${book.realm.id}/1`)!
  assert.equal(lost.size, 360)
  await restore(book)
  const newcomer = workspaces(1)
  await book.sql(ENTRIES, [[...all, ...newcomer], 8])
  for (const memory of [warm, newMemory()])
    await assert.rejects(pass(book.means, book.realm, memory), (error: Error) => {
      assert.ok(error instanceof Unsealable)
      assert.match(error.message, /knows 360 entries, and 300 are stored/)
      return true
    })
  const lastOnes = await book.sql(`select distinct on (workspace_id) workspace_id, seq::int,
    encode(hash, 'base64') as hash from audit.leaf order by workspace_id, seq desc`)
  const reopened = await reopen(book.means, book.realm, 'restored from the backup of Thursday')
  assert.deepEqual([reopened.epoch, reopened.workspaces, reopened.former.size], [2, 3, 360])
  await drain(book, warm)
  assert.deepEqual(await examined(book), [300, 11])
  const first = await firstOf(book, 2)
  assert.equal(first.length, 4)
  for (const { workspace_id, action, actor_kind, input } of first.slice(0, 3)) {
    assert.deepEqual([action, actor_kind], ['audit.log.reopen', 'system'])
    const last = lastOnes.find((one) => one['workspace_id'] === workspace_id)!
    assert.deepEqual(input, {
      origin: `vouchsafe/${book.realm.id}/1`,
      size: 360,
      root: lost.root.toString('base64'),
      entries: last['seq'],
      last: last['hash'],
      reason: 'restored from the backup of Thursday',
    })
  }
  assert.equal(first[3]!['action'], 'trial.thing.create')
  assert.equal(copies.kept.get(reopened.origin)!.size, 11)
  const [former] = await book.sql('select public_key, closed_at is not null as closed from audit.log where epoch = 1')
  const [now] = await book.sql('select public_key from audit.log where epoch = 2')
  assert.ok(former!['closed'] && former!['public_key'] !== now!['public_key'])
})

test('a copy that says something else stops it too, and so does one that another key signed', async () => {
  const copies = memoryOf()
  await using book = await openLogbook(copies)
  await using other = await openLogbook(copies)
  const all = workspaces(2)
  for (const one of [book, other]) {
    await one.sql(ENTRIES, [all, 10])
    await drain(one)
  }
  const origin = `vouchsafe/${book.realm.id}/1`
  const own = copies.kept.get(origin)!
  await backUp(book)
  await book.sql(ENTRIES, [all, 2])
  await drain(book)
  const branched = copies.kept.get(origin)!
  await restore(book)
  copies.kept.set(origin, own)
  await book.sql(ENTRIES, [all, 2])
  await drain(book)
  copies.kept.set(origin, branched)
  await book.sql(ENTRIES, [all, 1])
  await assert.rejects(pass(book.means, book.realm, newMemory()), /knows another tree of 12 entries/)
  copies.kept.set(origin, copies.kept.get(`vouchsafe/${other.realm.id}/1`)!)
  await assert.rejects(pass(book.means, book.realm, newMemory()), /signed by another key/)
  copies.kept.delete(origin)
  await drain(book)
})

test('what cannot be asked is no answer: nothing is signed while no copy can be read', async () => {
  const copies = { ...memoryOf(), newest: () => Promise.reject(new Error('the disk is away')) }
  await using book = await openLogbook(copies)
  await assert.rejects(pass(book.means, book.realm, newMemory()), /the disk is away/)
})

test('entries brought from another server are sealed in a new log, and only those that were in none', async () => {
  await using book = await openLogbook()
  const all = workspaces(3)
  await book.sql(ENTRIES, [all, 90])
  const memory = await drain(book)
  await book.sql(ENTRIES, [all, 6])
  // As another server had numbered them: far beyond what this one has begun, and in none of its transactions.
  const far = `(xid::text::bigint + 1000000)::text::xid8`
  await book.sql(`update audit.entry e set xid = ${far} where not exists (select from audit.leaf f where f.id = e.id);
    update audit.log set xid = ${far}`)
  await book.sql(ENTRIES, [all, 3])
  for (const one of [memory, newMemory()])
    await assert.rejects(pass(book.means, book.realm, one), /its entries were brought here from another/)
  await reopen(book.means, book.realm, 'moved to another server')
  await drain(book)
  assert.deepEqual(await examined(book), [90, 12])
  assert.ok((await firstOf(book, 2)).every(({ action }) => action === 'audit.log.reopen'))
  // And again, by one that remembers and one that does not.
  await book.sql(ENTRIES, [all, 3])
  await drain(book)
  assert.deepEqual(await examined(book), [90, 15])
})

test('of two who open a new log at once, one does', async () => {
  await using book = await openLogbook()
  await book.sql(ENTRIES, [workspaces(2), 20])
  await drain(book)
  const both = await Promise.allSettled([1, 2].map(() => reopen(book.means, book.realm, 'twice')))
  const opened = both.filter(({ status }) => status === 'fulfilled').length
  assert.ok(opened >= 1)
  await drain(book)
  assert.deepEqual(await examined(book), [20, ...Array<number>(opened).fill(2)])
})

test('a realm without a log has none to open anew', async () => {
  await using book = await openLogbook()
  await assert.rejects(reopen(book.means, book.realm, 'why not'), /There is no audit log yet/)
})
