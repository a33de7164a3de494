import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dice } from '../../../test/dice.ts'
import { erasing, forget, reopen, sampleLog, thin, WORKSPACES, type How } from '../../../test/sample-log.ts'
import { canonical } from './canonical.ts'
import type { Row } from './export.ts'

/**
 * Everything that can be wrong with an export by one change, thousands of times: each is found by the file alone,
 * without a key or a checkpoint of one's own. There is no change that does not count, blanks included: there is one way
 * to write an export. One thing is no fault: an export may come without a proof that it continues an earlier tree, and
 * whoever kept a checkpoint is told that it is missing. And what was once a good export is one for ever: only a
 * checkpoint that was kept shows that it is old.
 */
const { verify } = (await import(new URL('./verifier.mjs', import.meta.url).href)) as { verify: Verify }
type Verify = (
  pieces: Iterable<Buffer>,
  given?: object,
) => Promise<{ seq: number; gone: { counts: { who: number; what: number } } }[]>

/**
 * A log that was lost, of which half an entry was erased, and the one that followed it: which says of the first that
 * its beginning was removed and something else erased, and of itself as well.
 */
const [north, south] = [WORKSPACES[0]!, WORKSPACES[1]!]
const second = 'log.example/second'
const one = sampleLog(15, { last: [forget(1, '3', '')] })
const reopened = [north, south].map((workspace) => reopen(one, one.size, workspace))
const removed = [north, south].map((workspace) => thin(1, one.rowsOf(workspace)[1]!))
const two = sampleLog(9, {
  epoch: 2,
  origin: second,
  first: reopened,
  last: [...removed, forget(1, '', '4'), forget(2, '2', '3')],
})
const sectionsOf = async (workspace: string, how: How = {}) => [
  await one.export(workspace, { since: 11, ...how, rewrite: (rows) => ifNorth(workspace, rows.slice(2), [3], [4]) }),
  await two.export(workspace, { since: 7, ...how, rewrite: (rows) => ifNorth(workspace, rows, [2], [3]) }),
]
const ifNorth = (workspace: string, rows: Row[], who: number[], what: number[]) =>
  workspace === north ? erasing({ who, what })(rows) : rows

const sections = await sectionsOf(north)
const good = sections.join('')
const lines = good.split('\n').slice(0, -1)
const foreign = (await sectionsOf(south)).join('').split('\n').slice(0, -1)

async function survivors(changed: Iterable<Buffer | string>, given?: object): Promise<string[]> {
  const alive: string[] = []
  for (const bytes of changed) {
    if (Buffer.from(bytes).equals(Buffer.from(good))) continue
    tried += 1
    try {
      await verify([Buffer.from(bytes)], given)
      alive.push(String(bytes))
    } catch (error) {
      assert.equal((error as Error).constructor.name, 'Fault')
    }
  }
  return alive
}

let tried = 0
const throwOf = dice(2026)
const times = <Made>(count: number, make: () => Made) => Array.from({ length: count }, make)
const text = (some: readonly string[]) => some.map((line) => `${line}\n`).join('')

test('the export that is changed is good, and is of all kinds', async () => {
  const found = await verify([Buffer.from(good)])
  const erased = found.map(({ gone }) => gone.counts)
  assert.deepEqual(erased, [
    { who: 1, what: 1 },
    { who: 1, what: 1 },
  ])
  assert.deepEqual(
    found.map(({ seq }) => seq),
    [one, two].map((log) => log.rowsOf(north).length),
  )
  assert.match(lines[1]!, /"seq":3,/)
  assert.ok(lines.length > 12 && foreign.length > 8)
  assert.equal((await verify([Buffer.from(text(foreign))])).length, 2)
})

test('10,000 times one bit is found (row 33)', async () => {
  const flipped = () => {
    const bytes = Buffer.from(good)
    const at = throwOf(bytes.length)
    bytes[at]! ^= 1 << throwOf(8)
    return bytes
  }
  assert.deepEqual(await survivors(times(10_000, flipped)), [])
})

