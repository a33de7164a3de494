import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { definedClimb, definedHead, definedLeaf, definedPath, definedProof, definedRoot } from './definition.ts'
import {
  consistencyProof,
  EMPTY_ROOT,
  frontierOf,
  grown,
  HASH_BYTES,
  inclusionProof,
  isConsistent,
  isIncluded,
  isSize,
  leafHash,
  nodeHash,
  rootOf,
  type Hash,
  type Nodes,
} from './tree.ts'

const NONE = { size: 0, hashes: [] }
const leaves = Array.from({ length: 700 }, (_, at) => definedLeaf(Buffer.from(`entry ${at}`)))

/** All nodes of a tree, kept as somebody who stores them would. */
const stored = new Map<string, Hash>()
grown(NONE, leaves, (level, index, node) => {
  assert.ok(!stored.has(`${level} ${index}`), 'a node is complete once')
  stored.set(`${level} ${index}`, node)
})
const nodes: Nodes = (level, index) => {
  const node = stored.get(`${level} ${index}`)
  assert.ok(node, `${level} ${index} was never complete`)
  return node
}
/** Those of a tree of this size alone: no proof may take what was added later. */
const nodesWithin =
  (size: number): Nodes =>
  (level, index) => {
    assert.ok((index + 1) * 2 ** level <= size, `${level} ${index} is beyond ${size}`)
    return nodes(level, index)
  }

const hex = (hashes: readonly Hash[]) => hashes.map((hash) => hash.toString('hex'))

/** The eight entries that implementations of RFC 6962 have tested themselves with since Certificate Transparency. */
const ENTRIES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const [A, B, C, D, E, F] = [
  '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
  '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
  '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
  '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
]

test('the roots and proofs are those known for the eight entries of Certificate Transparency', () => {
  const kept = new Map<string, Hash>()
  const hashes = ENTRIES.map((entry) => leafHash(Buffer.from(entry, 'hex')))
  ROOTS.forEach((root, at) => assert.equal(rootOf(grown(NONE, hashes.slice(0, at + 1))).toString('hex'), root))
  grown(NONE, hashes, (level, index, node) => kept.set(`${level} ${index}`, node))
  const of: Nodes = (level, index) => kept.get(`${level} ${index}`)!
  assert.deepEqual(hex(inclusionProof(0, 1, of)), [])
  assert.deepEqual(hex(inclusionProof(0, 8, of)), [A, B, C])
  assert.deepEqual(hex(inclusionProof(5, 8, of)), [D, E, ROOTS[3]])
  assert.deepEqual(hex(inclusionProof(2, 3, of)), [ROOTS[1]])
  assert.deepEqual(hex(inclusionProof(1, 5, of)), [ROOTS[0], B, D])
  assert.deepEqual(hex(consistencyProof(1, 1, of)), [])
  assert.deepEqual(hex(consistencyProof(1, 8, of)), [A, B, C])
  assert.deepEqual(hex(consistencyProof(6, 8, of)), [F, E, ROOTS[3]])
  assert.deepEqual(hex(consistencyProof(2, 5, of)), [B, D])
})

test('an empty tree has the hash of nothing as its root', () => {
  assert.equal(EMPTY_ROOT.toString('hex'), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  assert.deepEqual(rootOf(NONE), EMPTY_ROOT)
})

test('entries of any length are hashed as defined, one after the other', () => {
  for (const length of [0, 1, 5_000, 63, 64, 4_094, 4_095, 4_096, 4_097, 2, 100_000, 0])
    assert.deepEqual(leafHash(Buffer.alloc(length, length)), definedLeaf(Buffer.alloc(length, length)), String(length))
})

test('an entry that looks like a node has another hash', () => {
  const [left, right] = [leaves[0]!, leaves[1]!]
  assert.notDeepEqual(leafHash(Buffer.concat([left, right])), nodeHash(left, right))
  assert.notDeepEqual(leafHash(Buffer.concat([Buffer.of(1), left, right])), nodeHash(left, right))
})

test('up to 300 leaves each root is that of the definition, and so is the frontier that is read again', () => {
  for (let size = 0; size <= 300; size++) {
    const tree = grown(NONE, leaves.slice(0, size))
    assert.deepEqual(rootOf(tree), definedRoot(leaves.slice(0, size)), String(size))
    assert.deepEqual(frontierOf(size, nodesWithin(size)), tree)
  }
})

test('it makes no difference in which portions leaves come', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(60), { maxLength: 11 }), (portions) => {
      let tree = grown(NONE, [])
      for (const portion of portions) {
        const before = tree.size
        const more = grown(tree, leaves.slice(before, before + portion))
        assert.equal(tree.size, before, 'what was there stays as it was')
        tree = more
      }
      assert.deepEqual(tree, grown(NONE, leaves.slice(0, tree.size)))
    }),
    { numRuns: 60 },
  )
})

