import type { Statement } from '../../../postgres/batch.ts'
import type { Pool } from '../../../postgres/pool.ts'
import { consistencyProof, type Head } from '../../log/tree.ts'
import { copiesIn, type Copies, type OfLog, type Place, type Tell } from '../copies.ts'
import { NOBODYS, storedTree } from '../exporting/stored.ts'
import { readWitness, witnessPlace } from '../witnesses.ts'
import { copiesBucket } from './bucket.ts'
import { copiesFolder } from './directory.ts'

/** The places that an operator named: a folder, a bucket, and witnesses with their keys. */
export function openCopies({ folder, bucket, witnesses, tell, ...logs }: Places): Copies & AsyncDisposable {
  const disk = [
    ...(folder === undefined ? [] : [copiesFolder(folder, tell)]),
    ...(bucket === undefined ? [] : [copiesBucket(bucket, tell)]),
  ]
  const others = witnesses.map((text) => witnessPlace(readWitness(text), { tell, ...aroundLogs(logs, disk) }))
  return copiesIn([...disk, ...others], tell)
}

export type Places = Logs & {
  folder: string | undefined
  bucket?: string | undefined
  witnesses: readonly string[]
  tell: Tell
}
/** The tables of the logs, by the ids of realms, as the login that keeps them. */
export type Logs = { keeperOf: (realm: string) => Promise<Pool> }

const aroundLogs = ({ keeperOf }: Logs, disk: readonly Place[]) => ({
  async prove({ realm, epoch }: OfLog, older: number, head: Head) {
    const keeper = await keeperOf(realm)
    const tree = storedTree({ run: (statement) => one(keeper, statement) }, epoch, head.size)
    return await tree((nodes) => consistencyProof(older, head.size, nodes))
  },
  /** Only while it is still the head that the witness signed; and what is published is copied again. */
  async add(log: OfLog, head: Head, line: string) {
    const keeper = await keeperOf(log.realm)
    const { rows } = await one(keeper, {
      text: ADD,
      name: 'add cosignature',
      values: [NOBODYS, log.epoch, log.origin, head.size, head.root, line, beginningOf(line)],
    })
    const note = rows[0]?.['checkpoint']
    if (typeof note === 'string') for (const place of disk) place.keep(log, note)
  },
})

const one = async (pool: Pool, statement: Statement) => (await pool.run([statement]))[0]!

/** Two lines of one key below a note would spoil it. The number of the key is in the first five letters. */
const beginningOf = (line: string) => line.slice(0, line.lastIndexOf(' ') + 1 + 5)

const ADD = `update audit.log set checkpoint = checkpoint || $6
  where workspace_id = $1 and epoch = $2 and origin = $3 and size = $4::bigint and root = $5
    and strpos(checkpoint, $7) = 0
  returning checkpoint`
