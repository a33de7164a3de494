import { control } from '../../contract/control.ts'
import type { Canary } from '../../contract/control.ts'
import { everyCanary, inside } from './canaries.ts'
import { faultsIn, stretch } from './leaf.ts'
import type { Leaf } from './leaf.ts'
import { leafAt, readerOf, rootOver, Unsigned } from './tree.ts'
import type { Published } from './tree.ts'

export const tamper = control({
  claim:
    'An entry that is altered or removed in the database, by whoever owns it, is no longer the one that was sealed, ' +
    'and shows.',
  enforcedBy: ['kernel/audit/log/leaf.ts', 'kernel/audit/sealing/sequencer.ts', 'kernel/audit/log/verifier.mjs'],
  every: '5 minutes',
  async probe(live) {
    const read = readerOf(live)
    const faults = (await Promise.all(everyCanary(live).map((canary) => faultsOf(canary, read)))).flat()
    return faults.length
      ? { holds: false, saw: 'entries in the database were not what had been sealed', detail: faults }
      : { holds: true, saw: 'the latest entries, and some of before, were word for word what had been sealed' }
  },
  /** As whoever owns the tables could: somebody else did it. */
  async sabotage({ canaries }) {
    const { north } = canaries[0]!
    const [leaf] = await inside(
      north,
      `select e.id, e.actor_id as was from audit.leaf f join audit.entry e using (workspace_id, id)
       where f.workspace_id = '${north.workspace}' order by f.seq desc limit 1`,
    )
    const here = `workspace_id = '${north.workspace}' and id = '${String(leaf!['id'])}'`
    const blame = (whom: string) => inside(north, `update audit.entry set actor_id = '${whom}' where ${here}`)
    await blame('somebody else')
    return async () => void (await blame(String(leaf!['was'])))
  },
})

/** The newest, and as many from anywhere before. */
const MOST = 400

async function faultsOf(canary: Canary, read: ReturnType<typeof readerOf>): Promise<string[]> {
  const log = await read(canary).catch((error: unknown) => {
    if (error instanceof Unsigned) return error.message
    throw error
  })
  if (typeof log === 'string') return [log]
  const { epoch } = log
  const newest = await stretch(canary, { epoch, most: MOST })
  const end = newest.at(-1)
  if (!end) return ['nothing of a canary is sealed']
  const anywhere = await stretch(canary, { epoch, most: MOST, last: 1 + Math.floor(Math.random() * end.seq) })
  const faults = [...faultsIn(newest), ...faultsIn(anywhere)]
  // What was sealed since the head was signed is vouched for by the next.
  const ends = [newest, anywhere].map((leaves) => leaves.findLast(({ index }) => index < log.head.size))
  for (const leaf of ends) if (leaf) faults.push(...(await outOf(log, leaf)))
  return [...new Set(faults)]
}

async function outOf({ head, tiles }: Published, { index, hash, seq }: Leaf): Promise<string[]> {
  const root = await rootOver(tiles, 0, head.size, [index, index + 1])
  const isIn = root.toString('base64') === head.root && (await leafAt(tiles, index)).toString('base64') === hash
  return isIn ? [] : [`entry ${seq} is not in the published tree as it is stored`]
}