test('each field of each line, made another in each way, is found, but for a proof that is not offered', async () => {
  const changed = lines.flatMap((line, at) =>
    variantsOf(JSON.parse(line)).map((value) => text(lines.with(at, canonical(value)))),
  )
  assert.ok(changed.length > 2_000)
  const bare = lines.map((line) => canonical({ ...(JSON.parse(line) as object), ...unproven(line) }))
  const starts = lines.flatMap((line, at) => (line.includes('"consistency"') ? [at] : []))
  const unoffered = starts.map((at) => text(lines.with(at, bare[at]!)))
  assert.deepEqual(await survivors(changed), unoffered)
  const since = [{ checkpoint: one.noteOf(11) }, { checkpoint: two.noteOf(7) }]
  await verify([Buffer.from(good)], { since })
  for (const survivor of unoffered) await assert.rejects(verify([Buffer.from(survivor)], { since }), /does not prove/)
})

test('the same of a log of one entry, and of a workspace without any', async () => {
  const single = await sampleLog(0, { last: [forget(1, '', '')] }).export(north, { since: 1 })
  const empty = await sampleLog(0, { last: [forget(1, '', '')] }).export(south, { since: 1 })
  for (const small of [single, empty]) {
    const some = small.split('\n').slice(0, -1)
    const changed = some.flatMap((line, at) =>
      variantsOf(JSON.parse(line)).map((value) => text(some.with(at, canonical(value)))),
    )
    const bare = text(some.map((line) => canonical({ ...(JSON.parse(line) as object), ...unproven(line) })))
    assert.deepEqual(
      (await survivors(changed)).filter((each) => each !== small),
      [bare],
    )
    await verify([Buffer.from(small)])
  }
})

const unproven = (line: string) => (line.includes('"consistency"') ? { consistency: null } : {})

test('3,000 times a byte left out, doubled or put in, blanks and line feeds too, is found', async () => {
  const bytes = Buffer.from(good)
  const edited = () => {
    const at = throwOf(bytes.length + 1)
    const put = [
      Buffer.from(' '),
      Buffer.from('\n'),
      Buffer.from('\r'),
      Buffer.of(throwOf(256)),
      bytes.subarray(at, at + 1),
    ]
    return Buffer.concat([bytes.subarray(0, at), put[throwOf(6)] ?? Buffer.alloc(0), bytes.subarray(at + throwOf(2))])
  }
  assert.deepEqual(await survivors(times(3_000, edited)), [])
})

test('lines swapped, left out, doubled, moved or foreign, and an end cut anywhere, are found (row 33)', async () => {
  const places = lines.map((_, at) => at)
  const changed = places.flatMap((at) => [
    text(lines.toSpliced(at, 1)),
    text(lines.slice(0, at)),
    text(lines.slice(at)),
    ...places.map((to) => text(lines.with(at, lines[to]!).with(to, lines[at]!))),
    ...places.map((to) => text(lines.toSpliced(to, 0, lines[at]!))),
    ...places.map((to) => text(lines.toSpliced(at, 1).toSpliced(to, 0, lines[at]!))),
    ...places.map((to) => text(lines.toSpliced(at, to))),
    ...foreign.flatMap((line) => [text(lines.with(at, line)), text(lines.toSpliced(at, 0, line))]),
  ])
  const cut = times(500, () => Buffer.from(good).subarray(0, throwOf(Buffer.byteLength(good))))
  assert.deepEqual(await survivors([...changed, ...cut, `${good}\n`, good + good, '']), [])
})

test('a section left out, put first, doubled, of another workspace or of another time is found', async () => {
  const [first, next] = sections as [string, string]
  const [theirs, theirNext] = (await sectionsOf(south)) as [string, string]
  const [old, oldNext] = [await one.export(north, { size: 9 }), await two.export(north, { size: 5 })]
  const others = [first, next, theirs, theirNext, old, oldNext, '']
  const pairs = others.flatMap((a) => others.map((b) => a + b)).filter((each) => each !== theirs + theirNext)
  const all = [...pairs, next + first + next, good + next, first + good, old + next + next]
  assert.deepEqual(new Set(await survivors(all)), new Set([old]), 'but for what was good in its time')
})

