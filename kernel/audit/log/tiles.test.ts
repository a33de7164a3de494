import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { definedLeaf, definedRoot } from './definition.ts'
import {
  edgeOf,
  edgeTiles,
  EMPTY_EDGE,
  extended,
  isWithin,
  nodesOf,
  pathOf,
  tileAt,
  tilesFor,
  tilesSince,
  type Edge,
  type Read,
  type Tile,
} from './tiles.ts'
import {
  consistencyProof,
  frontierOf,
  grown,
  inclusionProof,
  isConsistent,
  isIncluded,
  rootOf,
  type Nodes,
} from './tree.ts'

const HASH_BYTES = 32
const NONE = { size: 0, hashes: [] }
const leaves = Array.from({ length: 70_000 }, (_, at) => definedLeaf(Buffer.from(`entry ${at}`)))
const tile = (level: number, index: number, width = 256): Tile => ({ level, index, width })

/** A folder of tiles, as a log would serve them: written in portions, and never read beyond what is there. */
function written(portions: readonly number[]): { files: Map<string, Buffer>; edge: Edge; paths: string[] } {
  const [files, paths] = [new Map<string, Buffer>(), [] as string[]]
  let edge = EMPTY_EDGE
  for (const portion of portions) {
    const from = edge.frontier.size
    const { edge: next, tiles } = extended(edge, leaves.slice(from, from + portion))
    for (const { bytes, ...each } of tiles) {
      assert.equal(bytes.length, each.width * HASH_BYTES)
      assert.ok(!files.has(pathOf(each)), `${pathOf(each)} is written once`)
      files.set(pathOf(each), bytes)
      paths.push(pathOf(each))
    }
    assert.deepEqual(tiles.map(pathOf).sort(), [...new Set(tiles.map(pathOf))].sort(), 'no tile twice in a portion')
    edge = next
  }
  return { files, edge, paths }
}

const from =
  (files: ReadonlyMap<string, Uint8Array>): Read =>
  (each) => {
    const bytes = files.get(pathOf(each))
    assert.ok(bytes, `${pathOf(each)} was never written`)
    return bytes
  }

test('tiles are where c2sp.org/tlog-tiles has them', () => {
  const paths: [Tile, string][] = [
    [tile(0, 0), 'tile/0/000'],
    [tile(0, 0, 1), 'tile/0/000.p/1'],
    [tile(1, 999, 255), 'tile/1/999.p/255'],
    [tile(0, 1_000), 'tile/0/x001/000'],
    [tile(0, 1_234_067, 112), 'tile/0/x001/x234/067.p/112'],
    [tile(2, 123_456_789), 'tile/2/x123/x456/789'],
  ]
  for (const [each, path] of paths) {
    assert.equal(pathOf(each), path)
    assert.deepEqual(tileAt(path), each)
  }
})

test('the tree of 70,000 leaves has the tiles that the standard counts, and so has that of 256', () => {
  const all = [...tilesSince(0, 70_000)]
  const full = (level: number) => all.filter((each) => each.level === level && each.width === 256).length
  assert.deepEqual([full(0), full(1), full(2)], [273, 1, 0])
  assert.deepEqual(edgeTiles(70_000), [tile(0, 273, 112), tile(1, 1, 17), tile(2, 0, 1)])
  assert.deepEqual([...tilesSince(0, 256)], [tile(0, 0), tile(1, 0, 1)])
  assert.deepEqual([[...tilesSince(0, 0)], edgeTiles(0), [...tilesSince(70_000, 70_000)]], [[], [], []])
})

test('a path is read in one spelling only, and what is none is none', () => {
  const none = [
    '',
    'tile',
    'tile/0',
    'tile/0/',
    'tile/0/0',
    'tile/0/00',
    'tile/0/0000',
    'tile/00/000',
    'tile/0/x000/000',
  ]
  const odd = [
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/001/000',
    'tile/-1/000',
  ]
  const far = ['tile/7/000', 'tile/63/000', `tile/0/${'x999/'.repeat(5)}999`, `tile/0/${'x999/'.repeat(9)}999`]
  const sly = [
    '/tile/0/000',
    'tile/0/000\n',
    'tile/0/../000',
    'tile/0/٠٠٠',
    'tile/0/000.p/1/',
    'tile/entries/000',
    'TILE/0/000',
  ]
  for (const path of [...none, ...odd, ...far, ...sly]) assert.equal(tileAt(path), undefined, path)
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from('tile/0123.px')) }), (text) => {
      const found = tileAt(`tile/${text}`)
      assert.ok(!found || pathOf(found) === `tile/${text}`)
    }),
  )
  fc.assert(
    fc.property(fc.nat(6), fc.nat(), fc.integer({ min: 1, max: 256 }), (level, index, width) => {
      const each = tile(level, index % 2 ** (48 - 8 * level), width)
      assert.deepEqual(tileAt(pathOf(each)), isWithin(each, Number.MAX_SAFE_INTEGER) ? each : undefined)
    }),
  )
})

