import type { Scope, Work } from '../../../postgres/work.ts'
import type { Names } from '../../../tenancy/names.ts'
import { isWithin, type Tile } from '../../log/tiles.ts'
import { HASH_BYTES } from '../../log/tree.ts'
import { NOBODYS } from '../exporting/stored.ts'

/** One log of a realm, as the role sees it that shows logs; without a number the one that is open. */
export type LogAt = { work: Work; epoch: number | undefined }

/** As the role that shows the log, which may not read the key that signs it. */
export const openLog = (names: Names): Scope => ({ role: names.role('audit'), schema: 'audit', workspace: NOBODYS })

/** The head that is signed, and the key that signed it; undefined where there is no such log. */
export async function logKey({
  work,
  epoch,
}: LogAt): Promise<{ checkpoint: string | undefined; key: string } | undefined> {
  const { rows } = await work.run({ text: LOG, name: 'log', values: [epoch ?? null] })
  const row = rows[0] as { public_key: string; checkpoint: string | null } | undefined
  return row && { checkpoint: row.checkpoint ?? undefined, key: `${row.public_key}\n` }
}

const OPEN = 'epoch = coalesce($1::int, (select max(epoch) from audit.log))'
const LOG = `select public_key, checkpoint from audit.log where ${OPEN}`

/** The hashes of a tile, or of a wider one that begins with them: nothing that no signed head is about. */
export async function logTile({ work, epoch }: LogAt, tile: Tile): Promise<Buffer | undefined> {
  const { rows } = await work.run({ text: TILE, name: 'tile', values: [epoch ?? null, tile.level, tile.index] })
  const row = rows[0] as { size: number; hashes: Buffer } | undefined
  const length = tile.width * HASH_BYTES
  if (!row || !isWithin(tile, row.size) || row.hashes.length < length) return undefined
  return row.hashes.subarray(0, length)
}

const TILE = `select log.size, tile.hashes from audit.log log join audit.tile tile using (workspace_id, epoch)
  where log.${OPEN} and tile.level = $2 and tile.n = $3::bigint`