test('a half taken away as if it were erased, and an entry as if it were removed, are found', async () => {
  const entries = lines.flatMap((line, at) => (line.includes('"leaf"') ? [at] : []))
  const withheld = entries.flatMap((at) =>
    [{ who: null }, { what: null }, { who: null, what: null }].map((gone) =>
      text(lines.with(at, canonical({ ...(JSON.parse(lines[at]!) as object), ...gone }))),
    ),
  )
  const footers = lines.flatMap((line, at) => (line.startsWith('{"entries":') ? [at] : []))
  const fewer = (at: number, count: number) => canonical({ entries: Number(/\d+/.exec(lines[at]!)![0]) - count })
  const front = footers.flatMap((footer, section) => {
    const header = section === 0 ? 0 : footers[section - 1]! + 1
    return Array.from({ length: footer - header - 1 }, (_, at) =>
      text(lines.with(footer, fewer(footer, at + 1)).toSpliced(header + 1, at + 1)),
    )
  })
  assert.deepEqual(await survivors([...withheld, ...front]), [])
})

test('a database that was rewritten, with all hashes after it, is not what the log has signed', async () => {
  const forged = sampleLog(15, { last: [forget(1, '3', '')], forged: one.rowsOf(north)[4]!.index })
  const rewrite = (rows: Row[]) => erasing({ who: [3] })(rows)
  const [header, ...genuine] = (await one.export(north, { rewrite })).split('\n')
  const [ownHeader, ...lies] = (await forged.export(north, { rewrite })).split('\n')
  assert.notEqual(ownHeader, header)
  await verify([Buffer.from([header, ...genuine].join('\n'))])
  const proofOf = (at: number) => /"hashes":\[[^\]]*\]/.exec(genuine[at]!)?.[0] ?? ''
  const proven = lies.map((line, at) => line.replace(/"hashes":\[[^\]]*\]/, () => proofOf(at)))
  const places = lies.map((_, at) => at).slice(0, -1)
  const mixed = places.flatMap((at) => [genuine.with(at, lies[at]!), genuine.with(at, proven[at]!)])
  const all = [lies, proven, ...mixed].map((some) => [header, ...some].join('\n'))
  assert.deepEqual(
    (await survivors(all)).filter((each) => each !== [header, ...genuine].join('\n')),
    [],
  )
  const strange = await sampleLog(15, { secret: 'other', last: [forget(1, '3', '')] }).export(north, { rewrite })
  assert.deepEqual(await survivors([strange], { keys: [one.key] }), [])
})

test('an older copy of everything is found by whoever kept a checkpoint or an export', async () => {
  const header = (line: string) => JSON.parse(line.split('\n')[0]!) as object
  const kept = sections.map(header)
  const older = [
    await one.export(north),
    await one.export(north, { size: 9 }),
    ...(await Promise.all(
      [3, 5, 8].map(async (size) => (await one.export(north)) + (await two.export(north, { size }))),
    )),
  ]
  for (const each of older) await verify([Buffer.from(each)])
  assert.deepEqual(await survivors(older, { since: kept }), [])
  assert.deepEqual(await survivors(older, { since: [{ checkpoint: two.noteOf(two.size) }] }), [])
})

test('that were fifteen thousand changes', () => assert.ok(tried >= 15_000, `${tried}`))

/** A value with one thing in it made another, in as many ways as there are. */
function variantsOf(value: unknown): unknown[] {
  return [...othersThan(value), ...insides(value)]
}

function insides(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap((each, at) => variantsOf(each).map((other) => value.with(at, other)))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, each]) => variantsOf(each).map((other) => ({ ...value, [key]: other })))
}

function othersThan(value: unknown): unknown[] {
  const kinds: unknown[] = [null, true, false, 0, 1, '', '0', [], {}, [value], { value }]
  if (typeof value === 'number') return [...kinds, value + 1, value - 1, -value, `${value}`]
  if (typeof value === 'string') return [...kinds, ` ${value}`, `${value}\n`, `${value}\u0000`, ...slips(value)]
  if (Array.isArray(value)) return [...kinds, value.slice(1), value.slice(0, -1), value.toReversed(), [...value, null]]
  if (typeof value !== 'object' || value === null) return kinds
  const entries = Object.entries(value)
  const without = entries.map((_, at) => Object.fromEntries(entries.toSpliced(at, 1)))
  const renamed = entries.map(([key, each], at) => Object.fromEntries(entries.with(at, [`${key}s`, each])))
  return [...kinds, { ...value, more: null }, ...without, ...renamed]
}

/** Letters left out, and turned, somewhere. */
function slips(text: string): string[] {
  const at = throwOf(text.length)
  const slipped = ['', text[at] === 'x' ? 'y' : 'x'].map((letter) => text.slice(0, at) + letter + text.slice(at + 1))
  return slipped.filter((each) => each.isWellFormed())
}
