import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forget, reopen, sampleLog, WORKSPACES, type Act, type Apart, type How } from '../../../test/sample-log.ts'

/** Logs that were lost and begun anew, in one export: what must be said of the one that was lost. */
const { verify } = (await import(new URL('./verifier.mjs', import.meta.url).href)) as { verify: Verify }
type Verify = (pieces: Iterable<Buffer>, given?: object) => Promise<{ seq: number; cited?: { size: number } }[]>

const [north, south] = [WORKSPACES[0]!, WORKSPACES[1]!]
const second = 'log.example/second'
const one = sampleLog(30)
const rows = one.rowsOf(north)
const first = await one.export(north)
const follow = (apart: Apart = {}, how: How = {}) =>
  sampleLog(9, { epoch: 2, origin: second, first: [reopen(one)], ...apart }).export(north, how)
const holds = async (text: string, given?: object) => verify([Buffer.from(text)], given)
const found = async (text: string, why: RegExp, given?: object) =>
  assert.rejects(holds(text, given), (error: Error) => {
    assert.equal(error.constructor.name, 'Fault')
    assert.match(error.message, why)
    return true
  })

const said = reopen(one).input([]) as { size: number; root: string; entries: number; last: string; origin: string }
const saying = (input: unknown, more: Partial<Act> = {}): Apart => ({
  first: [{ ...reopen(one), input: () => input, ...more }],
})

test('a log that follows another cites its name, its tree and what is left of this workspace', async () => {
  const sections = await holds(first + (await follow()))
  assert.deepEqual(
    sections.map(({ seq, cited }) => [seq, cited?.size]),
    [
      [rows.length, 30],
      [sampleLog(9, { first: [reopen(one)] }).rowsOf(north).length, undefined],
    ],
  )
  const three = sampleLog(5, { epoch: 7, origin: 'log.example/third', first: [reopen(sampleLog(9, secondOf))] })
  const all = first + (await follow()) + (await three.export(north))
  assert.equal((await holds(all)).length, 3)
  await found(first + (await three.export(north)), /cites another log than the one before it/)
  await found((await follow()) + (await three.export(north)), /the log that it cites is missing/)
})

const secondOf: Apart = { epoch: 2, origin: second, first: [reopen(one)] }

test('a log that was larger than what is left of it is cited as large as it was known to be', async () => {
  const lost = await one.export(north, { size: 20 })
  const left = reopen(one, 20).input([]) as object
  const known = { ...left, size: 30, root: said.root }
  const [section] = await holds(lost + (await follow(saying(known))))
  assert.equal(section!.cited!.size, 30)
  await holds(lost + (await follow(saying(left))))
  const changes = [{ size: 19 }, { size: 20 }, { size: '30' }, { size: -1 }, { size: null }, { origin: second }]
  for (const change of changes)
    await found(lost + (await follow(saying({ ...known, ...change }))), /^Line \d+ \(entry 1\)/)
})

test('the end of a lost log cannot be withheld as if it had been lost', async () => {
  for (const size of [0, 1, 12, 29])
    if (one.rowsOf(north, size).length < rows.length)
      await found((await one.export(north, { size })) + (await follow()), /other entries are left than it cites/)
  const others = rows.at(-1)!.index + 1
  await holds((await one.export(north, { size: others })) + (await follow()))
})

test('an entry that cites something else, or does not cite, is found', async () => {
  const last = rows.length
  const changes: [object, RegExp][] = [
    [{ origin: 'log.example/other' }, /cites another log/],
    [{ root: rows[0]!.hash.toString('base64') }, /had another tree/],
    [{ size: said.size - 1 }, /had another tree/],
    [{ entries: last + 1 }, /other entries are left/],
    [{ entries: last - 1, last: rows.at(-2)!.hash.toString('base64') }, /other entries are left/],
    [{ last: rows.at(-2)!.hash.toString('base64') }, /other entries are left/],
    [{ last: null }, /other entries are left/],
    [{ entries: `${last}` }, /other entries are left/],
  ]
  for (const [change, why] of changes) await found(first + (await follow(saying({ ...said, ...change }))), why)
  for (const input of [null, [], {}, 7, JSON.stringify(said)])
    await found(first + (await follow(saying(input))), /\(entry 1\)/)
  for (const other of [{ outcome: 'refused' }, { action: 'audit.log.thin' }])
    await found(first + (await follow(saying(said, other))), /does not cite the log before it/)
  await found(first + (await follow({ first: [] })), /\(entry 1\): it does not cite the log before it/)
  await found(first + (await follow({}, { size: 0 })), /does not cite the log before it/)
})

