import { randomUUID } from 'node:crypto'
import { Trouble } from '../../base/trouble.ts'
import type { Statement } from '../../postgres/batch.ts'
import type { Lease } from '../../postgres/lease.ts'
import { EMPTY_EDGE } from '../log/tiles.ts'
import { EMPTY_ROOT, type Head } from '../log/tree.ts'
import { BEGINNING, entryFrom, OWN, type Written } from './sequencing/backlog.ts'
import { sealed } from './sequencing/chain.ts'
import {
  ledgerFrom,
  LAST_LOG,
  NO_WORKSPACE,
  OPEN,
  opened,
  type Ledger,
  type Means,
  type Sealable,
} from './sequencing/ledger.ts'
import { grownBy, rowsOf } from './sequencer.ts'

/**
 * After a restore what was signed last is more than what is left, and a log must never sign less than it did. So it is
 * closed for good, and another is opened in its place: under a new name, with a new key, and in it every workspace's
 * first entry says which head was known last, and with which of its own entries what is left of it ends. Entries that
 * were in no log come after it, wherever they stand.
 */
export async function reopen(means: Means, realm: Sealable, reason: string): Promise<Reopened> {
  await using lease = await means.keeper.open(realm).lease()
  const [, found] = await lease.run([{ text: 'begin' }, LAST_LOG])
  if (!found!.rows[0])
    throw new Trouble('There is no audit log yet: the first is opened by whatever is written first.', 4)
  const former = ledgerFrom(found!.rows[0])
  const cited = await largestKnown(means, former)
  const epoch = former.epoch + 1
  const { origin, signer, values } = opened(means.vault, realm, epoch)
  const said = { origin: former.origin, size: cited.size, root: cited.root.toString('base64'), reason }
  await lease.run([close(former), { text: OPEN, values }, tell(former.epoch, said)])
  const log = { epoch, origin, keys: { signer }, head: { size: 0, root: EMPTY_ROOT }, note: String(values.at(-1)) }
  const entries = await ownEntries(lease)
  const leaves = await sealed(entries, new Map())
  const grown = grownBy(log, EMPTY_EDGE, leaves)
  const rows = leaves.length === 0 ? [] : rowsOf(log, leaves, grown, BEGINNING)
  await lease.run([...rows, { text: 'commit' }])
  await means.copies.keep({ origin, realm: realm.id, epoch }, grown.note)
  return { origin, epoch, former: { origin: former.origin, ...cited }, workspaces: leaves.length }
}

export type Reopened = {
  origin: string
  epoch: number
  /** The log that was closed, with the largest head that anybody knows of it. */
  former: Head & { origin: string }
  /** How many workspaces had entries in it. */
  workspaces: number
}

/** What it signed last, as far as the database knows, or whoever keeps copies. */
async function largestKnown({ copies }: Means, { origin, size, root }: Ledger): Promise<Head> {
  const copy = await copies.newest(origin)
  return copy && copy.size >= size ? { size: copy.size, root: copy.root } : { size, root }
}

const close = ({ epoch }: Ledger): Statement => ({
  text: `update audit.log set closed_at = clock_timestamp() where workspace_id = '${NO_WORKSPACE}' and epoch = $1`,
  values: [epoch],
})

/** In every workspace that the former log knows, what becomes its first entry in the new one. */
const tell = (epoch: number, said: Record<string, unknown>): Statement => ({
  text: `insert into audit.entry (workspace_id, action, actor_kind, actor_id, actor_name, request_id, input)
    select workspace_id, 'audit.log.reopen', 'system', 'operator', 'Operator of this deployment', $3,
      $2::jsonb || jsonb_build_object('entries', seq, 'last', encode(hash, 'base64'))
    from (
      select distinct on (workspace_id) workspace_id, seq, hash from audit.leaf where epoch = $1
      order by workspace_id, seq desc
    ) last`,
  values: [epoch, JSON.stringify(said), randomUUID()],
})

async function ownEntries(lease: Lease) {
  const [found] = await lease.run([OWN])
  return (found!.rows as Written[]).map(entryFrom)
}
