import type { Statement } from '../../../postgres/batch.ts'
import type { WrittenTile } from '../../log/tiles.ts'
import type { Head } from '../../log/tree.ts'
import type { NewLeaf } from './chain.ts'
import { NO_WORKSPACE, type Cursor } from './ledger.ts'

/**
 * The leaves of a batch in one statement. Their hashes and salts travel as one piece of bytes, of which each row takes
 * its part: as five lists of hexadecimal text they took the server longer to read than to store.
 */
export const leafRows = (epoch: number, first: number, leaves: readonly NewLeaf[]): Statement => ({
  text: `insert into audit.leaf (workspace_id, id, epoch, seq, index, hash, who, what, who_salt, what_salt)
    select workspace, id, $1, seq, $2::bigint + n - 1, ${PARTS.map(partAt).join(', ')}
    from unnest($3::uuid[], $4::uuid[], $5::bigint[]) with ordinality as l (workspace, id, seq, n)`,
  name: 'leaves',
  values: [
    epoch,
    first,
    listed(leaves.map(({ entry }) => entry.workspace)),
    listed(leaves.map(({ entry }) => entry.id)),
    listed(leaves.map(({ seq }) => seq)),
    packed(leaves),
  ],
})

const PARTS: readonly ((leaf: NewLeaf) => Buffer)[] = [
  ({ hash }) => hash,
  ({ who }) => who,
  ({ what }) => what,
  ({ salts }) => salts.who,
  ({ salts }) => salts.what,
]
const PART_BYTES = 32
const partAt = (_part: unknown, at: number) =>
  `substring($6::bytea from ((n - 1) * ${PARTS.length} + ${at})::int * ${PART_BYTES} + 1 for ${PART_BYTES})`

function packed(leaves: readonly NewLeaf[]): Buffer {
  const bytes = Buffer.allocUnsafe(leaves.length * PARTS.length * PART_BYTES)
  let at = 0
  for (const leaf of leaves) for (const part of PARTS) at += part(leaf).copy(bytes, at)
  return bytes
}

/** Ids and numbers need no quotes. */
const listed = (values: readonly (string | number)[]) => `{${values.join()}}`

/** The last of each level grows where it stands. */
export const tileRows = (epoch: number, tiles: readonly WrittenTile[]): Statement => ({
  text: `insert into audit.tile (workspace_id, epoch, level, n, hashes)
    select '${NO_WORKSPACE}', $1, level, n, hashes
    from unnest($2::int[], $3::bigint[], $4::bytea[]) as t (level, n, hashes)
    on conflict (workspace_id, epoch, level, n) do update set hashes = excluded.hashes`,
  name: 'keep tiles',
  values: [
    epoch,
    tiles.map(({ level }) => level),
    tiles.map(({ index }) => index),
    tiles.map(({ bytes }) => `\\x${bytes.toString('hex')}`),
  ],
})

export const headRow = (epoch: number, { size, root }: Head, { xid, id }: Cursor, note: string): Statement => ({
  text: `update audit.log set size = $2, root = $3, xid = $4, entry_id = $5, checkpoint = $6,
    signed_at = clock_timestamp(), refused = null
    where workspace_id = '${NO_WORKSPACE}' and epoch = $1 and closed_at is null`,
  name: 'head',
  values: [epoch, size, root, xid, id, note],
})

/** Nothing was added: only that these have been looked at. */
export const cursorRow = (epoch: number, { xid, id }: Cursor): Statement => ({
  text: `update audit.log set xid = $2, entry_id = $3
    where workspace_id = '${NO_WORKSPACE}' and epoch = $1 and closed_at is null`,
  name: 'cursor',
  values: [epoch, xid, id],
})

/** Told to whoever looks, until all is well again. */
export const refusedRow = (why: string | null): Statement => ({
  text: `update audit.log set refused = $1
    where workspace_id = '${NO_WORKSPACE}' and closed_at is null and refused is distinct from $1`,
  name: 'refused',
  values: [why],
})
