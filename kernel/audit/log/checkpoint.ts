import { cosignedAt_s } from './cosignature.ts'
import { fromBase64, isKeyName } from './key.ts'
import { openNote, Untrusted, type Verifier } from './note.ts'
import { EMPTY_ROOT, HASH_BYTES, isSize, type Head } from './tree.ts'

/**
 * Checkpoints (c2sp.org/tlog-checkpoint): the head of a log's tree as the text of a note, in three lines: which log,
 * how many entries, and the root over them. The standard allows more lines; nobody could audit what they say, so there
 * are none here, and a checkpoint with some is refused.
 */
export type Checkpoint = Head & { readonly origin: string }

/** The text that a log signs. It must never sign two that are not consistent: that is for the caller to see to. */
export function checkpointText({ origin, size, root }: Checkpoint): string {
  const text = `${origin}\n${size}\n${root.toString('base64')}\n`
  readCheckpoint(text)
  return text
}

/** The text read again; throws `Untrusted` where a letter of it could be otherwise. */
export function readCheckpoint(text: string): Checkpoint {
  const [origin = '', digits = '', coded = '', ...rest] = text.split('\n')
  const [size, root] = [Number(digits), fromBase64(coded)]
  const isEmpty = size === 0 && root?.equals(EMPTY_ROOT)
  const isHead = isSize(size) && String(size) === digits && root?.length === HASH_BYTES && (size > 0 || isEmpty)
  if (!isKeyName(origin) || !isHead || rest.length !== 1 || rest[0] !== '')
    throw new Untrusted('malformed', 'This is no checkpoint of a log.')
  return { origin, size, root: root! }
}

/** Whom a reader trusts: a log by its name and keys, and those who watch it. */
export type Trust = {
  readonly origin: string
  readonly log: readonly Verifier[]
  readonly witnesses?: readonly Verifier[]
}

/** A checkpoint that its log has signed, and which witnesses have seen it; without the log they count for nothing. */
export function openCheckpoint(note: Uint8Array, { origin, log, witnesses = [] }: Trust): Witnessed {
  const { text, by } = openNote(note, [...log, ...witnesses])
  const checkpoint = readCheckpoint(text)
  if (checkpoint.origin !== origin) throw new Untrusted('forged', `This is a checkpoint of another log than ${origin}.`)
  if (!log.some((key) => by.has(key))) throw new Untrusted('unsigned', `${origin} did not sign its checkpoint.`)
  const seen = witnesses.flatMap((key) => {
    const signature = by.get(key)
    return signature ? [{ witness: key.name, at_s: cosignedAt_s(signature) }] : []
  })
  return { ...checkpoint, seen }
}

export type Witnessed = Checkpoint & { readonly seen: readonly { witness: string; at_s: number }[] }
