import { generateKeyPairSync, hash } from 'node:crypto'
import { checkpointText } from '../kernel/audit/log/checkpoint.ts'
import { KIND, verifierKey } from '../kernel/audit/log/key.ts'
import { noteSigner, signNote } from '../kernel/audit/log/note.ts'
import { consistencyProof, frontierOf, grown, rootOf, type Head } from '../kernel/audit/log/tree.ts'

/** A log that signs whatever it likes, and what it submits to whoever watches it. */
export const FORKED = 'log.example/1'
const key = generateKeyPairSync('ed25519').privateKey
export const forkedKey = verifierKey(FORKED, key, KIND.note)

/** A tree that is another one from the leaf at which it forks. */
export function treeOf(size: number, forkedAt = Infinity): Tree {
  const nodes = new Map<string, Buffer>()
  const leaves = Array.from({ length: size }, (_, at) =>
    hash('sha256', `${at}${at >= forkedAt ? ' other' : ''}`, 'buffer'),
  )
  grown({ size: 0, hashes: [] }, leaves, (level, index, node) => nodes.set(`${level} ${index}`, node))
  const at = (level: number, index: number) => nodes.get(`${level} ${index}`)!
  return {
    head: (of) => ({ size: of, root: rootOf(frontierOf(of, at)) }),
    proof: (older, of) => (older <= of ? consistencyProof(older, of, at) : []),
  }
}

export type Tree = { head: (size: number) => Head; proof: (older: number, size: number) => Buffer[] }

export const noteOf = (head: Head, signer = key, origin = FORKED) =>
  signNote(checkpointText({ origin, ...head }), [noteSigner(origin, signer)])

/** Whatever the text says. */
export const signedNote = (text: string) => signNote(text, [noteSigner(FORKED, key)])

export const bodyOf = (older: number, proof: readonly Buffer[], note: string) =>
  Buffer.from(`old ${older}\n${proof.map((one) => `${one.toString('base64')}\n`).join('')}\n${note}`)

export const submission = (older: number, size: number, tree: Tree) =>
  bodyOf(older, tree.proof(older, size), noteOf(tree.head(size)))
