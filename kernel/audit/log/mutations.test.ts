import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dice } from '../../../test/dice.ts'
import { sampleLog, WORKSPACES } from '../../../test/sample-log.ts'
import { canonical } from './canonical.ts'
import type { Row } from './export.ts'

/**
 * Everything that can be wrong with an export by one change, thousands of times: each is found by the file alone,
 * without a key or a checkpoint of one's own. There is no change that does not count, blanks included: there is one way
 * to write an export. Two things are no faults. An export may come without a proof that it continues an earlier tree;
 * whoever kept a checkpoint is told that it is missing. And who takes a payload away and corrects the footer has
 * withheld it, which nobody can tell from erasing it; the summary says of how many that is so.
 */
const { verify } = (await import(new URL('./verifier.mjs', import.meta.url).href)) as { verify: Verify }
type Verify = (pieces: Iterable<Buffer>, given?: object) => Promise<{ entries: number; erased: number }>

const log = sampleLog(15)
const [north, south] = [WORKSPACES[0]!, WORKSPACES[1]!]
const erasing = (rows: Row[]) => rows.map((row) => (row.seq === 3 ? { ...row, payload: null, salt: null } : row))
const good = await log.export(north, { since: 11, rewrite: erasing })
const lines = good.split('\n').slice(0, -1)
const foreign = (await log.export(south)).split('\n').slice(1, -2)

async function survivors(changed: Iterable<Buffer | string>): Promise<string[]> {
  const alive: string[] = []
  for (const bytes of changed) {
    if (Buffer.from(bytes).equals(Buffer.from(good))) continue
    tried += 1
    try {
      await verify([Buffer.from(bytes)])
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

test('the export that is changed is good, and is of all kinds', async () => {
  assert.deepEqual(await verify([Buffer.from(good)]).then(({ entries, erased }) => ({ entries, erased })), {
    entries: log.rowsOf(north).length,
    erased: 1,
  })
  assert.ok(lines.length > 6 && foreign.length > 1)
})

test('5,000 times one bit is found (row 33)', async () => {
  const flipped = () => {
    const bytes = Buffer.from(good)
    const at = throwOf(bytes.length)
    bytes[at]! ^= 1 << throwOf(8)
    return bytes
  }
  assert.deepEqual(await survivors(times(5_000, flipped)), [])
})

test('each field of each line, made another in each way, is found, but for a proof that is not offered', async () => {
  const changed = lines.flatMap((line, at) =>
    variantsOf(JSON.parse(line)).map((value) => lines.with(at, canonical(value)).join('\n') + '\n'),
  )
  assert.ok(changed.length > 1_000)
  const bare = await log.export(north, { rewrite: erasing })
  assert.deepEqual(await survivors(changed), [bare])
  await assert.rejects(verify([Buffer.from(bare)], { since: { checkpoint: log.noteOf(11) } }), /does not prove/)
  await verify([Buffer.from(good)], { since: { checkpoint: log.noteOf(11) } })
})

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

test('lines swapped, left out, doubled, moved or foreign, and a tail cut anywhere, are found', async () => {
  const text = (some: readonly string[]) => some.map((line) => `${line}\n`).join('')
  const places = lines.map((_, at) => at)
  const changed = places.flatMap((at) => [
    text(lines.toSpliced(at, 1)),
    text(lines.slice(0, at)),
    text(lines.slice(at)),
    ...places.map((to) => text(lines.with(at, lines[to]!).with(to, lines[at]!))),
    ...places.map((to) => text(lines.toSpliced(to, 0, lines[at]!))),
    ...places.map((to) => text(lines.toSpliced(at, 1).toSpliced(to, 0, lines[at]!))),
    ...foreign.flatMap((line) => [text(lines.with(at, line)), text(lines.toSpliced(at, 0, line))]),
  ])
  const cut = times(500, () => Buffer.from(good).subarray(0, throwOf(Buffer.byteLength(good))))
  assert.deepEqual(await survivors([...changed, ...cut, `${good}\n`, good + good, '']), [])
})

test('that were ten thousand changes', () => assert.ok(tried >= 10_000, `${tried}`))

test('a payload withheld as if it were erased is told, and cannot be hidden', async () => {
  const withheld = lines.with(1, canonical(withhold(JSON.parse(lines[1]!) as Entry)))
  const text = (footer: object) => [...withheld.slice(0, -1), canonical(footer), ''].join('\n')
  const { entries } = JSON.parse(lines.at(-1)!) as { entries: number }
  assert.equal((await verify([Buffer.from(text({ entries, erased: 2 }))])).erased, 2)
  assert.deepEqual(await survivors([text({ entries, erased: 1 })]), [])
})

type Entry = { payload: object; salt: string }
const withhold = ({ payload: _payload, salt: _salt, ...rest }: Entry) => ({ ...rest, erased: true })

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
  const kinds: unknown[] = [null, true, false, 0, 1, '', '0', [], {}]
  if (typeof value === 'number') return [...kinds, value + 1, value - 1, -value, `${value}`]
  if (typeof value === 'string') return [...kinds, ` ${value}`, `${value}\n`, `${value}\u0000`, ...slips(value)]
  if (Array.isArray(value)) return [...kinds, value.slice(1), value.slice(0, -1), value.toReversed(), [...value, null]]
  if (typeof value !== 'object' || value === null) return kinds
  const entries = Object.entries(value)
  const without = entries.map((_, at) => Object.fromEntries(entries.toSpliced(at, 1)))
  const renamed = entries.map(([key, each], at) => Object.fromEntries(entries.with(at, [`${key}s`, each])))
  return [...kinds, { ...value, more: null }, { ...value, erased: true }, ...without, ...renamed]
}

/** Letters left out, and turned, somewhere. */
function slips(text: string): string[] {
  const at = throwOf(text.length)
  return [
    text.slice(0, at) + text.slice(at + 1),
    text.slice(0, at) + (text[at] === 'x' ? 'y' : 'x') + text.slice(at + 1),
  ]
}
