import { createPrivateKey, hash, type KeyObject } from 'node:crypto'
import { checkpointText } from '../kernel/audit/log/checkpoint.ts'
import { exportOf, tallyText, type Header, type Row } from '../kernel/audit/log/export.ts'
import { KIND, verifierKey } from '../kernel/audit/log/key.ts'
import { leafOf, type Facts, type Payload } from '../kernel/audit/log/leaf.ts'
import { noteSigner, signNote } from '../kernel/audit/log/note.ts'
import { consistencyProof, frontierOf, grown, inclusionProof, rootOf } from '../kernel/audit/log/tree.ts'
import { dice } from './dice.ts'

/**
 * A log of a few workspaces, for tests: its leaves in a tree, its key, and the files that it hands out. It is the same
 * log each time, so that what fails once fails again.
 */
export type SampleLog = {
  key: string
  rowsOf: (workspace: string, size?: number) => Row[]
  noteOf: (size: number) => string
  export: (workspace: string, how?: How) => Promise<string>
}

/**
 * As of a tree of `size` leaves, citing one of `since`. `lose` so many rows before the log signs what it has; `rewrite`
 * stands for whoever can write to the database after that.
 */
export type How = {
  size?: number
  since?: number
  lose?: number
  rewrite?: (rows: Row[]) => Row[]
  header?: Partial<Header>
}

/**
 * What sets a log apart: its key, an entry of which the actor was rewritten, one whose workspace forgot its last leaf.
 */
export type Apart = { origin?: string; secret?: string; forged?: number; forgetting?: number }

const ORIGIN = 'log.example/audit'
const NAME = 'log.example/key'
export const WORKSPACES = ['north', 'south', 'west'].map((_, at) => `0199a000-0000-7000-8000-00000000000${at}`)

export function sampleLog(entries: number, apart: Apart = {}): SampleLog {
  const rows = sealed(entries, apart)
  const tree = treeOf(rows.map(({ hash }) => hash))
  const { origin = ORIGIN, secret = 'key' } = apart
  const privateKey = keyFrom(secret)
  const key = verifierKey(NAME, privateKey, KIND.note)
  const note = (text: string) => signNote(text, [noteSigner(NAME, privateKey)])
  const checkpoint = (size: number) => checkpointText({ origin, ...tree.head(size) })
  const rowsOf = (workspace: string, size = entries) => {
    const mine = rows.filter(({ facts, index }) => facts.workspace === workspace && index < size)
    return [...new Map(mine.map((row) => [row.seq, row])).values()]
  }
  async function exported(workspace: string, how: How = {}): Promise<string> {
    const { size = entries, since, lose = 0, rewrite = (same) => same } = how
    const mine = rowsOf(workspace, size).slice(0, lose ? -lose : undefined)
    const header: Header = {
      workspace,
      origin,
      key,
      checkpoint: note(checkpoint(size)),
      tally: note(tallyText(workspace, mine.length, mine.at(-1)?.hash ?? null, checkpoint(size))),
      consistency: since ? { ...tree.head(since), hashes: tree.proof(since, size) } : null,
      ...how.header,
    }
    return (await Array.fromAsync(exportOf(header, rewrite(mine), (index) => tree.path(index, size)))).join('')
  }
  return { key, rowsOf, noteOf: (size) => note(checkpoint(size)), export: exported }
}

type Sealed = Row & { hash: Buffer }

function sealed(entries: number, { forged, forgetting }: Apart): Sealed[] {
  const throwOf = dice(1)
  const heads = new Map<string, Sealed[]>(WORKSPACES.map((workspace) => [workspace, []]))
  return Array.from({ length: entries }, (_, index) => {
    const facts = factsOf(index, WORKSPACES[throwOf(WORKSPACES.length)]!)
    const payload = { ...payloadOf(index), ...(index === forged ? { actorName: 'Somebody else' } : {}) }
    const before = heads.get(facts.workspace)!
    if (index === forgetting) before.pop()
    const [seq, previous] = [before.length + 1, before.at(-1)?.hash ?? null]
    const salt = sha256(`salt ${index}`)
    const { hash, personal } = leafOf({ ...facts, payload }, seq, previous, salt)
    const row = { facts, seq, previous, personal, index, payload, salt, hash }
    before.push(row)
    return row
  })
}

const factsOf = (index: number, workspace: string): Facts => ({
  workspace,
  id: `0199b000-0000-7000-8000-${String(index).padStart(12, '0')}`,
  at: `2026-11-20T13:55:39.${String(123_456 + index).padStart(6, '0')}Z`,
  action: ['shop.invoice.issue', 'identity.member.invite', 'audit.entry.list'][index % 3]!,
  outcome: index % 7 === 3 ? 'refused' : 'done',
  actorKind: index % 5 === 0 ? 'key' : 'person',
  actorId: `0199c000-0000-7000-8000-${String(index % 4).padStart(12, '0')}`,
  target: index % 3 === 2 ? null : `0199d000-0000-7000-8000-${String(index).padStart(12, '0')}`,
  requestId: `0199e000-0000-7000-8000-${String(index).padStart(12, '0')}`,
})

const payloadOf = (index: number): Payload => ({
  actorName: ['Nadia Haddad', 'نورا', 'Łukasz "Luke" \\ Ó', '😀'][index % 4]!,
  address: index % 5 === 4 ? null : '192.0.2.7',
  userAgent: index % 5 === 4 ? null : 'Mozilla/5.0 (X11; Linux x86_64)',
  input: {
    note: `line\n${index}`,
    amount: index * 100 - 500,
    password: '[secret]',
    lines: [{ isNew: true }, [], null],
  },
  changes: index % 2 === 0 ? null : { name: ['before', 'after'], 10: 'ten', 9: 'nine' },
})

const sha256 = (words: string) => hash('sha256', words, 'buffer')

/** A private key of Ed25519 is any 32 bytes, behind those that say so. */
function keyFrom(words: string): KeyObject {
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
  return createPrivateKey({ key: Buffer.concat([prefix, sha256(words)]), format: 'der', type: 'pkcs8' })
}

/** All trees that the leaves have grown through: a node that is complete stays as it is. */
function treeOf(leaves: readonly Buffer[]) {
  const nodes = new Map<string, Buffer>()
  grown({ size: 0, hashes: [] }, leaves, (level, index, node) => nodes.set(`${level} ${index}`, node))
  const nodeAt = (level: number, index: number) => nodes.get(`${level} ${index}`)!
  return {
    head: (size: number) => ({ size, root: rootOf(frontierOf(size, nodeAt)) }),
    path: (index: number, size: number) => inclusionProof(index, size, nodeAt),
    proof: (older: number, size: number) => consistencyProof(older, size, nodeAt),
  }
}
