import { Trouble } from '../../base/trouble.ts'
import { Snapshot, type Patience } from '../../postgres/snapshot.ts'
import type { Keeper } from '../../tenancy/keeper.ts'
import type { Place } from '../../tenancy/realms.ts'
import type { Vault } from '../../vault/vault.ts'
import { checkpointText, openCheckpoint } from '../log/checkpoint.ts'
import { exportOf, tallyText, type Consistency, type Header } from '../log/export.ts'
import { signNote, Untrusted } from '../log/note.ts'
import { consistencyProof, inclusionProof, isConsistent, type Hash, type Head } from '../log/tree.ts'
import { headIn, type Copies, type Kept } from './copies.ts'
import { tallyOf, tampered } from './exporting/counting.ts'
import { rowsOf, type Reader, type StoredRow } from './exporting/rows.ts'
import { NOBODYS, storedTree, type StoredTree } from './exporting/stored.ts'
import { keysOf, Unsealable, type Keys, type Ledger, type Sealable } from './sequencing/ledger.ts'

/**
 * A workspace's whole log, out of the tables, as one file that strangers can verify: a section for each log that it was
 * written to, the oldest first. It is written as it is found, in pieces, so that what was tampered with shows in the
 * file; but what the log signs anew it has looked into, and signs nothing that is not so.
 *
 * Heads that were copied are asked for before the tables are read, so that what is sealed meanwhile is no loss. Whoever
 * begins it has to end it.
 */
export async function openExport(means: Means, { workspace, realm }: Place, since: readonly string[] = []) {
  const pool = means.keeper.open(realm)
  const [open] = await pool.run([{ text: OPEN_ORIGIN, values: [NOBODYS] }])
  const [origin] = open!.rows.map((row) => String(row['origin']))
  const copy = origin === undefined ? undefined : await means.copies.newest(origin)
  const scope = { role: means.role, schema: 'audit', workspace: NOBODYS }
  const { patience = PATIENCE, lost = () => undefined } = means
  const reader = await Snapshot.open(means.keeper.loginTo(realm), scope, patience, lost)
  const kept = new Map(copy && origin !== undefined ? [[origin, copy]] : [])
  return { lines: exporting({ reader, vault: means.vault, realm, workspace, kept, since }), end: () => reader.end() }
}

/** `role` is the keeper's own. */
export type Means = {
  keeper: Pick<Keeper, 'open' | 'loginTo'>
  role: string
  vault: Vault
  copies: Pick<Copies, 'newest'>
  patience?: Patience
  /** The connection is gone before the end. */
  lost?: () => void
}

const OPEN_ORIGIN = 'select origin from audit.log where workspace_id = $1 and closed_at is null'

/** An hour is a million entries to somebody far away; who takes nothing for a minute has gone. */
const PATIENCE: Patience = { first_ms: 300_000, idle_ms: 60_000, whole_ms: 3_600_000 }

async function* exporting(from: Exporting): AsyncGenerator<string, void, undefined> {
  const logs = await logsOf(from)
  insistOnKnown(from, logs)
  await insistOnReceipts(from)
  await insistOnEntries(from)
  for (const log of logs) yield* sectionOf(from, log)
}

type Exporting = {
  reader: Reader
  vault: Vault
  realm: Sealable
  /** The newest copies of the heads of logs, by their names, asked for before the reader began to read. */
  kept: ReadonlyMap<string, Kept>
  workspace: string
  /** Notes that somebody kept of these logs: each of their heads is to be shown to be continued. */
  since?: readonly string[]
}

type Log = Ledger & { isOpen: boolean }

/** What somebody brings is looked at before it can be taken for what the log itself says. */
function insistOnKnown(from: Exporting, logs: readonly Log[]) {
  for (const note of from.since ?? []) {
    try {
      const { origin } = headIn(note)
      const log = logs.find((one) => one.origin === origin)
      if (!log) throw new Trouble(`What you kept is of another log, ${origin}: name the workspace it is of.`, 2)
      openCheckpoint(Buffer.from(note), { origin, log: [keysTo(from, log).verifier] })
    } catch (error) {
      if (!(error instanceof Untrusted)) throw error
      throw new Trouble(`What you kept is no head that this log signed (${error.message}): name another.`, 2)
    }
  }
}

/** Those in which it has or had entries, and the one that is open. */
async function logsOf({ reader, workspace }: Exporting): Promise<Log[]> {
  const { rows } = await reader.run({ text: LOGS, values: [NOBODYS, workspace] })
  if (rows.length > 0) return rows as Log[]
  const { rows: leaves } = await reader.run({ text: 'select from audit.leaf limit 1' })
  if (leaves.length > 0) throw tampered('the log itself is gone')
  throw new Trouble('Ask again in a moment: nothing has been sealed here yet.', 3)
}

