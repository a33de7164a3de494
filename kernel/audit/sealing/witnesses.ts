import { hash } from 'node:crypto'
import { isLoopback } from '../../base/config.ts'
import { Trouble } from '../../base/trouble.ts'
import { cosignatureVerifier } from '../log/cosignature.ts'
import { openNote, type Verifier } from '../log/note.ts'
import type { Head } from '../log/tree.ts'

import { headIn, type Kept, type OfLog, type Place, type Tell } from './copies.ts'
import { Paced } from './copies/paced.ts'
import { lineWith } from './witness.ts'

/**
 * Strangers who remember how far a log had grown, and sign nothing that does not continue it (c2sp.org/tlog-witness).
 * One is told of a head some time after it was signed, with the proof that it continues what that witness saw last;
 * what it answers is checked with its key and put below the head. None of this holds up anybody.
 */
export function witnessPlace(witness: Witness, given: Given): Place {
  const { tell } = given
  const seen = new Map<string, number>()
  let silentUntil_ms = 0
  const paced = new Paced<Wanted>(
    given.every_ms ?? EVERY_MS,
    (wanted) => submit(witness, given, seen, wanted),
    (problem, { log }) => tell('witness did not answer', { origin: log.origin, witness: witness.name, problem }),
  )
  return {
    name: witness.name,
    async newest(origin) {
      if (Date.now() < silentUntil_ms) throw new Error(`${witness.name} did not answer a moment ago`)
      try {
        return await newestAt(witness, origin)
      } catch (error) {
        silentUntil_ms = Date.now() + SILENT_FOR_MS
        throw error
      }
    },
    keep: (log, note) => paced.offer(log.origin, { log, note }),
    [Symbol.asyncDispose]: () => paced[Symbol.asyncDispose](),
  }
}

export type Witness = Verifier & { url: string }
export type Given = {
  /** That the tree of the head continues the one of `older` leaves. */
  prove: (log: OfLog, older: number, head: Head) => Promise<readonly Buffer[]>
  /** A line to be put below the head, unless there is a newer one by now. */
  add: (log: OfLog, head: Head, line: string) => Promise<unknown>
  tell: Tell
  every_ms?: number
}
type Wanted = { log: OfLog; note: string }

/** A busy log is told of every few seconds; each head has all that came before in it. */
const EVERY_MS = 5_000

/** Hundreds of logs ask when a process begins, and do not each wait for one that is away. */
const SILENT_FOR_MS = 60_000

/** `https://witness.example/log witness.example+ID+KEY`, as the operator was given it. */
export function readWitness(text: string): Witness {
  const [address = '', key = '', ...more] = text.split(/\s+/)
  const url = URL.parse(address)
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
  if (!isSafe || url.search || url.hash || url.username || more.length > 0) throw new Trouble(FORM, 2)
  try {
    return { ...cosignatureVerifier(key), url: url.href.replace(/\/$/, '') }
  } catch {
    throw new Trouble(FORM, 2)
  }
}

const FORM =
  'Write each witness in VOUCHSAFE_WITNESSES as its address, which begins with https, a space and its key: ' +
  'https://witness.example witness.example+1a2b3c4d+BA… .'

async function submit(witness: Witness, given: Given, seen: Map<string, number>, { log, note }: Wanted): Promise<void> {
  const head = headIn(note)
  const { tell } = given
  let older = seen.get(log.origin) ?? 0
  // It says what it saw last, and is asked again from there; once more, should another process have been faster.
  for (let attempt = 0; attempt < 3; attempt++) {
    const proof = older === 0 ? [] : await given.prove(log, older, head)
    const { status, text } = await ask(`${witness.url}/add-checkpoint`, {
      method: 'POST',
      body: `old ${older}\n${proof.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${note}`,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
    })
    if (status === 200) {
      await given.add(log, head, lineOf(witness, note, text))
      seen.set(log.origin, head.size)
      return
    }
    if (status !== 409) throw new Error(`${witness.name} answered ${status}: ${text.slice(0, 100)}`)
    if (!/^(?:0|[1-9]\d{0,14})\n$/.test(text)) throw new Error(`${witness.name} said no size that it saw`)
    older = Number(text)
    seen.set(log.origin, older)
    if (older > head.size)
      return tell('checkpoint contradicts its copy', { ...log, size: head.size, copy: witness.name, seen: older })
  }
  throw new Error(`${witness.name} saw another head each time`)
}

/** What it answered may hold lines of other keys; its own is what was asked for, and must be of this very head. */
function lineOf(witness: Witness, note: string, answer: string): string {
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1)
  const signature = openNote(Buffer.from(`${text}\n${answer}`), [witness]).by.get(witness)!
  return lineWith(witness.name, witness.id, signature)
}

/** What it last signed, as it shows to everybody; nothing where it knows nothing, or shows nothing. */
async function newestAt(witness: Witness, origin: string): Promise<Kept | undefined> {
  const { status, text } = await ask(`${witness.url}/${hash('sha256', origin)}/checkpoint`, {})
  if (status === 404) return undefined
  if (status !== 200) throw new Error(`${witness.name} answered ${status}`)
  openNote(Buffer.from(text), [witness])
  const head = headIn(text)
  if (head.origin !== origin) throw new Error(`${witness.name} showed a head of ${head.origin}`)
  return { size: head.size, root: head.root, note: text }
}

const WITHIN_MS = 10_000
/** A note with all the signatures that a reader has to accept. */
const LONGEST_ANSWER_BYTES = 160 * 1_024

async function ask(url: string, asked: RequestInit): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, { ...asked, redirect: 'error', signal: AbortSignal.timeout(WITHIN_MS) })
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of answer.body ?? []) {
    if ((length += piece.length) > LONGEST_ANSWER_BYTES) throw new Error('the answer is too long')
    pieces.push(piece)
  }
  return { status: answer.status, text: new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces)) }
}
