import { hash } from 'node:crypto'
import { inside } from './canaries.ts'
import type { Canary } from '../../contract/control.ts'

/**
 * What of an entry is in the tree, worked out anew from the rows as they stand (docs/audit-export.md), and not by the
 * code that put it there.
 */
export type Leaf = {
  seq: number
  index: number
  /** Base64, as all hashes here. */
  hash: string
  who: string
  what: string
  whoSalt: string | null
  whatSalt: string | null
  entry: Entry | null
}
type Entry = { facts: Record<string, string | null>; who: object; input: string | null; changes: string | null }

/** A stretch of a workspace's sequence in one log, that ends with `last` or with its newest. */
export async function stretch(
  canary: Canary,
  { epoch, most, last }: { epoch: number; most: number; last?: number },
): Promise<Leaf[]> {
  const rows = await inside(
    canary,
    `select f.seq::int, f.index::int, ${['hash', 'who', 'what', 'who_salt', 'what_salt'].map(coded).join(', ')},
       case when e.id is not null then jsonb_build_object(
         'facts', jsonb_build_object('workspace', e.workspace_id, 'id', e.id, 'transaction', e.xid::text,
           'at', to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'action', e.action,
           'outcome', e.outcome, 'actorKind', e.actor_kind, 'actorId', e.actor_id, 'target', e.target,
           'requestId', e.request_id),
         'who', jsonb_build_object('actorName', e.actor_name, 'address', e.address, 'userAgent', e.user_agent),
         'input', e.input::text, 'changes', e.changes::text) end as entry
     from (
       select * from audit.leaf where workspace_id = '${canary.workspace}' and epoch = ${epoch}
         ${last === undefined ? '' : `and seq <= ${last}`} order by seq desc limit ${most}
     ) f left join audit.entry e on e.workspace_id = f.workspace_id and e.id = f.id order by f.seq`,
  )
  return rows as unknown as Leaf[]
}

const coded = (column: string) => `encode(f.${column}, 'base64') as "${column.replace('_s', 'S')}"`

/** What is not as it was sealed; each leaf names the one before it, so that the last vouches for all. */
export function faultsIn(leaves: readonly Leaf[]): string[] {
  return leaves.flatMap((leaf, at) => {
    const before = leaves[at - 1]
    if (before && before.seq + 1 !== leaf.seq) return [`the sequence goes from ${before.seq} to ${leaf.seq}`]
    if (!leaf.entry) return [`there is no entry ${leaf.seq} any more`]
    if (leaf.seq > 1 && !before) return []
    const isAsSealed =
      hashOf(leaf.entry.facts, leaf, before?.hash ?? null) === leaf.hash &&
      isHalf(leaf.who, leaf.whoSalt, leaf.entry.who) &&
      isHalf(leaf.what, leaf.whatSalt, { input: meant(leaf.entry.input), changes: meant(leaf.entry.changes) })
    return isAsSealed ? [] : [`entry ${leaf.seq} is not as it was sealed`]
  })
}

function hashOf(facts: Entry['facts'], { seq, who, what }: Leaf, previous: string | null): string {
  const text = canonical({ ...facts, version: 1, seq, previous, who, what })
  return hash('sha256', Buffer.concat([Buffer.of(0), Buffer.from(text)]), 'base64')
}

/** One that was erased says nothing any more, and is believed to have been what it was. */
function isHalf(sealed: string, salt: string | null, half: object): boolean {
  if (salt === null) return Object.values(half).every((value) => value === null)
  return hash('sha256', Buffer.concat([Buffer.from(salt, 'base64'), Buffer.from(canonical(half))]), 'base64') === sealed
}

/** JSON that has a canonical form is that value, and any other is the text itself. */
function meant(text: string | null): unknown {
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text, exactly as Reviver)
    canonical(value, DEPTH_OF_A_HALF)
    return value
  } catch {
    return text
  }
}

/** Node tells what a number was written as, which its types do not know yet. */
type Reviver = (key: string, value: unknown) => unknown

function exactly(_key: string, value: unknown, { source }: { source?: string }): unknown {
  if (typeof value === 'number' && String(value) !== source) throw new TypeError('a number that is read as another')
  return value
}

/** RFC 8785, for whole numbers alone. */
function canonical(value: unknown, depth = 0): string {
  if (depth > DEEPEST) throw new TypeError('too deep')
  if (Array.isArray(value)) return `[${value.map((one) => canonical(one, depth + 1)).join(',')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, one]) => `${canonical(key)}:${canonical(one, depth + 1)}`)
      .join(',')}}`
  const isExact =
    typeof value === 'number' ? Number.isSafeInteger(value) : typeof value !== 'string' || value.isWellFormed()
  if (!isExact) throw new TypeError('no canonical form')
  return JSON.stringify(value)
}

const DEEPEST = 200
/** It stands in a field of a half, in a line of an export. */
const DEPTH_OF_A_HALF = 3
