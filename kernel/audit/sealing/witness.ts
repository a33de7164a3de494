import { Trouble } from '../../base/trouble.ts'
import { fromBase64, isKeyName } from '../log/key.ts'
import { noteVerifier, openNote, signatureLine, Untrusted, type Signer, type Verifier } from '../log/note.ts'
import { EMPTY_ROOT, HASH_BYTES, isConsistent, isSize, type Head } from '../log/tree.ts'

/**
 * Being a witness for logs of others (c2sp.org/tlog-witness): it says of a head that this is the largest tree of that
 * log that it has seen, and that all it saw before is in it. What it saw last is remembered before that is said, by a
 * statement that takes effect only where nothing else was seen meanwhile: of two heads that contradict each other it
 * signs one, however they come.
 */
export async function addCheckpoint(witness: Witnessing, body: Buffer): Promise<Said> {
  const { older, proof, note } = readSubmission(body)
  const text = note && textOf(note)
  if (older === undefined || !proof || !text) return say(400)
  const head = readHead(text)
  if (!head) return say(400)
  const log = witness.logs.get(head.origin)
  if (!log) return say(404)
  if (!isSignedBy(log, note)) return say(403)
  if (older > head.size) return say(400)
  const seen = (await witness.memory.seen(head.origin)) ?? NOTHING
  if (seen.size !== older) return say(409, `${seen.size}\n`, SIZE_TYPE)
  if (!isConsistent(seen, head, proof)) return say(422)
  const line = signatureLine(text, witness.signer(Math.floor(Date.now() / 1_000)))
  // Nothing but what was verified is kept and shown: the text, the log's own line and ours.
  const kept = `${text}\n${linesOf(log, note)}${line}`
  if (await witness.memory.advance(head.origin, seen, head, kept)) return say(200, line)
  const now = (await witness.memory.seen(head.origin)) ?? NOTHING
  return say(409, `${now.size}\n`, SIZE_TYPE)
}

export type Witnessing = {
  /** By the log's name, which is that of its keys. */
  logs: ReadonlyMap<string, readonly Verifier[]>
  memory: Memory
  signer: (now_s: number) => Signer
}
export type Memory = {
  seen: (origin: string) => Promise<Head | undefined>
  /** False where by now something else than `from` was seen. */
  advance: (origin: string, from: Head, to: Head, note: string) => Promise<boolean>
}
export type Said = { status: number; text: string; type: string }

/** `VOUCHSAFE_WITNESS_OF`: the verification keys of logs, each of which is called like its log. */
export function logsToWitness(keys: readonly string[]): ReadonlyMap<string, readonly Verifier[]> {
  const logs = new Map<string, Verifier[]>()
  for (const key of keys) {
    const verifier = verifierIn(key)
    logs.set(verifier.name, [...(logs.get(verifier.name) ?? []), verifier])
  }
  return logs
}

function verifierIn(key: string): Verifier {
  try {
    return noteVerifier(key)
  } catch {
    throw new Trouble('Write each log in VOUCHSAFE_WITNESS_OF as its verification key: log.example+1a2b3c4d+AR… .', 2)
  }
}

const NOTHING: Head = { size: 0, root: EMPTY_ROOT }
const SIZE_TYPE = 'text/x.tlog.size'

const say = (status: number, text = '', type = 'text/plain; charset=utf-8'): Said => ({ status, text, type })

/** The protocol has no more, and no tree needs as many. */
const MOST_PROOF_LINES = 63
const ENOUGH_BYTES = 64 * 1_024

/** Size and proof, an empty line, and the note as it came; what is written in any other way is no submission. */
function readSubmission(body: Buffer): { older?: number; proof?: Buffer[]; note?: Buffer } {
  const end = body.indexOf('\n\n')
  if (end < 0 || end > ENOUGH_BYTES) return {}
  const [first = '', ...lines] = body.toString('latin1', 0, end).split('\n')
  const digits = /^old (0|[1-9]\d{0,15})$/.exec(first)?.[1]
  const proof = lines.map(fromBase64)
  const isProof = proof.length <= MOST_PROOF_LINES && proof.every((hash) => hash?.length === HASH_BYTES)
  if (digits === undefined || !isSize(Number(digits)) || !isProof) return {}
  return { older: Number(digits), proof: proof as Buffer[], note: body.subarray(end + 2) }
}

/** Which log it claims to be of comes before whose signature counts. */
function textOf(note: Buffer): string | undefined {
  const end = note.lastIndexOf('\n\n')
  return end < 0 ? undefined : note.toString('utf8', 0, end + 1)
}

/**
 * As the standard has it: what a log says beyond its head is its own affair, and an empty tree may lie about its root.
 */
function readHead(text: string): (Head & { origin: string }) | undefined {
  const [origin = '', digits = '', coded = '', ...more] = text.slice(0, -1).split('\n')
  const root = fromBase64(coded)
  const isWritten = /^(?:0|[1-9]\d{0,15})$/.test(digits) && isSize(Number(digits)) && root?.length === HASH_BYTES
  if (!isKeyName(origin) || !isWritten || more.includes('')) return undefined
  return { origin, size: Number(digits), root: root! }
}

function isSignedBy(log: readonly Verifier[], note: Buffer): boolean {
  try {
    return openNote(note, log).by.size > 0
  } catch (error) {
    if (error instanceof Untrusted) return false
    throw error
  }
}

function linesOf(log: readonly Verifier[], note: Buffer): string {
  const { by } = openNote(note, log)
  return [...by].map(([{ name, id }, signature]) => lineWith(name, id, signature)).join('')
}

/** A signature that somebody made, as the line that it came in. */
export function lineWith(name: string, id: number, signature: Buffer): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(id)
  return `— ${name} ${Buffer.concat([bytes, signature]).toString('base64')}\n`
}
