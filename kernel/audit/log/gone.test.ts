import assert from 'node:assert/strict'
import { test } from 'node:test'
import { erasing, forget, reopen, sampleLog, thin, WORKSPACES, type Act, type Apart } from '../../../test/sample-log.ts'
import type { Row } from './export.ts'

/** What is not in an export any more, and who must have said so. */
const { verify } = (await import(new URL('./verifier.mjs', import.meta.url).href)) as { verify: Verify }
type Verify = (pieces: Iterable<Buffer>, given?: object) => Promise<object[]>

const [north, south] = [WORKSPACES[0]!, WORKSPACES[1]!]
const plain = sampleLog(30)
const act = (action: string, input: unknown, more: Partial<Act> = {}): Act => ({
  workspace: north,
  action: `audit.log.${action}`,
  input: () => input,
  ...more,
})
const exported = (apart: Apart, rewrite: (rows: Row[]) => Row[]) => sampleLog(30, apart).export(north, { rewrite })
const holds = async (text: string) => verify([Buffer.from(text)])
const found = async (text: string, why: RegExp) =>
  assert.rejects(holds(text), (error: Error) => error.constructor.name === 'Fault' && why.test(error.message))

const THREE = erasing({ who: [3] })

test('an erased half is named by a later entry, alone or in a range', async () => {
  for (const who of ['3', '1-3', '3-9', '1,3,5', '1-2,3-4', '1-999999999999999', 'nonsense,3'])
    await holds(await exported({ last: [forget(1, who, '')] }, THREE))
  const twice = [forget(1, '1', ''), forget(1, '', '2'), forget(1, '3', '')]
  await holds(await exported({ last: twice }, erasing({ who: [1, 3], what: [2] })))
})

test('an erased half that nothing names is found, and the first of them is called', async () => {
  const some = erasing({ who: [7, 5], what: [4, 9] })
  await found(await exported({}, some), /^Half of entry 4 of epoch 1 is gone: nothing says that it was erased\.$/)
  await found(await exported({ last: [forget(1, '5,7', '4')] }, some), /^Half of entry 9 /)
  for (const who of ['', '2', '4-9', '3-', '-3', '3-2', '03x', ' 3', '3 ', '3;4', '3.0', '0x3', '٣', '13', '2-2,4-4'])
    await found(await exported({ last: [forget(1, who, '')] }, THREE), /^Half of entry 3 /)
})

test('only the half, the epoch and the outcome that are said count, and only as they are to be written', async () => {
  const inputs = [
    { epoch: 1, who: '', what: '3' },
    { epoch: 2, who: '3', what: '' },
    { epoch: '1', who: '3', what: '' },
    { epoch: 1, who: 3, what: '' },
    { epoch: 1, who: ['3'], what: '' },
    { epoch: 1, who: { toString: '3' }, what: '' },
    { who: '3', what: '' },
    { epoch: 1 },
    '{"epoch":1,"who":"3","what":""}',
    [1, '3'],
    null,
    7,
  ]
  for (const input of inputs) {
    await found(await exported({ last: [act('forget', input)] }, THREE), /^Half of entry 3 /)
    for (const action of ['forget', 'thin', 'reopen', 'other'])
      await holds(await exported({ last: [act(action, input)] }, (rows) => rows))
  }
  const said = { epoch: 1, who: '3', what: '' }
  for (const other of [
    { outcome: 'refused' },
    { actorKind: 'person' },
    { actorKind: 'key' },
    { action: 'audit.entry.forget' },
    { workspace: south },
  ])
    await found(await exported({ last: [act('forget', said, other)] }, THREE), /^Half of entry 3 /)
})

test('an entry can only name what stands before it, and not itself', async () => {
  await found(await exported({ first: [forget(1, '1-100', '')] }, THREE), /^Half of entry 3 /)
  const last = plain.rowsOf(north).length + 1
  await found(await exported({ last: [forget(1, `${last}`, '')] }, erasing({ who: [last] })), /^Half of entry/)
  await holds(await exported({ last: [forget(1, '', ''), forget(1, `${last}`, '')] }, erasing({ who: [last] })))
})

test('what the log says of itself cannot be erased, even if it says so', async () => {
  const last = plain.rowsOf(north).length + 1
  for (const outcome of ['done', 'refused'])
    for (const action of ['forget', 'thin', 'reopen', 'hold']) {
      const acts = [act(action, { epoch: 1 }, { outcome }), forget(1, '', `${last}`)]
      await found(await exported({ last: acts }, erasing({ what: [last] })), /what it says of the log was erased/)
    }
})

