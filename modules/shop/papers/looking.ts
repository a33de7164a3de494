import type { ExpressionBuilder, Kysely } from 'kysely'
import { jsonArrayFrom } from 'kysely/helpers/postgres'
import { z } from 'zod'
import { Day, Id, notFound, page, paging } from '#kernel'
import { columns, Status } from './document.ts'
import type { Kind, Words } from './document.ts'
import { lineColumns, taxColumns } from './line.ts'
import type { TaxWords } from './line.ts'
import type { Metal } from '../metal.ts'
import type { Tables } from '../tables.ts'

/** Papers as they are looked up: one kind at a time, since a right to see one kind is no right to see another. */
export const wholePaper = (db: Kysely<Tables>, kind: Kind, id: string) =>
  db
    .selectFrom('invoice')
    .select(columns)
    .select((eb) => [jsonArrayFrom(linesOf(eb, id)).as('lines'), jsonArrayFrom(taxesOf(eb, id)).as('taxes')])
    .$narrowType<Words>()
    .where('id', '=', id)
    .where('kind', '=', kind)
    .executeTakeFirstOrThrow(notFound)

const linesOf = (eb: ExpressionBuilder<Tables, 'invoice'>, id: string) =>
  eb
    .selectFrom('invoice_line')
    .select(['id', 'position', ...lineColumns])
    .$narrowType<{ metal: Metal }>()
    .where('invoice_id', '=', id)
    .orderBy('position')

const taxesOf = (eb: ExpressionBuilder<Tables, 'invoice'>, id: string) =>
  eb
    .selectFrom('invoice_tax')
    .select(taxColumns)
    .$narrowType<TaxWords>()
    .where('invoice_id', '=', id)
    .orderBy('position')

export const PaperFilter = z.strictObject({
  ...paging,
  status: Status.optional(),
  customerId: Id.optional(),
  from: Day.optional(),
  to: Day.optional(),
})

export function papers(db: Kysely<Tables>, kind: Kind, input: z.output<typeof PaperFilter>) {
  let found = db.selectFrom('invoice').select(columns).$narrowType<Words>().where('kind', '=', kind)
  if (input.status !== undefined) found = found.where('status', '=', input.status)
  if (input.customerId !== undefined) found = found.where('customer_id', '=', input.customerId)
  if (input.from !== undefined) found = found.where('issued_on', '>=', input.from)
  if (input.to !== undefined) found = found.where('issued_on', '<=', input.to)
  return page(found, input)
}
