import type { Control } from './control.ts'
import type { Bilingual } from './edition.ts'

/**
 * The security page as data: sections of sentences, and each sentence is bound to what makes it true. Only the five
 * functions below make a sentence, so nothing can be said here that is neither checked, signed nor disclaimed.
 */
export type Page = { effective: string; sections: readonly Section[] }
export type Section = { title: Bilingual; sentences: readonly Sentence[] }

export type Sentence = {
  /** The claim's permanent name, `jeweller-1.1`. */
  id: string
  text: Bilingual
  /** All must hold. */
  controls: readonly Control[]
  /** Who-must-sign, by the name of the statement that is signed. */
  attestation: string | undefined
  /** Said plainly as not true, with the room of the kernel that will change it where there is one. */
  absent: 'not claimed' | Room | undefined
}

/** The rooms of the kernel that a planned sentence waits for. */
export type Room =
  | 'tenancy'
  | 'identity'
  | 'access'
  | 'audit'
  | 'vault'
  | 'files'
  | 'realtime'
  | 'webhooks'
  | 'limits'
  | 'backups'
  | 'status'
  | 'incidents'
  | 'disclosure'
  | 'privacy'
  | 'assistant'
  | 'transport'
  | 'hosting'
  | 'supply'
  | 'vendors'
  | 'trust'
  | 'posture'
  | 'modules'

export const page = (effective: string, ...sections: Section[]): Page => ({ effective, sections })

export const section = (title: Bilingual, ...sentences: Sentence[]): Section => ({ title, sentences })

/** True while every probe holds and its evidence is fresh. */
export const proven = (id: string, text: Bilingual, ...controls: readonly [Control, ...Control[]]): Sentence => ({
  id,
  text,
  controls,
  attestation: undefined,
  absent: undefined,
})

/** True while a named person's signature has not expired. */
export const attested = (id: string, text: Bilingual, attestation: string): Sentence => ({
  id,
  text,
  controls: [],
  attestation,
  absent: undefined,
})

/** A probe proves some of it and a signature the rest: both are needed. */
export const partly = (
  id: string,
  text: Bilingual,
  attestation: string,
  ...controls: readonly [Control, ...Control[]]
): Sentence => ({
  id,
  text,
  controls,
  attestation,
  absent: undefined,
})

/** Not true, and said so. */
export const notClaimed = (id: string, text: Bilingual): Sentence => ({
  id,
  text,
  controls: [],
  attestation: undefined,
  absent: 'not claimed',
})

/** Not true yet: the room that will prove it is named, and the page lists it among what is not claimed. */
export const planned = (id: string, text: Bilingual, room: Room): Sentence => ({
  id,
  text,
  controls: [],
  attestation: undefined,
  absent: room,
})
