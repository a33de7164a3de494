import type { Control } from '../contract/control.ts'
import type { Room, Sentence } from '../contract/page.ts'
import { INTERVALS_ms } from './evidence.ts'
import type { Standings } from './evidence.ts'
import { nameOf } from './register.ts'

/**
 * Trust answers one question: is this sentence true now? The answer is computed from evidence and signatures each time
 * it is asked and is stored nowhere, so nobody can set it. Whatever is missing, lapsed or doubtful makes a sentence
 * unknown; only fresh evidence for every one of its controls makes it proven.
 */
export const stateOf = (sentence: Sentence, latest: Standings, attestations: Attestations, now: Date): State =>
  judge(sentence, latest, attestations, now).state

export const STATES = ['proven', 'attested', 'failing', 'unknown', 'not claimed'] as const
export type State = (typeof STATES)[number]

/** Only statements whose signature was verified are in here; their dates are judged below. */
export type Attestations = ReadonlyMap<string, Attestation>
export type Attestation = { by: string; signedAt: Date; expiresAt: Date }

/** A state, the moment since which it has been so (null when that was never seen), and the reason where one is due. */
export type Judgement = { state: State; since: Date | null; why: Why | null }

export type Why =
  | { code: 'not claimed' | 'unbound' }
  | { code: 'planned'; room: Room }
  | { code: Doubt; controls: readonly string[] }
  | { code: 'not signed' | 'signature lapsed' | 'signature from the future'; attestation: string }

/** What keeps a control from counting, worst first: one that was seen broken outweighs all that is merely not known. */
const DOUBTS = ['seen broken', 'never checked', 'evidence lapsed', 'evidence from the future'] as const
type Doubt = (typeof DOUBTS)[number]

/** The clocks of two machines may differ by this much before evidence counts as coming from the future. */
const CLOCK_SKEW_ms = 60_000

export function judge(sentence: Sentence, latest: Standings, attestations: Attestations, now: Date): Judgement {
  if (sentence.absent !== undefined) return absence(sentence.absent)
  const seen = sentence.controls.map((control) => seenOf(control, latest, now))
  const worst = DOUBTS.find((doubt) => seen.some(({ is }) => is === doubt))
  if (worst !== undefined)
    return doubted(
      worst,
      seen.filter(({ is }) => is === worst),
    )
  if (sentence.attestation !== undefined) return signed(sentence.attestation, seen, attestations, now)
  if (seen.length === 0) return { state: 'unknown', since: null, why: { code: 'unbound' } }
  return { state: 'proven', since: last(seen), why: null }
}

/**
 * What the newest verdict on one control is worth now. A verdict of broken stands until a later probe sees the control
 * hold: silence must not turn red into grey. The age is measured by today's interval, whatever was stored.
 */
export function seenOf(control: Control, latest: Standings, now: Date): Seen {
  const name = nameOf(control)
  const standing = latest.get(name)
  if (standing === undefined) return { name, is: 'never checked', since: null }
  if (!standing.holds) return { name, is: 'seen broken', since: standing.since }
  const at = standing.at.getTime()
  if (at > now.getTime() + CLOCK_SKEW_ms) return { name, is: 'evidence from the future', since: null }
  const until = Math.min(standing.validUntil.getTime(), at + INTERVALS_ms[control.every])
  if (now.getTime() >= until) return { name, is: 'evidence lapsed', since: new Date(until) }
  return { name, is: 'holding', since: standing.since }
}

export type Seen = { name: string; is: Doubt | 'holding'; since: Date | null }

const absence = (absent: 'not claimed' | Room): Judgement => ({
  state: 'not claimed',
  since: null,
  why: absent === 'not claimed' ? { code: 'not claimed' } : { code: 'planned', room: absent },
})

const doubted = (code: Doubt, seen: readonly Seen[]): Judgement => ({
  state: code === 'seen broken' ? 'failing' : 'unknown',
  since: first(seen),
  why: { code, controls: seen.map(({ name }) => name) },
})

/** A signature makes a sentence attested, never proven, however many controls hold: a part rests on a word. */
function signed(name: string, seen: readonly Seen[], attestations: Attestations, now: Date): Judgement {
  const signature = attestations.get(name)
  const unknown = (code: 'not signed' | 'signature lapsed' | 'signature from the future', since: Date | null = null) =>
    ({ state: 'unknown', since, why: { code, attestation: name } }) as const
  if (signature === undefined) return unknown('not signed')
  if (signature.signedAt.getTime() > now.getTime() + CLOCK_SKEW_ms) return unknown('signature from the future')
  if (now >= signature.expiresAt) return unknown('signature lapsed', signature.expiresAt)
  return { state: 'attested', since: last([...seen, { since: signature.signedAt }]), why: null }
}

type Dated = { since: Date | null }
const times = (seen: readonly Dated[]) => seen.flatMap(({ since }) => (since === null ? [] : [since.getTime()]))
const first = (seen: readonly Dated[]) => moment(Math.min(...times(seen)))
const last = (seen: readonly Dated[]) => moment(Math.max(...times(seen)))
const moment = (at: number) => (Number.isFinite(at) ? new Date(at) : null)
