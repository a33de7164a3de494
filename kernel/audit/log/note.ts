import { sign, verify, type KeyObject } from 'node:crypto'
import { fromBase64, hasControl, isKeyName, keyName, KIND, readVerifierKey, type KeyName } from './key.ts'

/**
 * Signed notes (c2sp.org/signed-note): a text that people can read, and below it one line for each key that signed it.
 * A note is believed when a key that the reader knows has signed it; lines of keys they do not know are passed over, so
 * that keys can be changed and witnesses added, but one wrong signature of a known key spoils it all. A note can be
 * written down in one way only: whatever byte is changed of what is relied upon, it is refused.
 */
export type Verifier = KeyName & { readonly verify: (text: Buffer, signature: Buffer) => boolean }
export type Signer = KeyName & { readonly sign: (text: Buffer) => Buffer }

/** Why a note is not believed: it is none; no key that is known signed it; one that is known signed something else. */
export class Untrusted extends Error {
  readonly code: 'malformed' | 'unsigned' | 'forged'

  constructor(code: Untrusted['code'], sentence: string) {
    super(sentence)
    this.code = code
  }
}

/** The text, and who of those known signed it with which bytes; throws `Untrusted`. */
export function openNote(note: Uint8Array, known: readonly Verifier[]): Opened {
  const { text, signatures } = parsed(note)
  const bytes = Buffer.from(text)
  const by = new Map<Verifier, Buffer>()
  for (const { name, id, signature } of signatures) {
    const key = known.find((one) => one.name === name && one.id === id)
    if (!key) continue
    if (by.has(key)) throw new Untrusted('malformed', `${name} signed it twice.`)
    if (!key.verify(bytes, signature)) throw new Untrusted('forged', `${name} did not sign this.`)
    by.set(key, signature)
  }
  if (by.size === 0) throw new Untrusted('unsigned', 'No key that is known here signed it.')
  return { text, by }
}

export type Opened = { readonly text: string; readonly by: ReadonlyMap<Verifier, Buffer> }

function parsed(note: Uint8Array) {
  if (note.length > MOST_NOTE_BYTES) throw new Untrusted('malformed', 'The note is too long.')
  const all = decoded(note)
  // The last empty line is meant: a text may have some of its own.
  const end = all.lastIndexOf('\n\n') + 1
  const lines = all.slice(end + 1).split('\n')
  if (hasControl(all) || end === 0 || lines.pop() !== '' || lines.length === 0)
    throw new Untrusted('malformed', 'This is no signed note.')
  if (lines.length > MOST_SIGNATURES) throw new Untrusted('malformed', 'The note has too many signatures.')
  return { text: all.slice(0, end), signatures: lines.map(signatureOf) }
}

/** Sixteen signatures of the longest kind there is, five kilobytes each, in base64, and a text of some pages. */
const MOST_NOTE_BYTES = 160 * 1_024
/** Twice what everybody must accept; a second of work is then thousands of notes. */
const MOST_SIGNATURES = 32

function decoded(note: Uint8Array): string {
  try {
    // What looks like a byte order mark was signed like any other letter.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(note)
  } catch {
    throw new Untrusted('malformed', 'The note is not written in UTF-8.')
  }
}

function signatureOf(line: string) {
  const [dash, name = '', coded = '', ...more] = line.split(' ')
  const bytes = fromBase64(coded)
  if (dash !== '—' || !isKeyName(name) || !bytes || bytes.length <= ID_BYTES || more.length > 0)
    throw new Untrusted('malformed', 'A line below the note is no signature.')
  return { name, id: bytes.readUInt32BE(), signature: bytes.subarray(ID_BYTES) }
}

const ID_BYTES = 4

export const signNote = (text: string, signers: readonly Signer[]): string =>
  `${text}\n${signers.map((signer) => signatureLine(text, signer)).join('')}`

/** One more signature: a line to be put at the end of a note, and what a witness answers with. */
export function signatureLine(text: string, signer: Signer): string {
  if (!text.endsWith('\n') || hasControl(text) || !text.isWellFormed())
    throw new TypeError('A note is made of whole lines of text.')
  const id = Buffer.alloc(ID_BYTES)
  id.writeUInt32BE(signer.id)
  return `— ${signer.name} ${Buffer.concat([id, signer.sign(Buffer.from(text))]).toString('base64')}\n`
}

export const noteSigner = (name: string, privateKey: KeyObject): Signer => ({
  ...keyName(name, privateKey, KIND.note),
  sign: (text) => sign(null, text, privateKey),
})

/** Out of the line that `verifierKey` gives. */
export function noteVerifier(line: string): Verifier {
  const { name, id, key } = readVerifierKey(line, KIND.note)
  return { name, id, verify: (text, signature) => verify(null, text, key, signature) }
}
