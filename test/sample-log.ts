import { createPrivateKey, hash, type KeyObject } from 'node:crypto'
import { checkpointText } from '../kernel/audit/log/checkpoint.ts'
import { exportOf, tallyText, type Header, type Row } from '../kernel/audit/log/export.ts'
import { KIND, verifierKey } from '../kernel/audit/log/key.ts'
import { leafOf, type Facts, type What, type Who } from '../kernel/audit/log/leaf.ts'
import { noteSigner, signNote } from '../kernel/audit/log/note.ts'
import { consistencyProof, frontierOf, grown, inclusionProof, rootOf } from '../kernel/audit/log/tree.ts'
import { dice } from './dice.ts'

/**
 * A log of a few workspaces, for tests: its leaves in a tree, its key, and the files that it hands out. It is the same
 * log each time, so that what fails once fails again.
 */
export type SampleLog = {
  key: string
  size: number
  head: (size: number) => { origin: string; size: number; root: string }
  rowsOf: (workspace: string, size?: number) => Sealed[]
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
 * What sets a log apart: its key, an entry of which the actor was rewritten, one whose workspace forgot its last leaf,
 * and what it says of itself, before all else or after it.
 */
export type Apart = {
  epoch?: number
  origin?: string
  secret?: string
  forged?: number
  forgetting?: number
  first?: readonly Act[]
  last?: readonly Act[]
}

/** An entry of its own: what it says may depend on the entries of its workspace that were sealed before. */
export type Act = {
  workspace: string
  action: string
  outcome?: string
  actorKind?: string
  input: (before: readonly Sealed[]) => unknown
}

const ORIGIN = 'log.example/audit'
const NAME = 'log.example/key'
export const WORKSPACES = ['north', 'south', 'west'].map((_, at) => `0199a000-0000-7000-8000-00000000000${at}`)

export function sampleLog(entries: number, apart: Apart = {}): SampleLog {
  const { epoch = 1, origin = ORIGIN, secret = 'key' } = apart
  const rows = sealed(entries, apart)
  const tree = treeOf(rows.map(({ hash }) => hash))
  const privateKey = keyFrom(secret)
  const key = verifierKey(NAME, privateKey, KIND.note)
  const note = (text: string) => signNote(text, [noteSigner(NAME, privateKey)])
  const checkpoint = (size: number) => checkpointText({ origin, ...tree.head(size) })
  const rowsOf = (workspace: string, size = rows.length) => {
    const mine = rows.filter(({ facts, index }) => facts.workspace === workspace && index < size)
    return [...new Map(mine.map((row) => [row.seq, row])).values()]
  }
  async function exported(workspace: string, how: How = {}): Promise<string> {
    const { size = rows.length, since, lose = 0, rewrite = (same) => same } = how
    const mine = rowsOf(workspace, size).slice(0, lose ? -lose : undefined)
    const tally = { workspace, epoch, entries: mine.length, last: mine.at(-1)?.hash ?? null }
    const header: Header = {
      workspace,
      epoch,
      origin,
      key,
      checkpoint: note(checkpoint(size)),
      tally: note(tallyText(tally, checkpoint(size))),
      consistency: since ? { ...tree.head(since), hashes: tree.proof(since, size) } : null,
      ...how.header,
    }
    return (await Array.fromAsync(exportOf(header, rewrite(mine), (index) => tree.path(index, size)))).join('')
  }
  const head = (size: number) => ({ origin, size, root: tree.head(size).root.toString('base64') })
  return { key, size: rows.length, head, rowsOf, noteOf: (size) => note(checkpoint(size)), export: exported }
}

export type Sealed = Row & { hash: Buffer }

function sealed(entries: number, { forged, forgetting, first = [], last = [] }: Apart): Sealed[] {
  const throwOf = dice(1)
  const heads = new Map<string, Sealed[]>(WORKSPACES.map((workspace) => [workspace, []]))
  return Array.from({ length: first.length + entries + last.length }, (_, index) => {
    const act = first[index] ?? last[index - first.length - entries]
    const facts = { ...factsOf(index, WORKSPACES[throwOf(WORKSPACES.length)]!), ...(act && actOf(act)) }
    const before = heads.get(facts.workspace)!
    if (index === forgetting) before.pop()
    const who = { ...whoOf(index), ...(index === forged ? { actorName: 'Somebody else' } : {}) }
    const what = act ? { input: act.input(before), changes: null } : whatOf(index)
    const [seq, previous] = [before.length + 1, before.at(-1)?.hash ?? null]
    const salts = { who: sha256(`salt ${index}`), what: sha256(`other salt ${index}`) }
    const leaf = leafOf({ ...facts, who, what }, seq, previous, salts)
    const halves = {
      who: { hash: leaf.who, value: who, salt: salts.who },
      what: { hash: leaf.what, value: what, salt: salts.what },
    }
    const row = { facts, seq, previous, index, ...halves, hash: leaf.hash }
    before.push(row)
    return row
  })
}

const actOf = ({ workspace, action, outcome = 'done', actorKind = 'system' }: Act) => ({
  workspace,
  action,
  outcome,
  actorKind,
  target: null,
})

const factsOf = (index: number, workspace: string): Facts => ({
  workspace,
  id: `0199b000-0000-7000-8000-${String(index).padStart(12, '0')}`,
  transaction: String(4_294_967_296 + (index >> 1)),
  at: `2026-11-20T13:55:39.${String(123_456 + index).padStart(6, '0')}Z`,
  action: ['shop.invoice.issue', 'identity.member.invite', 'audit.entry.list'][index % 3]!,
  outcome: index % 7 === 3 ? 'refused' : 'done',
  actorKind: index % 5 === 0 ? 'key' : 'person',
  actorId: `0199c000-0000-7000-8000-${String(index % 4).padStart(12, '0')}`,
  target: index % 3 === 2 ? null : `0199d000-0000-7000-8000-${String(index).padStart(12, '0')}`,
  requestId: `0199e000-0000-7000-8000-${String(index).padStart(12, '0')}`,
})

const whoOf = (index: number): Who => ({
  actorName: ['Nadia Haddad', 'نورا', 'Łukasz "Luke" \\ Ó', '😀'][index % 4]!,
  address: index % 5 === 4 ? null : '192.0.2.7',
  userAgent: index % 5 === 4 ? null : 'Mozilla/5.0 (X11; Linux x86_64)',
})

const whatOf = (index: number): What => ({
  input: {
    note: `line\n${index}`,
    amount: index * 100 - 500,
    password: '[secret]',
    lines: [{ isNew: true }, [], null],
  },
  changes: index % 2 === 0 ? null : [{ of: 'shop.invoice', id: '7', before: null, after: { 10: 'ten', 9: 'nine' } }],
})

/** What the log says of itself when halves of entries, or all entries until one, were erased, or it was lost. */
export const forget = (epoch: number, who: string, what: string, workspace = WORKSPACES[0]!): Act => ({
  workspace,
  action: 'audit.log.forget',
  input: () => ({ epoch, who, what, why: 'they asked for it' }),
})
export const thin = (epoch: number, last: Sealed): Act => ({
  workspace: last.facts.workspace,
  action: 'audit.log.thin',
  input: () => ({ epoch, through: last.seq, last: last.hash.toString('base64') }),
})
export const reopen = (log: SampleLog, size = log.size, workspace = WORKSPACES[0]!): Act => ({
  workspace,
  action: 'audit.log.reopen',
  input: () => {
    const rows = log.rowsOf(workspace, size)
    const last = rows.at(-1)?.hash.toString('base64') ?? null
    return { ...log.head(size), entries: rows.length, last }
  },
})

/** Rows of which these halves are gone, `3` and `7` of them. */
export const erasing =
  ({ who = [], what = [] }: { who?: readonly number[]; what?: readonly number[] }) =>
  (rows: Row[]): Row[] =>
    rows.map((row) => ({
      ...row,
      who: who.includes(row.seq) ? { ...row.who, value: null, salt: null } : row.who,
      what: what.includes(row.seq) ? { ...row.what, value: null, salt: null } : row.what,
    }))

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