test('a frontier stays small: one hash for each bit of the size', () => {
  let tree = grown(NONE, [])
  for (let round = 0; round < 40; round++) {
    tree = grown(tree, leaves.slice(0, 33))
    assert.equal(tree.hashes.length, Array.from(tree.size.toString(2)).filter((bit) => bit === '1').length)
  }
})

const SMALL = 40
const anySize = fc.integer({ min: 1, max: leaves.length })

test('inclusion proofs are those of the definition and verify, for every leaf', () => {
  const holds = (index: number, size: number) => {
    const own = leaves.slice(0, size)
    const proof = inclusionProof(index, size, nodesWithin(size))
    assert.deepEqual(proof, definedPath(index, own))
    assert.ok(isIncluded(own[index]!, index, definedHead(own), proof), `${index} of ${size}`)
  }
  for (let size = 0; size <= SMALL; size++) for (let index = 0; index < size; index++) holds(index, size)
  fc.assert(
    fc.property(anySize, fc.nat(), (size, any) => holds(any % size, size)),
    { numRuns: 60 },
  )
})

test('consistency proofs are those of the definition and verify, for every earlier size', () => {
  const holds = (older: number, size: number) => {
    const own = leaves.slice(0, size)
    const proof = consistencyProof(older, size, nodesWithin(size))
    if (older > 0) assert.deepEqual(proof, definedProof(older, own))
    assert.ok(isConsistent(definedHead(own.slice(0, older)), definedHead(own), proof), `${older} of ${size}`)
  }
  for (let size = 0; size <= SMALL; size++) for (let older = 0; older <= size; older++) holds(older, size)
  fc.assert(
    fc.property(anySize, fc.nat(), (size, any) => holds(any % (size + 1), size)),
    { numRuns: 60 },
  )
})

/** Every proof that is not the one: a bit turned anywhere, a hash less, a hash more, two swapped. */
function* spoilt(proof: readonly Hash[]): Generator<Hash[]> {
  for (let at = 0; at < proof.length * HASH_BYTES; at++) {
    const other = proof.map((hash) => Buffer.from(hash))
    other[Math.floor(at / HASH_BYTES)]![at % HASH_BYTES]! ^= 1 << (at % 8)
    yield other
  }
  yield* proof.map((_, at) => proof.toSpliced(at, 1))
  yield* [...proof, leaves[0]!].map((_, at) => proof.toSpliced(at, 0, leaves[7]!))
  yield* proof.slice(1).map((hash, at) => proof.toSpliced(at, 2, hash, proof[at]!))
  yield* proof.map((hash, at) => proof.with(at, hash.subarray(1)))
  yield* proof.map((hash, at) => proof.with(at, Buffer.concat([hash, Buffer.of(0)])))
}

const turned = (hash: Hash, at: number) => hash.with(at, hash[at]! ^ 1) as Hash

test('an inclusion proof with any byte changed, any hash more, less or out of place is refused', () => {
  for (const [index, size] of [
    [0, 2],
    [0, 13],
    [6, 7],
    [12, 13],
    [100, 300],
    [299, 300],
    [255, 256],
  ] as const) {
    const head = definedHead(leaves.slice(0, size))
    const proof = inclusionProof(index, size, nodes)
    for (const other of spoilt(proof)) assert.ok(!isIncluded(leaves[index]!, index, head, other))
    for (let at = 0; at < HASH_BYTES; at++) {
      assert.ok(!isIncluded(Buffer.from(turned(leaves[index]!, at)), index, head, proof))
      assert.ok(!isIncluded(leaves[index]!, index, { size, root: Buffer.from(turned(head.root, at)) }, proof))
    }
  }
})

test('a consistency proof with any byte changed, any hash more, less or out of place is refused', () => {
  for (const [older, size] of [
    [1, 2],
    [4, 13],
    [6, 8],
    [8, 8],
    [255, 256],
    [256, 257],
    [3, 300],
    [0, 9],
  ] as const) {
    const [from, to] = [definedHead(leaves.slice(0, older)), definedHead(leaves.slice(0, size))]
    const proof = consistencyProof(older, size, nodes)
    for (const other of spoilt(proof)) assert.ok(!isConsistent(from, to, other), `${older} of ${size}`)
    for (let at = 0; at < HASH_BYTES; at++) {
      assert.ok(!isConsistent({ size: older, root: Buffer.from(turned(from.root, at)) }, to, proof))
      // With nothing before it, any tree is one that only grew.
      if (older > 0) assert.ok(!isConsistent(from, { size, root: Buffer.from(turned(to.root, at)) }, proof))
    }
  }
})

