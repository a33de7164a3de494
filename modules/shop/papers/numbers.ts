import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

type Book = { kind: string; series: string; year: number }

/**
 * Waits for whoever is numbering in the same series and takes the number after theirs: no gap, and none given twice. It
 * is asked for last, so that nobody waits for longer than the rest of one transaction.
 */
export async function nextNumber(db: Kysely<Tables>, { kind, series, year }: Book): Promise<number> {
  const { number } = await db
    .insertInto('invoice_series')
    .values({ kind, series, year, last_number: 1 })
    .onConflict((taken) =>
      taken
        .columns(['workspace_id', 'kind', 'series', 'year'])
        .doUpdateSet((eb) => ({ last_number: eb('invoice_series.last_number', '+', 1) })),
    )
    .returning('last_number as number')
    .executeTakeFirstOrThrow()
  return number
}