test('however leaves come, the tiles are the same, each is written once, and the edge is all there is to keep', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(700), { maxLength: 6 }), (portions) => {
      const { files, edge, paths } = written(portions)
      const { size } = edge.frontier
      const wanted = portions.flatMap((portion, at) => {
        const before = portions.slice(0, at).reduce((sum, each) => sum + each, 0)
        return [...tilesSince(before, before + portion)].map(pathOf)
      })
      assert.deepEqual(paths.toSorted(), wanted.toSorted())
      const once = written([size])
      for (const [path, bytes] of once.files) assert.deepEqual(files.get(path), bytes, path)
      assert.deepEqual(once.edge, edge)
      assert.deepEqual(edgeOf(size, from(files)), edge, 'read again')
    }),
    { numRuns: 40 },
  )
})

test('a level that begins late is read again too', () => {
  for (const size of [255, 256, 257, 511, 512, 65_535, 65_536, 65_537]) {
    const { files, edge } = written([size])
    assert.deepEqual(edgeOf(size, from(files)), edge, String(size))
    assert.deepEqual(extended(edgeOf(size, from(files)), [leaves[0]!]).edge, extended(edge, [leaves[0]!]).edge)
  }
})

test('memory stays bounded: of each level at most 255 hashes', () => {
  const { edge } = written([65_535])
  assert.deepEqual(
    edge.rows.map((row) => row.length),
    [255, 255],
  )
  assert.deepEqual(
    written([65_536]).edge.rows.map((row) => row.length),
    [0, 0, 1],
  )
})

test('every root to 300, and of larger trees, is found in the tiles', () => {
  const { files } = written(Array.from({ length: 300 }, () => 1))
  for (let size = 1; size <= 300; size++)
    assert.deepEqual(rootOf(frontierOf(size, nodesOf(size, from(files)))), definedRoot(leaves.slice(0, size)))
  for (const size of [1_000, 65_535, 65_537]) {
    const nodes = nodesOf(size, from(written([size]).files))
    assert.deepEqual(rootOf(frontierOf(size, nodes)), rootOf(grown(NONE, leaves.slice(0, size))))
  }
})

const big = written([66_000, 4_000])
const headOf = (size: number) => ({ size, root: rootOf(frontierOf(size, nodesOf(70_000, from(big.files)))) })
const head = { size: 70_000, root: rootOf(grown(NONE, leaves)) }

/** As somebody does who must fetch: first which tiles, then the proof out of those and no others. */
function fetched<T>(size: number, ask: (nodes: Nodes) => T): T {
  const tiles = tilesFor(size, ask)
  assert.ok(tiles.length <= 6, 'two of each level at most')
  const files = new Map(tiles.map((each) => [pathOf(each), from(big.files)(each)]))
  return ask(nodesOf(size, from(files)))
}

test('proofs out of tiles verify, and the tiles they need are known before', () => {
  fc.assert(
    fc.property(fc.nat(69_999), (at) => {
      const path = fetched(70_000, (nodes) => inclusionProof(at, 70_000, nodes))
      assert.ok(isIncluded(leaves[at]!, at, head, path))
      const proof = fetched(70_000, (nodes) => consistencyProof(at, 70_000, nodes))
      assert.ok(isConsistent(headOf(at), head, proof))
    }),
    { numRuns: 60 },
  )
})

test('a wider tile serves where a narrower is asked for; one that is cut short, or not there, does not', () => {
  const wide: Read = ({ level, index }) =>
    from(big.files)([...tilesSince(0, 70_000)].find((one) => one.level === level && one.index === index)!)
  const proof = inclusionProof(66_100, 66_200, nodesOf(66_200, wide))
  assert.ok(isIncluded(leaves[66_100]!, 66_100, headOf(66_200), proof))
  const cut: Read = (each) => from(big.files)(each).subarray(1)
  assert.throws(() => inclusionProof(5, 70_000, nodesOf(70_000, cut)), /is cut short/)
  assert.throws(() => edgeOf(70_000, cut), RangeError)
  assert.throws(() => nodesOf(70_000, wide)(0, 70_000), RangeError)
  assert.throws(() => nodesOf(70_000, wide)(8, 273), RangeError)
})

test('a byte changed in a tile shows in the root, or in the proof of what stands beside it (row 33)', () => {
  const { files } = written([300])
  const size = 300
  const root = definedRoot(leaves.slice(0, size))
  const agrees = (nodes: Nodes, index: number) =>
    rootOf(frontierOf(size, nodes)).equals(root) &&
    isIncluded(leaves[index]!, index, { size, root }, inclusionProof(index, size, nodes))
  for (const [path, bytes] of files)
    for (let at = 0; at < bytes.length; at += 41) {
      const beside = Math.floor(at / HASH_BYTES) ^ 1
      assert.ok(agrees(nodesOf(size, from(files)), beside))
      const other = Buffer.from(bytes)
      other[at]! ^= 0x10
      assert.ok(!agrees(nodesOf(size, from(new Map(files).set(path, other))), beside), `${path} at ${at}`)
    }
})

test('whether a tree has a tile is told by its size', () => {
  for (const size of [0, 1, 255, 256, 300, 65_536, 70_000]) {
    for (const each of tilesSince(0, size)) {
      assert.ok(isWithin(each, size))
      assert.ok(!isWithin({ ...each, width: each.width + 1 }, size) || each.width === 256)
      assert.ok(!isWithin({ ...each, index: each.index + 300 }, size))
    }
    assert.ok(!isWithin(tile(0, 0, 0), size))
  }
})
