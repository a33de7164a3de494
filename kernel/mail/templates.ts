import { html, textOf } from '../base/markup.ts'
import type { Markup } from '../base/markup.ts'
import type { AlertRule } from '../contract/control.ts'
import ar from './locales/ar.json' with { type: 'json' }
import en from './locales/en.json' with { type: 'json' }

/**
 * What letters say, in both languages, as text and as HTML made of the same words. Whatever somebody wrote elsewhere (a
 * name, a device) can neither begin a line nor turn the direction of what surrounds it, and is no link; a link leads to
 * the configured origin or the letter is not written.
 */
export function compose(template: string, locale: Locale, values: Given, sender: Sender): Composed {
  if (!isTemplate(template)) throw new TypeError(`there is no letter called ${template}`)
  const { subject, paragraphs, action = '' }: Words = WORDS[locale][template]
  const blanks = Object.entries(BLANKS[template]).map(([name, kind]) => [
    name,
    fill(kind, values[name], locale, sender),
  ])
  const filled = Object.fromEntries(blanks) as Record<string, Blank>
  const all = [...paragraphs, ...FOOT]
  filled['title'] = { text: sender.title[locale] }
  filled['origin'] = { text: sender.origin, link: sender.origin }
  return {
    subject: written(subject, filled),
    text: `${all.map((paragraph) => written(paragraph, filled)).join('\n\n')}\n`,
    html: shell(
      locale,
      written(subject, filled),
      all.map((paragraph) => marked(paragraph, filled, action)),
    ),
  }
}

export type Locale = 'en' | 'ar'
export type Composed = { subject: string; text: string; html: string }
/** In whose name, and the one place that links lead to. */
export type Sender = { title: Readonly<Record<Locale, string>>; origin: string }
type Given = Readonly<Record<string, unknown>>

export const ALERTS = [
  'guessed-account',
  'guessing-address',
  'doors',
  'own-role',
  'new-owner',
  'mass-export',
  'decoy',
  'new-device',
  'support',
] as const satisfies readonly AlertRule[]
const CREDENTIALS = ['password', 'second-factor', 'passkey', 'recovery-codes'] as const

/** The letters there are, and of what kind each of their blanks is. */
const BLANKS = {
  invitation: { workspace: 'name', inviter: 'name', link: 'link', expires: 'moment' },
  'sign-in-link': { link: 'link', expires: 'moment' },
  reset: { link: 'link', expires: 'moment' },
  'confirm-address': { link: 'link', expires: 'moment' },
  'address-changed': { address: 'name', at: 'moment' },
  'credential-changed': { what: 'credential', at: 'moment' },
  'new-sign-in': { device: 'name', network: 'name', at: 'moment' },
  'session-replayed': { device: 'name', network: 'name', at: 'moment' },
  'already-registered': { link: 'link' },
  heads: { day: 'name', logs: 'name', heads: 'exact' },
  alert: { workspace: 'name', seen: 'alert', times: 'name', from: 'moment', to: 'moment' },
} as const

type Kinds = {
  /** Whatever somebody wrote; shown shortened, on one line. */
  name: string
  /** A path of ours: it becomes an address when the letter is sent, on the origin that is configured then. */
  link: string
  moment: Date | string
  /** Lines that are to be copied as they stand, and are ours letter by letter. */
  exact: string
  credential: (typeof CREDENTIALS)[number]
  alert: AlertRule
}

export type Template = keyof typeof BLANKS
export type Values<Name extends Template> = {
  readonly [Blank in keyof (typeof BLANKS)[Name]]: Kinds[(typeof BLANKS)[Name][Blank] & keyof Kinds]
}
export const TEMPLATES = Object.keys(BLANKS) as readonly Template[]

type Words = { subject: string; paragraphs: readonly string[]; action?: string }
const WORDS: Readonly<Record<Locale, Readonly<Record<Template, Words>>>> = { en: en.letters, ar: ar.letters }
const NAMES = { en: en.credentials, ar: ar.credentials }
const SEEN = { en: en.alerts, ar: ar.alerts }
const FOOT = ['{title} · {origin}']

