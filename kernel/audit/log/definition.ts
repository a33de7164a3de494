import { createHash } from 'node:crypto'
import type { Head } from './tree.ts'

/**
 * RFC 6962 § 2.1 word by word, as slow as it stands there and sharing nothing with the tree it is held against: for
 * tests, which believe this because one can read it beside the standard.
 */
const H = (...parts: Uint8Array[]): Buffer => {
  const sha256 = createHash('sha256')
  for (const part of parts) sha256.update(part)
  return sha256.digest()
}

export const definedLeaf = (entry: Uint8Array): Buffer => H(Buffer.of(0), entry)

/** MTH, of the hashes of leaves. */
export function definedRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return H()
  if (leaves.length === 1) return leaves[0]!
  const k = largestPowerBelow(leaves.length)
  return H(Buffer.of(1), definedRoot(leaves.slice(0, k)), definedRoot(leaves.slice(k)))
}

/** PATH(m, D[n]). */
export function definedPath(m: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return []
  const k = largestPowerBelow(leaves.length)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return m < k ? [...definedPath(m, left), definedRoot(right)] : [...definedPath(m - k, right), definedRoot(left)]
}

/** PROOF(m, D[n]) = SUBPROOF(m, D[n], true). */
export function definedProof(m: number, leaves: readonly Buffer[], isWhole = true): Buffer[] {
  if (m === leaves.length) return isWhole ? [] : [definedRoot(leaves)]
  const k = largestPowerBelow(leaves.length)
  const [left, right] = [leaves.slice(0, k), leaves.slice(k)]
  return m <= k
    ? [...definedProof(m, left, isWhole), definedRoot(right)]
    : [...definedProof(m - k, right, false), definedRoot(left)]
}

/** The root that a path leads to from a leaf; undefined where it has not as many steps as the tree. */
export function definedClimb(leaf: Buffer, m: number, n: number, path: readonly Buffer[]): Buffer | undefined {
  if (n === 1) return path.length === 0 ? leaf : undefined
  const [k, last] = [largestPowerBelow(n), path.at(-1)]
  const inner =
    m < k ? definedClimb(leaf, m, k, path.slice(0, -1)) : definedClimb(leaf, m - k, n - k, path.slice(0, -1))
  if (!last || !inner) return undefined
  return m < k ? H(Buffer.of(1), inner, last) : H(Buffer.of(1), last, inner)
}

export const definedHead = (leaves: readonly Buffer[]): Head => ({ size: leaves.length, root: definedRoot(leaves) })

const largestPowerBelow = (n: number): number =>
  2 ** Array.from({ length: 53 }, (_, at) => 2 ** at).findLastIndex((k) => k < n)
