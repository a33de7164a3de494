import { html } from '../base/markup.ts'
import type { Markup } from '../base/markup.ts'
import { plain } from './words.ts'
import type { Locale } from './words.ts'

/** Moments as people read them: absolute, in UTC and saying so, with Latin digits in both languages. */
export function momentText(locale: Locale, iso: string): string {
  const at = new Date(iso)
  return plain(locale, 'moment', { day: DAY[locale].format(at), time: TIME[locale].format(at) })
}

export const moment = (locale: Locale, iso: string): Markup =>
  html`<time datetime="${iso}">${momentText(locale, iso)}</time>`

export const day = (locale: Locale, iso: string): Markup =>
  html`<time datetime="${iso}">${DAY[locale].format(new Date(iso))}</time>`

/** How far a moment lies from another, in the largest unit that fits: "3 minutes ago", "in 2 hours". */
export function distance(locale: Locale, iso: string, from: string): string {
  const seconds = Math.round((Date.parse(iso) - Date.parse(from)) / 1000)
  const [unit, length_s] = UNITS.find(([, length_s]) => Math.abs(seconds) >= length_s) ?? LEAST
  return RELATIVE[locale].format(Math.trunc(seconds / length_s), unit)
}

const LEAST = ['second', 1] as const
const UNITS = [['day', 86_400], ['hour', 3_600], ['minute', 60], LEAST] as const

const TAGS = { en: 'en-GB-u-nu-latn', ar: 'ar-u-ca-gregory-nu-latn' } as const
const both = <T>(made: (tag: string) => T): Readonly<Record<Locale, T>> => ({ en: made(TAGS.en), ar: made(TAGS.ar) })

const DAY = both(
  (tag) => new Intl.DateTimeFormat(tag, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }),
)
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone: 'UTC' } as const
const TIME = both((tag) => new Intl.DateTimeFormat(tag, CLOCK))
const RELATIVE = both((tag) => new Intl.RelativeTimeFormat(tag, { numeric: 'auto' }))
