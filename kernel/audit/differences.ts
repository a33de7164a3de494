/** What the tables noted of a change, `[{ of, id, before, after }]`, field by field. */
export function differencesIn(changes: unknown): { changes: Difference[]; moreChanges: number } {
  const rows = (Array.isArray(changes) ? changes : []) as Change[]
  const all = rows.flatMap(({ of, id, before, after }) =>
    [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].map((field) => ({
      of,
      id,
      field,
      before: before?.[field] ?? null,
      after: after?.[field] ?? null,
    })),
  )
  return { changes: all.slice(0, MOST_SHOWN), moreChanges: Math.max(0, all.length - MOST_SHOWN) }
}

type Fields = Record<string, unknown> | null
type Change = { of: string; id: string; before: Fields; after: Fields }
export type Difference = { of: string; id: string; field: string; before: unknown; after: unknown }

/** More than a person reads; an import of ten thousand rows is told of whole in the file with the proofs. */
const MOST_SHOWN = 2_000