test('another place or size is accepted only where the definition leads to the same root', () => {
  fc.assert(
    fc.property(anySize, fc.nat(), fc.nat(800), fc.nat(800), (size, any, index, other) => {
      const own = any % size
      const proof = inclusionProof(own, size, nodes)
      const { root } = definedHead(leaves.slice(0, size))
      const claimed = isIncluded(leaves[own]!, index, { size: other, root }, proof)
      const led = index < other ? definedClimb(leaves[own]!, index, other, proof) : undefined
      assert.equal(claimed, led?.equals(root) ?? false)
      if (index !== own) assert.ok(!claimed, 'another place')
    }),
    { numRuns: 200 },
  )
})

test('a tree that forgot, changed or swapped an entry is not consistent with the earlier one (row 33)', () => {
  const older = definedHead(leaves.slice(0, 100))
  const rewritten = [
    leaves.slice(1, 151),
    leaves.slice(0, 150).with(42, leaves[699]!),
    leaves.slice(0, 150).with(10, leaves[11]!).with(11, leaves[10]!),
    leaves.slice(0, 150).toSpliced(99, 1),
  ]
  for (const own of rewritten) {
    const head = definedHead(own)
    assert.ok(!isConsistent(older, head, definedProof(100, own)))
    assert.ok(!isConsistent(older, head, consistencyProof(100, own.length, nodes)))
  }
  assert.ok(!isConsistent(older, definedHead(leaves.slice(0, 99)), []), 'shorter')
})

test('a head that says another size than its tree has proves nothing', () => {
  const { root } = definedHead(leaves.slice(0, 2))
  assert.ok(isIncluded(leaves[1]!, 1, { size: 2, root }, [leaves[0]!]))
  assert.ok(!isIncluded(leaves[1]!, 0, { size: 1, root }, [leaves[0]!]), 'more steps than the tree has')
  assert.ok(!isIncluded(leaves[0]!, 1, { size: 1, root: leaves[0]! }, []), 'after the last')
  assert.ok(!isConsistent({ size: 2, root }, { size: 1, root }, []), 'the same tree, and less in it')
  assert.ok(!isConsistent({ size: 1, root }, { size: 2, root }, []), 'the same tree, and more in it')
})

test('what is no number of leaves is refused, and never tried', () => {
  const head = definedHead(leaves.slice(0, 8))
  const proof = inclusionProof(3, 8, nodes)
  for (const odd of [-1, 1.5, NaN, Infinity, 2 ** 53, 8, 9]) {
    assert.ok(!isIncluded(leaves[3]!, odd, head, proof), String(odd))
    assert.throws(() => inclusionProof(odd, 8, nodes), RangeError)
    if (odd === 8) continue
    assert.ok(!isConsistent({ ...head, size: odd }, head, []), String(odd))
    assert.throws(() => consistencyProof(odd, 8, nodes), RangeError)
  }
  for (const odd of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
    assert.ok(!isSize(odd))
    assert.ok(!isIncluded(leaves[3]!, 3, { ...head, size: odd }, proof))
    assert.ok(!isConsistent(head, { ...head, size: odd }, []))
  }
  assert.ok(!isConsistent({ size: 0, root: leaves[0]! }, head, []), 'an empty tree with a root')
})

test('proofs hold for trees larger than 32 bits count', () => {
  // All leaves alike, so that a node depends on its level only.
  const levels: Hash[] = [leafHash(Buffer.alloc(0))]
  for (let level = 1; level < 53; level++) levels.push(nodeHash(levels[level - 1]!, levels[level - 1]!))
  const alike: Nodes = (level) => levels[level]!
  const big = fc.integer({ min: 2 ** 31, max: Number.MAX_SAFE_INTEGER })
  const headAt = (size: number) => ({ size, root: rootOf(frontierOf(size, alike)) })
  fc.assert(
    fc.property(big, big, (a, b) => {
      const [older, size] = [Math.min(a, b), Math.max(a, b)]
      const proof = consistencyProof(older, size, alike)
      assert.ok(proof.length <= 54 && isConsistent(headAt(older), headAt(size), proof))
      assert.ok(!isConsistent(headAt(older - 1), headAt(size), proof))
      const path = inclusionProof(older - 1, size, alike)
      assert.ok(path.length <= 53 && isIncluded(levels[0]!, older - 1, headAt(size), path))
    }),
    { numRuns: 100 },
  )
})
