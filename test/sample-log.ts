import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { dice } from './dice.ts'
import { exportOf, tallyText, type Header, type Row } from '../kernel/audit/log/export.ts'
import { leafOf, SALT_BYTES, type Facts, type Payload } from '../kernel/audit/log/leaf.ts'

/**
 * A log of a few workspaces, for tests: what a sequencer, a tree and a signer do, in as few words as they can be said,
 * from the text of RFC 6962 and C2SP alone. It is the same log each time, so that what fails once fails again.
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
export type Apart = { secret?: string; forged?: number; forgetting?: number }

const ORIGIN = 'log.example/audit'
export const WORKSPACES = ['north', 'south', 'west'].map((_, at) => `0199a000-0000-7000-8000-00000000000${at}`)

export function sampleLog(entries: number, apart: Apart = {}): SampleLog {
  const rows = sealed(entries, apart)
  const hashes = rows.map((row) => row.hash)
  const privateKey = keyFrom(apart.secret ?? 'key')
  const noteOf = (size: number) => note(checkpoint(hashes.slice(0, size)), privateKey)
  const rowsOf = (workspace: string, size = entries) => {
    const mine = rows.filter(({ facts, index }) => facts.workspace === workspace && index < size)
    return [...new Map(mine.map((row) => [row.seq, row])).values()]
  }
  async function exported(workspace: string, how: How = {}): Promise<string> {
    const { size = entries, since, lose = 0, rewrite = (same) => same } = how
    const tree = hashes.slice(0, size)
    const mine = rowsOf(workspace, size).slice(0, lose ? -lose : undefined)
    const tally = tallyText(workspace, mine.length, mine.at(-1)?.hash ?? null, checkpoint(tree))
    const header: Header = {
      workspace,
      origin: ORIGIN,
      key: verificationKey(privateKey),
      checkpoint: noteOf(size),
      tally: note(tally, privateKey),
      consistency: since ? consistency(tree, since) : null,
      ...how.header,
    }
    return (await Array.fromAsync(exportOf(header, rewrite(mine), (index) => path(index, tree)))).join('')
  }
  return { key: verificationKey(privateKey), rowsOf, noteOf, export: exported }
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
    const salt = sha256(Buffer.from(`salt ${index}`)).subarray(0, SALT_BYTES)
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

const sha256 = (...parts: Uint8Array[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()

/** RFC 6962, 2.1: what is left of where n leaves are divided. */
function k(n: number): number {
  let power = 1
  while (power * 2 < n) power *= 2
  return power
}

export function root(d: readonly Buffer[]): Buffer {
  if (d.length < 2) return d[0] ?? sha256()
  return sha256(Buffer.from([1]), root(d.slice(0, k(d.length))), root(d.slice(k(d.length))))
}

function path(m: number, d: readonly Buffer[]): Buffer[] {
  if (d.length < 2) return []
  const at = k(d.length)
  return m < at ? [...path(m, d.slice(0, at)), root(d.slice(at))] : [...path(m - at, d.slice(at)), root(d.slice(0, at))]
}

function subproof(m: number, d: readonly Buffer[], isWhole: boolean): Buffer[] {
  if (m === d.length) return isWhole ? [] : [root(d)]
  const at = k(d.length)
  return m <= at
    ? [...subproof(m, d.slice(0, at), isWhole), root(d.slice(at))]
    : [...subproof(m - at, d.slice(at), false), root(d.slice(0, at))]
}

const consistency = (d: readonly Buffer[], size: number) => ({
  size,
  root: root(d.slice(0, size)),
  hashes: subproof(size, d, true),
})

const checkpoint = (d: readonly Buffer[]) => `${ORIGIN}\n${d.length}\n${root(d).toString('base64')}\n`

type PrivateKey = ReturnType<typeof createPrivateKey>

const NAME = 'log.example/key'

/** A private key of Ed25519 is any 32 bytes, behind those that say so. */
function keyFrom(words: string): PrivateKey {
  const secret = sha256(Buffer.from(words))
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
  return createPrivateKey({ key: Buffer.concat([prefix, secret]), format: 'der', type: 'pkcs8' })
}

function typed(privateKey: PrivateKey): Buffer {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  return Buffer.concat([Buffer.from([1]), Buffer.from(x!, 'base64url')])
}

const idOf = (privateKey: PrivateKey) => sha256(Buffer.from(`${NAME}\n`), typed(privateKey)).subarray(0, 4)

const verificationKey = (privateKey: PrivateKey) =>
  `${NAME}+${idOf(privateKey).toString('hex')}+${typed(privateKey).toString('base64')}`

function note(text: string, privateKey: PrivateKey): string {
  const signed = Buffer.concat([idOf(privateKey), sign(null, Buffer.from(text), privateKey)])
  return `${text}\n— ${NAME} ${signed.toString('base64')}\n`
}