test('sections stand in the order of their epochs, each once, and are of one workspace', async () => {
  const next = await follow()
  await found(next + first, /the log that it cites is missing/)
  await found(first + next + next, /not of a later epoch/)
  await found(first + first, /not of a later epoch/)
  await found(first + (await follow({ epoch: 1 })), /not of a later epoch/)
  await found(first + (await follow({}, { header: { epoch: 3 } })), /tally is of another/)
  const theirs = sampleLog(9, { epoch: 2, origin: second, first: [reopen(one, 30, south)] })
  await found(first + (await theirs.export(south)), /it is of another workspace/)
  await holds((await one.export(south)) + (await theirs.export(south)))
  const [header] = next.split('\n')
  const stolen = (await theirs.export(south)).split('\n').slice(1)
  await found(first + [header, ...stolen].join('\n'), /it is of another workspace/)
})

test('each section has its footer, and what stands between two is found', async () => {
  const next = await follow()
  const bare = first.split('\n').slice(0, -2).join('\n') + '\n'
  await found(bare + next, /^Line \d+/)
  await found(bare, /before its footer/)
  await found(first + next.split('\n').slice(0, -2).join('\n') + '\n', /before its footer/)
  await found(first + next.split('\n').slice(1).join('\n'), /must have the fields checkpoint/)
  for (const text of ['\n', '{}\n', '{"entries":0}\n', 'null\n', '[]\n']) {
    await found(first + text + next, /^Line \d+/)
    await found(first + next + text, /^Line \d+/)
  }
})

test('what the later log says was erased of the earlier one counts, and not the other way round', async () => {
  const erasing = (text: string) =>
    text.replace(/"who":\{"salt":"[^"]+","value":\{[^}]+\}\}\}\n/, () => '"who":null}\n')
  await holds(erasing(first) + (await follow({ last: [forget(1, '1', '')] })))
  await found(erasing(first) + (await follow({ last: [forget(2, '1', '')] })), /^Half of entry 1 of epoch 1 /)
  const early = sampleLog(30, { last: [forget(2, '1', '')] })
  const late = await follow({ first: [reopen(early)] })
  await found((await early.export(north)) + erasing(late), /^Half of entry 1 of epoch 2 /)
})

test('logs may have keys of their own, all of which one was given', async () => {
  const other = { ...secondOf, secret: 'other' }
  const text = first + (await sampleLog(9, other).export(north))
  const keys = [one.key, sampleLog(9, other).key]
  await holds(text)
  await holds(text, { keys })
  for (const key of keys) await found(text, /another key than yours/, { keys: [key] })
})

test('each checkpoint that was kept is held against the log of its name', async () => {
  const two = sampleLog(9, secondOf)
  const text = (await one.export(north, { since: 12 })) + (await two.export(north, { since: 5 }))
  const headers = async (size: number, later: number) =>
    [await one.export(north, { size }), await two.export(north, { size: later })].map(
      (section) => JSON.parse(section.split('\n')[0]!) as object,
    )
  await holds(text, { since: await headers(12, 5) })
  await holds(text, { since: await headers(30, two.size) })
  for (const note of [one.noteOf(12), two.noteOf(5)]) await holds(text, { since: [{ checkpoint: note }] })
  await found(text, /does not prove/, { since: await headers(13, 5) })
  await found(text, /does not prove/, { since: await headers(12, 6) })
  await found(first, /of a log of another name/, { since: await headers(30, 5) })
  const forged = sampleLog(30, { forged: 3 })
  await found(text, /says something else/, { since: [{ checkpoint: forged.noteOf(30) }, ...(await headers(30, 5))] })
})

test('of a lost log one may have kept more than is left, but not more than it is known to have had', async () => {
  const left = { ...(reopen(one, 20).input([]) as object), size: 28, root: one.head(28).root }
  const text = (await one.export(north, { size: 20, since: 12 })) + (await follow(saying(left)))
  const kept = async (size: number, of = one) => [
    JSON.parse((await of.export(north, { size })).split('\n')[0]!) as object,
  ]
  for (const size of [12, 20, 24, 28]) await holds(text, { since: await kept(size) })
  for (const size of [29, 30]) await found(text, /shorter than it was/, { since: await kept(size) })
  const forged = sampleLog(30, { forged: 25 })
  await found(text, /says something else/, { since: await kept(28, forged) })
})
