import { module } from '#kernel'
import * as controls from './controls.ts'
import { nouns } from './nouns.ts'
import { plant } from './plant.ts'
import { tables } from './tables.ts'

/**
 * A jeweller's shop: who buys, what a gram costs today, and the invoices that come of it. It promises that an invoice
 * is the sum of its lines to the last minor unit, that numbers have no gap, and that an issued invoice never changes:
 * it can only become void, and keeps its number when it does.
 */
export const shop = module('shop', import.meta.url, { nouns, tables, controls, plant })
