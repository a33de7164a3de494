import { existsSync, readFileSync } from 'node:fs'

/** Which of our languages a reader gets, and the words in it. A code is a key; the words beside it are for people. */
export const LOCALES = ['en', 'ar'] as const
export type Locale = (typeof LOCALES)[number]
export type Words = Readonly<Record<string, { title: string; detail: string }>>

/** Headers are few and repeat; the map is emptied rather than grown. */
const MOST_REMEMBERED = 500
const remembered = new Map<string, Locale>()

/** The best of ours by the weights of `Accept-Language`; English when nothing fits. */
export function localeOf(header: string | undefined): Locale {
  if (!header) return 'en'
  let locale = remembered.get(header)
  if (!locale) {
    if (remembered.size >= MOST_REMEMBERED) remembered.clear()
    remembered.set(header, (locale = choose(header)))
  }
  return locale
}

function choose(header: string): Locale {
  let best: { locale: Locale; weight: number } = { locale: 'en', weight: 0 }
  for (const part of header.slice(0, 500).split(',')) {
    const [tag = '', ...parameters] = part.trim().split(';')
    const locale = LOCALES.find((one) => tag.toLowerCase().split('-')[0] === one)
    const weight = Number(/q=([\d.]+)/.exec(parameters.join(';'))?.[1] ?? 1)
    if (locale && weight > best.weight) best = { locale, weight }
  }
  return best.locale
}

/** All words of a language: the kernel's own, then each module's. */
export function readWords(locale: Locale, folders: readonly URL[]): Record<string, unknown> {
  const files = folders.map((folder) => new URL(`locales/${locale}.json`, folder)).filter((file) => existsSync(file))
  return Object.assign({}, ...files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as object)) as Record<
    string,
    unknown
  >
}
