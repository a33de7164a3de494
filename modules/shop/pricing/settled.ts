import type { Kysely } from 'kysely'
import type { Place } from '../papers/document.ts'
import type { Ways } from './price.ts'
import type { Tables } from '../tables.ts'
import type { Component } from './taxing.ts'

/** What is in effect on a day: the last row that was said for it. A shop that has settled nothing rounds nothing. */
export const settingOn = (db: Kysely<Tables>, day: string) =>
  db
    .selectFrom('setting')
    .where('effective_on', '<=', day)
    .orderBy('effective_on', 'desc')
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)

/** Of each tax on each part the one rate in effect. */
export const taxesOn = (db: Kysely<Tables>, day: string, place?: Place) => {
  const rows = db.selectFrom('tax').where('effective_on', '<=', day)
  return (place === undefined ? rows : rows.where('place', '=', place))
    .distinctOn(['component', 'place', 'name'])
    .orderBy('component')
    .orderBy('place')
    .orderBy('name')
    .orderBy('effective_on', 'desc')
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
}

type Asked = { place: Place; pricesIncludeTax?: boolean | undefined }

/** How a paper of that day is taxed and rounded. */
export async function waysOn(db: Kysely<Tables>, day: string, asked: Asked): Promise<Ways> {
  const columns = ['prices_include_tax', 'round_off_minor'] as const
  const setting = await settingOn(db, day).select(columns).executeTakeFirst()
  const taxes = await taxesOn(db, day, asked.place)
    .select(['component', 'name', 'code', 'per_million as perMillion'])
    .$narrowType<{ component: Component }>()
    .execute()
  return {
    taxes,
    pricesIncludeTax: asked.pricesIncludeTax ?? setting?.prices_include_tax ?? false,
    roundOffMinor: setting?.round_off_minor ?? 1,
  }
}

/** Numbers count within the shop's own year, which is named after the one in which it begins. */
export async function yearOf(db: Kysely<Tables>, day: string): Promise<number> {
  const setting = await settingOn(db, day).select('year_starts_in').executeTakeFirst()
  const [year, month] = day.split('-').map(Number) as [number, number]
  return month < (setting?.year_starts_in ?? 1) ? year - 1 : year
}
