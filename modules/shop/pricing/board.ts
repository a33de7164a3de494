import type { Kysely } from 'kysely'
import type { Tables } from '../tables.ts'

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
