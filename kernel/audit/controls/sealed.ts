import { control } from '../../contract/control.ts'
import type { Canary, Live } from '../../contract/control.ts'
import { entriesOf, everyCanary, insistOn, inside, outside, requestOf } from './canaries.ts'
import { soon } from './soon.ts'
import { headIn, leafAt, readerOf, rootOver, Unsigned } from './tree.ts'
import type { Head, Published } from './tree.ts'

export const sealed = control({
  claim:
    'Within seconds an entry is part of a published tree whose head is signed, and each head continues the one ' +
    'before it: whoever kept a head can tell whether an entry was changed, taken out or put in between since.',
  enforcedBy: [
    'kernel/audit/sealing/sequencer.ts',
    'kernel/audit/log/tree.ts',
    'kernel/audit/log/checkpoint.ts',
    'kernel/serve/http/log.ts',
  ],
  every: '5 minutes',
  async probe(live) {
    const read = readerOf(live)
    const seen = await Promise.all(everyCanary(live).map((canary) => lookedAt(live, canary, read)))
    const faults = seen.flatMap((one) => one.faults)
    const heads = [...new Set(seen.map(({ head }) => head))]
    return faults.length
      ? { holds: false, saw: 'the published log was not what had been done, or not what it had been', detail: faults }
      : { holds: true, saw: 'what was just done was in the published tree, which continues what it was', detail: heads }
  },
  /** As whoever owns the tables could: the head is one of before, signed as it was then. */
  async sabotage({ canaries }) {
    const { north } = canaries[0]!
    const [before] = await outside(north, 'select checkpoint from audit.log where closed_at is null')
    const grown = async () => {
      const [now] = await outside(north, 'select checkpoint from audit.log where closed_at is null')
      return now!['checkpoint'] === before!['checkpoint'] ? undefined : now
    }
    insistOn(await north.call('identity.key.revoke', { id: north.thing('oldKey') }), 'an act')
    if (!(await soon(grown))) throw new Error('nothing is sealed, so there is no head of before')
    const was = await headed(north, String(before!['checkpoint']))
    return async () => {
      await headed(north, was)
      // Whoever seals has refused to go on from there, and looks again a moment later.
      await soon(async () => ((await refusal(north)) === null ? true : undefined))
    }
  },
})

async function refusal(canary: Canary): Promise<string | null> {
  const [log] = await outside(canary, 'select refused from audit.log where closed_at is null')
  return log!['refused'] as string | null
}

async function headed(canary: Canary, note: string): Promise<string> {
  const [row] = await outside(
    canary,
    `with was as (select id, checkpoint from audit.log where closed_at is null for update)
     update audit.log l set checkpoint = '${note}' from was where l.id = was.id returning was.checkpoint`,
  )
  return String(row!['checkpoint'])
}

type Looked = { faults: string[]; head: Head | null }

async function lookedAt(live: Live, canary: Canary, read: ReturnType<typeof readerOf>): Promise<Looked> {
  const act = insistOn(await canary.call('identity.key.revoke', { id: canary.thing('oldKey') }), 'an act')
  const [entry] = await entriesOf(canary, requestOf(act))
  const leaf = entry && (await soon(() => leafOf(canary, String(entry['id']))))
  if (!leaf || 'refused' in leaf)
    return { faults: [`an act was not sealed: ${leaf?.refused ?? 'it waits'}`], head: null }
  try {
    const log = await read(canary)
    return { faults: [...(await faultsOf(log, leaf)), ...(await copied(live, log))], head: log.head }
  } catch (error) {
    if (error instanceof Unsigned) return { faults: [error.message], head: null }
    throw error
  }
}

type Leaf = { index: number; hash: string }

/** Its place in the tree, or why nothing has one any more. */
async function leafOf(canary: Canary, id: string): Promise<Leaf | { refused: string } | undefined> {
  const [leaf] = await inside(
    canary,
    `select index::int, encode(hash, 'base64') as hash from audit.leaf
     where workspace_id = '${canary.workspace}' and id = '${id}'`,
  )
  const refused = leaf ? null : await refusal(canary)
  return refused === null ? (leaf as Leaf | undefined) : { refused }
}

/** What was seen of each log in this process: the largest head there was, and the key. */
const last = new Map<string, { head: Head; key: string }>()

async function faultsOf({ key, head, tiles }: Published, { index, hash }: Leaf): Promise<string[]> {
  const before = last.get(head.origin)
  const old = before?.head.size ?? 0
  if (head.size < old) return [`${head.origin} has become shorter`]
  if (index >= head.size) return [`${head.origin} does not reach to what was sealed`]
  const cuts = [old, index, index + 1]
  const base64 = async (to: number) => (await rootOver(tiles, 0, to, cuts)).toString('base64')
  const faults = Object.entries({
    'its tree has another root than it signed': (await base64(head.size)) === head.root,
    'what was done is not in its tree': (await leafAt(tiles, index)).toString('base64') === hash,
    'it is not what it was': !before || (await base64(old)) === before.head.root,
    'it has another key under the same name': key === (before?.key ?? key),
  }).flatMap(([what, holds]) => (holds ? [] : [`${head.origin}: ${what}`]))
  if (faults.length === 0) last.set(head.origin, { head, key })
  return faults
}

/** Where the operator keeps heads outside of the database, what lies there is one of before. */
async function copied(live: Live, { key, head, tiles }: Published): Promise<string[]> {
  const note = await live.keptHead(head.origin)
  if (note === undefined) return []
  const { size, root } = headIn(note, head.origin, key)
  const isOf = size <= head.size && (await rootOver(tiles, 0, size, [size])).toString('base64') === root
  return isOf ? [] : [`${head.origin}: it does not continue the head that is kept elsewhere`]
}