test('ranges that would keep a reader busy for years are read at once', async () => {
  const who = Array.from({ length: 200_000 }, () => '1-999999999999999').join()
  await holds(await exported({ last: Array.from({ length: 3 }, () => forget(1, who, who)) }, THREE))
})

const rows = plain.rowsOf(north)
const without = (count: number) => (all: Row[]) => all.slice(count)

test('a sequence may begin behind what a later entry says was removed', async () => {
  for (const through of [1, 2, 5, rows.length])
    await holds(await exported({ last: [thin(1, rows[through - 1]!)] }, without(through)))
  const twice = [thin(1, rows[1]!), thin(1, rows[4]!)]
  await holds(await exported({ last: twice }, without(5)))
  await found(await exported({ last: twice }, without(4)), /^Entry 4 of epoch 1 and those before it are gone/)
})

test('a beginning that nothing, or something else, says was removed is found', async () => {
  const said = { epoch: 1, through: 2, last: rows[1]!.hash.toString('base64') }
  await holds(await exported({ last: [act('thin', said)] }, without(2)))
  const inputs = [
    { ...said, epoch: 2 },
    { ...said, epoch: '1' },
    { ...said, through: 3 },
    { ...said, through: '2' },
    { ...said, last: rows[2]!.hash.toString('base64') },
    { ...said, last: null },
    { through: 2, last: said.last },
    null,
  ]
  for (const input of inputs)
    await found(await exported({ last: [act('thin', input)] }, without(2)), /^Entry 2 of epoch 1 and those before/)
  for (const other of [
    { outcome: 'refused' },
    { actorKind: 'person' },
    { actorKind: 'key' },
    { action: 'audit.log.forget' },
    { workspace: south },
  ])
    await found(await exported({ last: [act('thin', said, other)] }, without(2)), /^Entry 2 /)
  await found(await exported({}, without(rows.length)), new RegExp(`^Entry ${rows.length} `))
})

test('the first entry that is left is bound to the one before it like any other', async () => {
  const last = [thin(1, rows[1]!)]
  const change = (other: Partial<Row>) => (all: Row[]) => [{ ...all[2]!, ...other }, ...all.slice(3)]
  await found(await exported({ last }, change({ previous: rows[0]!.hash })), /\(entry 3\): it is not what was sealed/)
  await found(await exported({ last }, change({ seq: 4 })), /\(entry 4\): it is not what was sealed/)
  await found(await exported({ last }, change({ previous: null })), /no such place in the sequence/)
  await found(await exported({ last }, change({ seq: 1 })), /no such place in the sequence/)
  for (const seq of [0, -2, 2 ** 53 - 1]) await found(await exported({ last }, change({ seq })), /Line 2/)
})

test('what was removed is compared with what was kept as far as it can be', async () => {
  const log = sampleLog(30, { last: [thin(1, rows[4]!)] })
  const kept = async (size: number, of = log) => [
    JSON.parse((await of.export(north, { size })).split('\n')[0]!) as object,
  ]
  const text = (since: number) => log.export(north, { since, rewrite: without(5) })
  for (const row of rows.slice(0, 7)) {
    const size = row.index + 1
    await verify([Buffer.from(await text(size))], { since: await kept(size) })
  }
  const forgetting = rows[5]!.index
  const other = sampleLog(30, { forgetting }).rowsOf(north)[4]!
  const forgetful = sampleLog(30, { forgetting, last: [thin(1, other)] })
  const again = await forgetful.export(north, { since: forgetting, rewrite: without(5) })
  await holds(again)
  const since = await kept(forgetting, forgetful)
  await assert.rejects(verify([Buffer.from(again)], { since }), /What was removed was not what was there/)
})

test('a section all of whose entries were removed is named later, and so is the beginning of the next', async () => {
  const last = rows.at(-1)!
  const two = sampleLog(9, { epoch: 2, origin: 'log.example/second', first: [reopen(plain)], last: [thin(1, last)] })
  const gone = await plain.export(north, { rewrite: () => [] })
  await holds(gone + (await two.export(north)))
  await found(gone, /are gone/)
  const said = [thin(1, last), thin(2, two.rowsOf(north)[1]!)]
  const later = sampleLog(9, { epoch: 2, origin: 'log.example/second', first: [reopen(plain)], last: said })
  await holds(gone + (await later.export(north, { rewrite: without(2) })))
  await holds(await later.export(north, { rewrite: without(2) }))
  await found(
    (await plain.export(north)) + (await later.export(north, { rewrite: without(2) })),
    /does not cite the log/,
  )
  await found(await later.export(north), /the log that it cites is missing/)
})
