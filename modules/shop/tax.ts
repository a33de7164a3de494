import { z } from 'zod'
import { Day, Id, Line, many, one, oneOf, operations, Page, page, paging } from '#kernel'
import { Place } from './papers/document.ts'
import { taxesOn } from './pricing/settled.ts'
import type { Tables } from './tables.ts'

const { action, query, rows } = operations<Tables>()

const Component = oneOf('metal', 'making', 'stones')

/** More taxes than any state has invented for one ring. */
const MOST_CURRENT = 200
const WHOLE_PRICE = 1_000_000

const Tax = z.strictObject({
  id: Id,
  effectiveOn: Day,
  component: Component,
  place: Place,
  name: Line.max(80),
  code: Line.max(20).nullable(),
  /** Parts of a million, so that an eighth of a per cent is a whole number. */
  perMillion: z.int().min(0).max(WHOLE_PRICE),
})
const columns = [
  'id',
  'effective_on as effectiveOn',
  'component',
  'place',
  'name',
  'code',
  'per_million as perMillion',
] as const
type Words = { component: z.output<typeof Component>; place: Place }
const taxes = rows('tax', columns).$narrowType<Words>()

export const set = action({
  summary: 'Settle from a day on what one tax takes of the metal, the making or the stones',
  input: Tax.omit({ id: true }),
  output: Tax,
  rate: 'sensitive',
  example: () => ({
    effectiveOn: '2026-04-01',
    component: Component.enum.making,
    place: Place.enum.within,
    name: 'CGST',
    code: '9988',
    perMillion: 25_000,
  }),
  run: ({ input, db }) =>
    one(
      db
        .insertInto('tax')
        .values({
          effective_on: input.effectiveOn,
          component: input.component,
          place: input.place,
          name: input.name,
          code: input.code,
          per_million: input.perMillion,
        })
        .returning(columns)
        .$narrowType<Words>(),
    ),
})

export const list = query({
  summary: 'List the taxes as they were settled over time, last said first',
  input: z.strictObject({ ...paging, component: Component.optional(), place: Place.optional() }),
  output: Page(Tax),
  example: () => ({ component: Component.enum.metal, limit: 50 }),
  run({ input }) {
    let found = taxes
    if (input.component !== undefined) found = found.where('component', '=', input.component)
    if (input.place !== undefined) found = found.where('place', '=', input.place)
    return page(found, input)
  },
})

export const current = query({
  summary: 'Show the taxes in effect, today or on a day',
  input: z.strictObject({ on: Day.optional(), place: Place.optional() }),
  output: z.array(Tax),
  example: () => ({ place: Place.enum.within }),
  run: ({ input, db, today }) =>
    many(
      taxesOn(db, input.on ?? today, input.place)
        .select(columns)
        .$narrowType<Words>()
        .limit(MOST_CURRENT),
    ),
})
