import { hash } from 'node:crypto'

/**
 * A log that strangers can verify, as pure parts: a tree, its tiles, notes that somebody signed, checkpoints and what
 * witnesses add to them. They know no database and no request; whoever calls them stores what they return.
 *
 * Here: the tree of RFC 6962 § 2.1, which is also that of RFC 9162 and of c2sp.org/tlog-tiles. It promises that whoever
 * holds the root of an earlier tree can tell whether an entry is in it, and whether a later tree only added to it. A
 * node is named by its level, leaves being 0, and its place in that level; a node is stored once all its leaves are
 * there, and never changes again. So all that is needed to go on is the frontier: at most one hash for each level.
 */
export type Hash = Buffer

export const HASH_BYTES = 32

/** The root of a tree without leaves: the hash of nothing. */
export const EMPTY_ROOT: Hash = hash('sha256', '', 'buffer')

/** Leaves and nodes begin with different bytes, so that no node can be passed off as an entry. */
export function leafHash(entry: Uint8Array): Hash {
  if (entry.length >= leaf.length) return hash('sha256', Buffer.concat([Buffer.of(0), entry]), 'buffer')
  leaf.set(entry, 1)
  return hash('sha256', leaf.subarray(0, 1 + entry.length), 'buffer')
}

export function nodeHash(left: Hash, right: Hash): Hash {
  pair.set(left, 1)
  pair.set(right, 1 + HASH_BYTES)
  return hash('sha256', pair, 'buffer')
}

/** The same memory each time: a third more leaves a second. Nothing waits between filling it and reading it. */
const leaf = Buffer.alloc(4_096, 0)
const pair = Buffer.alloc(1 + 2 * HASH_BYTES, 1)

/** The roots of the perfect trees that `size` leaves are made of, the largest first: one for each bit of the size. */
export type Frontier = { readonly size: number; readonly hashes: readonly Hash[] }

/** As far as numbers count exactly: a million entries a second for 285 years. */
export const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0

/** What a tree becomes when leaves are added. `keep` is told of every node that is complete now, children first. */
export function grown(from: Frontier, leaves: Iterable<Hash>, keep?: Keep): Frontier {
  const hashes = [...from.hashes]
  let { size } = from
  for (const added of leaves) {
    let [node, level, index] = [added, 0, size]
    keep?.(level, index, node)
    while (index % 2 === 1) {
      node = nodeHash(hashes.pop()!, node)
      index = (index - 1) / 2
      keep?.(++level, index, node)
    }
    hashes.push(node)
    size++
  }
  return { size, hashes }
}

export type Keep = (level: number, index: number, node: Hash) => void

export const rootOf = ({ hashes }: Frontier): Hash => folded(hashes)

/** The smaller trees stand to the right, so one folds from there. */
const folded = (hashes: readonly Hash[]): Hash =>
  hashes.length === 0 ? EMPTY_ROOT : hashes.reduceRight((right, left) => nodeHash(left, right))

/** Where stored nodes are found again. It throws where there is none. */
export type Nodes = (level: number, index: number) => Hash

/** The frontier of this tree or of an earlier one, out of what was stored. */
export const frontierOf = (size: number, nodes: Nodes): Frontier => ({ size, hashes: perfect(0, size, nodes) })

/** The perfect trees of the leaves from `start` until `end`; RFC 6962 splits where `start` is round enough for them. */
function perfect(start: number, end: number, nodes: Nodes): Hash[] {
  const hashes: Hash[] = []
  let at = start
  while (at < end) {
    let [level, leaves] = [0, 1]
    while (leaves * 2 <= end - at) [level, leaves] = [level + 1, leaves * 2]
    hashes.push(nodes(level, at / leaves))
    at += leaves
  }
  return hashes
}

/** RFC 6962 § 2.1.1: the hashes that lead from a leaf to the root of the tree of that size. */
export function inclusionProof(index: number, size: number, nodes: Nodes): Hash[] {
  if (!isSize(index) || !isSize(size) || index >= size) throw new RangeError(`no leaf ${index} among ${size}`)
  return descent(index + 1, size, nodes, (start, end) => end - start === 1).beside
}