const LOGS = `select l.epoch, l.origin, l.public_key as "publicKey", l.secret, l.size, l.root, l.checkpoint,
    l.closed_at is null as "isOpen"
  from audit.log l where l.workspace_id = $1 and (l.closed_at is null
    or exists (select from audit.leaf f where f.workspace_id = $2 and f.epoch = l.epoch)
    or exists (select from audit.entry t where t.workspace_id = $2 and t.action = 'audit.log.thin'
      and t.input ->> 'epoch' = l.epoch::text))
  order by l.epoch`

/** What was removed or forgotten is gone at once, and the entry that says so is sealed a moment later. */
async function insistOnReceipts({ reader, workspace }: Exporting): Promise<void> {
  const { rows } = await reader.run({ text: UNSEALED, values: [workspace] })
  if (rows.length > 0)
    throw new Trouble('Ask again in a moment: something was just removed, and the log is about to say so.', 3)
}

const UNSEALED = `select from audit.entry e
  where e.workspace_id = $1 and e.action in ('audit.log.thin', 'audit.log.forget')
    and not exists (select from audit.leaf f where f.workspace_id = e.workspace_id and f.id = e.id) limit 1`

/** Before anything of it has left: a file that breaks off says nothing of why. */
async function insistOnEntries({ reader, workspace }: Exporting): Promise<void> {
  const { rows } = await reader.run({ text: LOST, values: [workspace] })
  if (rows.length > 0) throw tampered(`the entry of leaf ${String(rows[0]!['index'])} is gone`)
}

const LOST = `select f.index from audit.leaf f where f.workspace_id = $1
  and not exists (select from audit.entry e where e.workspace_id = f.workspace_id and e.id = f.id) limit 1`

async function* sectionOf(from: Exporting, log: Log): AsyncGenerator<string> {
  const { reader, workspace } = from
  const { epoch, size } = log
  const tree = storedTree(reader, epoch, size)
  const header = await headerOf(from, log, tree)
  const proofs = new Map<number, readonly Hash[]>()
  yield* exportOf(header, proven(rowsOf(reader, workspace, epoch, size), tree, size, proofs), (index) =>
    proofs.get(index)!,
  )
}

/** The proofs of many rows are made together. */
async function* proven(
  pieces: AsyncIterable<readonly StoredRow[]>,
  tree: StoredTree,
  size: number,
  proofs: Map<number, readonly Hash[]>,
) {
  const reading = pieces[Symbol.asyncIterator]()
  for (let found = await reading.next(); !found.done;) {
    const rows = found.value
    const lost = rows.find(({ isWhole }) => !isWhole)
    if (lost) throw tampered(`the entry of leaf ${lost.index} is gone`)
    const paths = await tree((nodes) => rows.map(({ index }) => inclusionProof(index, size, nodes)))
    proofs.clear()
    for (const [at, { index }] of rows.entries()) proofs.set(index, paths[at]!)
    // The next are read while these are written down.
    const next = reading.next()
    next.catch(() => undefined)
    yield* rows
    found = await next
  }
}

async function headerOf(from: Exporting, log: Log, tree: StoredTree): Promise<Header> {
  const { workspace, since = [] } = from
  const { epoch, origin, size, root, checkpoint, publicKey } = log
  const keys = keysTo(from, log)
  if (!isSame(signedIn(checkpoint ?? '', origin, keys), log)) throw tampered('its head is not the one that was signed')
  // One that was closed had more before, or it would not have been.
  const kept = log.isOpen ? from.kept.get(origin) : undefined
  if (kept) await continued(log, tree, signedIn(kept.note, origin, keys))
  const known = since.find((note) => headIn(note).origin === origin)
  const consistency = known === undefined ? null : await continued(log, tree, signedIn(known, origin, keys))
  const text = checkpointText({ origin, size, root })
  const tally = await tallyOf(from.reader, { workspace, epoch, size, isOpen: log.isOpen, tree })
  return {
    workspace,
    epoch,
    origin,
    key: publicKey,
    checkpoint: checkpoint!,
    tally: signNote(tallyText(tally, text), [keys.signer]),
    consistency,
  }
}

function keysTo({ vault, realm }: Exporting, log: Log): Keys {
  try {
    return keysOf(vault, realm, log)
  } catch (error) {
    throw error instanceof Unsealable ? tampered(error.message) : error
  }
}

const isSame = (one: Head, other: Head) => one.size === other.size && one.root.equals(other.root)

/** A head is believed for the log's signature below it. */
function signedIn(note: string, origin: string, { verifier }: Keys): Head {
  try {
    return openCheckpoint(Buffer.from(note), { origin, log: [verifier] })
  } catch (error) {
    if (error instanceof Untrusted) throw tampered(`its head is not to be believed (${error.message})`)
    throw error
  }
}

async function continued(log: Log, tree: StoredTree, known: Head): Promise<Consistency | null> {
  if (known.size > log.size) throw tampered(`there were ${known.size} leaves once, and there are ${log.size}`)
  const hashes = await tree((nodes) => consistencyProof(known.size, log.size, nodes))
  if (!isConsistent(known, log, hashes)) throw tampered(`the log said something else when it had ${known.size} leaves`)
  return known.size === 0 ? null : { size: known.size, root: known.root, hashes }
}