const isTemplate = (name: string): name is Template => Object.hasOwn(BLANKS, name)

type Blank = { text: string; link?: string; isExact?: boolean }

function fill(kind: keyof Kinds, value: unknown, locale: Locale, { origin }: Sender): Blank {
  if (typeof value !== 'string') throw new TypeError('a blank of a letter is filled with text')
  if (kind === 'link') {
    const link = linkOf(value, origin)
    return { text: link, link }
  }
  if (kind === 'moment') return { text: MOMENTS[locale].format(new Date(value)) }
  if (kind === 'name') return { text: lineOf(value) }
  if (kind === 'exact') return { text: value, isExact: true }
  if (kind === 'alert') {
    const rule = ALERTS.find((one) => one === value)
    if (!rule) throw new TypeError('what was seen is nothing that we watch for')
    return { text: SEEN[locale][rule] }
  }
  const credential = CREDENTIALS.find((one) => one === value)
  if (!credential) throw new TypeError('what was changed is no credential of ours')
  return { text: NAMES[locale][credential] }
}

/** An address that leads anywhere else is a mistake that must not reach anybody. */
function linkOf(given: string, origin: string): string {
  const url = given.startsWith('/') ? URL.parse(given, origin) : null
  if (!url || url.origin !== origin || url.username || url.password) throw new TypeError('a link leads elsewhere')
  return url.href
}

/** Enough to know a person or a firm by; what is longer was written to be read by a stranger. */
const LONGEST_characters = 80
/** What ends a line, ends an isolate or turns a direction, and what is not seen; two join letters as they must be. */
const UNSEEN = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu
/** Where a program that reads mail would see an address and make a link of it. */
const LINKED = /(?<=\S)[.:/@]+(?=\S)/gu

function lineOf(text: string): string {
  const letters = Array.from(text.replace(UNSEEN, ' ').replace(/\s+/gu, ' ').trim())
  const short =
    letters.length > LONGEST_characters ? `${letters.slice(0, LONGEST_characters - 1).join('')}…` : letters.join('')
  return short.replace(LINKED, `$&${JOINER}`)
}

/** A character of no width that no address contains. */
const JOINER = '\u2060'
const [ISOLATE, END] = ['\u2068', '\u2069']

const MOMENT = { day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' } as const
const moments = (tag: string) =>
  new Intl.DateTimeFormat(tag, { ...MOMENT, hourCycle: 'h23', timeZone: 'UTC', timeZoneName: 'short' })
const MOMENTS = { en: moments('en-GB-u-nu-latn'), ar: moments('ar-u-ca-gregory-nu-latn') }

const BLANK = /\{(\w+)\}/
type Filled = Readonly<Record<string, Blank>>

const written = (words: string, filled: Filled): string =>
  words
    .split(BLANK)
    .map((part, at) => (at % 2 === 0 ? part : plain(filled[part]!)))
    .join('')

const plain = ({ text, link, isExact }: Blank): string => link ?? (isExact ? text : `${ISOLATE}${text}${END}`)

const marked = (words: string, filled: Filled, action: string): Markup =>
  html`<p>${words.split(BLANK).map((part, at) => (at % 2 === 0 ? part : piece(filled[part]!, part, action)))}</p>`

const piece = ({ text, link, isExact }: Blank, name: string, action: string): Markup =>
  isExact
    ? html`<code dir="ltr" style="white-space: pre-wrap; overflow-wrap: anywhere">${text}</code>`
    : link
      ? html`<a href="${link}">${name === 'link' ? action : text}</a>`
      : html`<bdi>${text}</bdi>`

const STYLE = 'max-width: 36em; margin: 1.5em auto; padding: 0 1em; font: 16px/1.6 sans-serif'

const shell = (locale: Locale, subject: string, paragraphs: readonly Markup[]): string => {
  const dir = locale === 'ar' ? 'rtl' : 'ltr'
  return textOf(
    html`<!doctype html>
      <html lang="${locale}" dir="${dir}">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width" />
          <title>${subject}</title>
        </head>
        <body>
          <div lang="${locale}" dir="${dir}" style="${STYLE}">${paragraphs}</div>
        </body>
      </html> `,
  )
}
