import { readCheckpoint, type Checkpoint } from '../log/checkpoint.ts'

/**
 * Heads outside of the database, which whoever can write the database cannot take back: what a log signed last, in
 * places of their own. They tell a database that was set back, by a restore or by somebody, from one that only grew.
 */
export type Copies = {
  /**
   * The largest head of the log that any place has kept; undefined where none was. It throws where none can be asked.
   * Whoever asks knows the log's key, and has to check with it that the note is the log's own.
   */
  newest(origin: string): Promise<{ size: number; root: Buffer; note: string } | undefined>
  /** What was signed now. It waits for nobody, and is never called within a transaction. */
  keep(log: { origin: string; realm: string; epoch: number }, note: string): void | Promise<void>
}

export type Kept = { size: number; root: Buffer; note: string }
export type OfLog = { origin: string; realm: string; epoch: number }

/** A place of its own: the operator's disk, a witness. */
export type Place = AsyncDisposable & {
  name: string
  newest: (origin: string) => Promise<Kept | undefined>
  keep: (log: OfLog, note: string) => void
}

/** All of them together. One that cannot be asked is no reason to believe less of what the others say. */
export function copiesIn(places: readonly Place[], tell: Tell): Copies & AsyncDisposable {
  return {
    async newest(origin) {
      const answers = await Promise.allSettled(places.map((place) => place.newest(origin)))
      const failed = answers.flatMap((answer, at) =>
        answer.status === 'rejected' ? [[places[at]!, answer] as const] : [],
      )
      for (const [{ name }, { reason }] of failed) tell('copies not read', { place: name, origin, problem: reason })
      if (places.length > 0 && failed.length === places.length) throw failed[0]![1].reason
      const kept = answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value ? [answer.value] : []))
      return kept.toSorted((one, other) => other.size - one.size)[0]
    },
    keep(log, note) {
      for (const place of places) place.keep(log, note)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(places.map((place) => place[Symbol.asyncDispose]()))
    },
  }
}

/** What somebody should look at; `problem` is an error. */
export type Tell = (event: string, fields: Record<string, unknown>) => void

/** The head that a note is about, whoever signed it. */
export const headIn = (note: string): Checkpoint => readCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1))