/** RFC 6962 § 2.1.2: the hashes that show that the tree of `size` begins with the tree of `older`. */
export function consistencyProof(older: number, size: number, nodes: Nodes): Hash[] {
  if (!isSize(older) || !isSize(size) || older > size) throw new RangeError(`no tree of ${older} within ${size}`)
  if (older === 0) return []
  const { beside, start } = descent(older, size, nodes, (_, end) => end === older)
  // Where the way leads down the left side all along, it ends at the older tree itself, whose root is known.
  return start === 0 ? beside : [folded(perfect(start, older, nodes)), ...beside]
}

/** Down to the part of the tree that ends at `last`, and what was left beside the way, the lowest first. */
function descent(last: number, size: number, nodes: Nodes, isThere: (start: number, end: number) => boolean) {
  const beside: Hash[] = []
  let [start, end] = [0, size]
  while (!isThere(start, end)) {
    const middle = start + split(end - start)
    if (last <= middle) {
      beside.unshift(folded(perfect(middle, end, nodes)))
      end = middle
    } else {
      beside.unshift(folded(perfect(start, middle, nodes)))
      start = middle
    }
  }
  return { beside, start }
}

/** The largest power of two below this many leaves. */
function split(leaves: number): number {
  let left = 1
  while (left * 2 < leaves) left *= 2
  return left
}

export type Head = { readonly size: number; readonly root: Hash }

/** RFC 9162 § 2.1.3.2, for whoever holds a head that they trust, and the hash of an entry. */
export function isIncluded(entry: Hash, index: number, { size, root }: Head, proof: readonly Hash[]): boolean {
  if (!isSize(index) || !isSize(size) || index >= size || ![entry, root, ...proof].every(isHash)) return false
  return climb(index, size - 1, entry, proof)?.newer.equals(root) ?? false
}

/** RFC 9162 § 2.1.4.2, for whoever holds an earlier head and is shown a later one. */
export function isConsistent(older: Head, newer: Head, proof: readonly Hash[]): boolean {
  if (!isSize(older.size) || !isSize(newer.size) || older.size > newer.size) return false
  if (![older.root, newer.root, ...proof].every(isHash)) return false
  if (older.size === 0 && !older.root.equals(EMPTY_ROOT)) return false
  if (older.size === newer.size) return proof.length === 0 && older.root.equals(newer.root)
  if (older.size === 0) return proof.length === 0
  let [left, right] = [older.size - 1, newer.size - 1]
  while (left % 2 === 1) [left, right] = [half(left), half(right)]
  // Where the older tree is perfect, it is itself the first hash of the way.
  const [first, ...rest] = left === 0 ? [older.root, ...proof] : proof
  const roots = first && climb(left, right, first, rest)
  return roots !== undefined && roots.older.equals(older.root) && roots.newer.equals(newer.root)
}

const isHash = (hash: Hash): boolean => hash.length === HASH_BYTES

const half = (number: number): number => Math.floor(number / 2)

/**
 * The roots of two trees that share what lies left of `index`: the newer one, whose last node on this level is `last`,
 * and the older one that ends with `index`. Undefined where the proof is too long or too short for the tree.
 */
function climb(index: number, last: number, from: Hash, proof: readonly Hash[]): Climbed | undefined {
  let [at, end, older, newer] = [index, last, from, from]
  for (const beside of proof) {
    if (end === 0) return undefined
    if (at % 2 === 1 || at === end) {
      older = nodeHash(beside, older)
      newer = nodeHash(beside, newer)
      while (at % 2 === 0 && at !== 0) [at, end] = [half(at), half(end)]
    } else newer = nodeHash(newer, beside)
    at = half(at)
    end = half(end)
  }
  return end === 0 ? { older, newer } : undefined
}

type Climbed = { older: Hash; newer: Hash }
