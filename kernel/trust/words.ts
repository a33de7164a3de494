import ar from './locales/ar.json' with { type: 'json' }
import en from './locales/en.json' with { type: 'json' }
import { html } from '../base/markup.ts'
import type { Markup, Piece } from '../base/markup.ts'

/** The words around the claims, in the two languages of the page, with the plural forms of each. */
export const LOCALES = ['en', 'ar'] as const
export type Locale = (typeof LOCALES)[number]

/** A sentence with its places filled in; what is filled in is escaped. */
export function phrase(locale: Locale, key: Word, values: Readonly<Record<string, Piece>> = {}): Markup {
  return html`${template(locale, key, values['count'])
    .split(PLACE)
    .map((part, index) => (index % 2 === 0 ? part : isolated(values[part])))}`
}

/** The same for a terminal. */
export function plain(locale: Locale, key: Word, values: Readonly<Record<string, string | number>> = {}): string {
  return template(locale, key, values['count'])
    .split(PLACE)
    .map((part, index) => (index % 2 === 0 ? part : String(values[part] ?? '')))
    .join('')
}

type Unplural<Key> = Key extends `${infer Base}_${'zero' | 'one' | 'two' | 'few' | 'many' | 'other'}` ? Base : Key
export type Word = Unplural<keyof typeof en>

const WORDS: Readonly<Record<Locale, Readonly<Record<string, string>>>> = { en, ar }
const PLURALS = { en: new Intl.PluralRules('en'), ar: new Intl.PluralRules('ar') }
const PLACE = /\{(\w+)\}/

function template(locale: Locale, key: Word, count: unknown): string {
  const words = WORDS[locale]
  const found = typeof count === 'number' ? words[`${key}_${PLURALS[locale].select(count)}`] : undefined
  const text = found ?? words[key]
  if (text === undefined) throw new Error(`There is no word for "${key}" in ${locale}`)
  return text
}

/** A number or name in the middle of a sentence keeps its own direction and does not drag its neighbours along. */
const isolated = (value: Piece) => html`<bdi>${value}</bdi>`
