import type { Kysely } from 'kysely'
import { refuse } from '#kernel'
import type { Tables } from './tables.ts'

/** The board in a jeweller's window: of each metal and purity the one rate in effect, now or at a given moment. */
export const board = (db: Kysely<Tables>, currency: string, at?: string) =>
  db
    .selectFrom('rate')
    .distinctOn(['metal', 'purity'])
    .where('currency', '=', currency)
    .where('effective_at', '<=', (eb) => (at === undefined ? eb.fn<string>('now') : eb.val(at)))
    .orderBy('metal')
    .orderBy('purity')
    .orderBy('effective_at', 'desc')
    .orderBy('created_at', 'desc')

type Unrated = { metal: string; purity: number; rateMinor?: number | undefined }

/** Lines with a rate each: their own where one was agreed, or the board's. */
export async function rateLines<Line extends Unrated>(db: Kysely<Tables>, currency: string, lines: readonly Line[]) {
  const agreed = lines.every((line) => line.rateMinor !== undefined)
  const rates = agreed ? [] : await board(db, currency).select(['metal', 'purity', 'rate_minor']).execute()
  return lines.map((line) => {
    const rate = rates.find(({ metal, purity }) => metal === line.metal && purity === line.purity)
    const rateMinor = line.rateMinor ?? rate?.rate_minor
    if (rateMinor === undefined) throw refuse('rate_not_set')
    return { ...line, rateMinor }
  })
}
