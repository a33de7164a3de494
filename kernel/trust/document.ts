import type { Control, Interval } from '../contract/control.ts'
import type { Bilingual, Edition } from '../contract/edition.ts'
import type { Section, Sentence } from '../contract/page.ts'
import { renewal_ms } from './evidence.ts'
import type { Standings } from './evidence.ts'
import { nameOf } from './register.ts'
import { judge, seenOf, STATES } from './states.ts'
import type { Attestations, State, Why } from './states.ts'

/**
 * The security page of an edition at one moment, as plain JSON. HTML, terminal and `/security.json` are three drawings
 * of this one document, so they cannot disagree. It is public: it holds what `saw` may say and nothing of `detail`.
 */
export function securityDocument(given: Given): SecurityDocument {
  const { edition, now } = given
  const judged = edition.page.sections.map((section) => described(section, given))
  const sentences = judged.flatMap((section) => section.sentences)
  return {
    edition: edition.name,
    title: edition.title,
    effective: edition.page.effective,
    updatedAt: newest(sentences),
    generatedAt: iso(now),
    source: /^https?:\/\//.test(given.source ?? '') ? given.source! : null,
    counts: counted(sentences),
    sections: judged,
    notClaimed: sentences.filter(({ state }) => state === 'not claimed').map(({ id }) => id),
  }
}

export type Given = {
  edition: Pick<Edition, 'name' | 'title' | 'page'>
  latest: Standings
  attestations: Attestations
  now: Date
  /** Where the deployed commit can be read, with a slash at its end; files are then linked. */
  source?: string | undefined
}

/** Moments are RFC 3339 in UTC. */
export type SecurityDocument = {
  edition: string
  title: Bilingual
  /** The day from which this wording is promised. */
  effective: string
  /** The newest change of any sentence's state that was seen. */
  updatedAt: string | null
  generatedAt: string
  source: string | null
  counts: Record<State, number>
  sections: SectionRecord[]
  /** The ids of what is plainly not true; the sentences stand in their sections. */
  notClaimed: string[]
}

export type SectionRecord = { title: Bilingual; sentences: SentenceRecord[] }

export type SentenceRecord = {
  id: string
  text: Bilingual
  state: State
  since: string | null
  why: Why | null
  attestation: AttestationRecord | null
  controls: ControlRecord[]
}

export type AttestationRecord = { name: string; by: string | null; signedAt: string | null; expiresAt: string | null }

export type ControlRecord = {
  name: string
  claim: string
  state: 'holding' | 'broken' | 'unknown'
  checkedAt: string | null
  nextAt: string | null
  validUntil: string | null
  every: Interval
  saw: string | null
  enforcedBy: readonly string[]
}

const described = (section: Section, given: Given): SectionRecord => ({
  title: section.title,
  sentences: section.sentences.map((sentence) => sentenceRecord(sentence, given)),
})

function sentenceRecord(sentence: Sentence, given: Given): SentenceRecord {
  const { state, since, why } = judge(sentence, given.latest, given.attestations, given.now)
  return {
    id: sentence.id,
    text: sentence.text,
    state,
    since: since === null ? null : iso(since),
    why,
    attestation: attestationRecord(sentence.attestation, given.attestations),
    controls: sentence.controls.map((control) => controlRecord(control, given)),
  }
}

function attestationRecord(name: string | undefined, attestations: Attestations): AttestationRecord | null {
  if (name === undefined) return null
  const signature = attestations.get(name)
  if (signature === undefined) return { name, by: null, signedAt: null, expiresAt: null }
  return { name, by: signature.by, signedAt: iso(signature.signedAt), expiresAt: iso(signature.expiresAt) }
}

function controlRecord(control: Control, given: Given): ControlRecord {
  const standing = given.latest.get(nameOf(control))
  const { is } = seenOf(control, given.latest, given.now)
  return {
    name: nameOf(control),
    claim: control.claim,
    state: is === 'holding' ? 'holding' : is === 'seen broken' ? 'broken' : 'unknown',
    checkedAt: standing === undefined ? null : iso(standing.at),
    nextAt: standing === undefined ? null : iso(new Date(standing.at.getTime() + renewal_ms(control.every))),
    validUntil: standing === undefined ? null : iso(standing.validUntil),
    every: control.every,
    saw: standing?.saw ?? null,
    enforcedBy: control.enforcedBy,
  }
}

function counted(sentences: readonly SentenceRecord[]): Record<State, number> {
  const count = (state: State) => sentences.filter((sentence) => sentence.state === state).length
  return Object.fromEntries(STATES.map((state) => [state, count(state)])) as Record<State, number>
}

const newest = (sentences: readonly SentenceRecord[]) =>
  sentences
    .flatMap(({ since }) => (since === null ? [] : [since]))
    .toSorted()
    .at(-1) ?? null

/** Whole seconds: finer times tell how fast the machine is and help nobody. */
const iso = (at: Date) => at.toISOString().replace(/\.\d+Z$/, 'Z')
