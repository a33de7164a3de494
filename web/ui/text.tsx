import type { ReactNode } from 'react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

/** What people typed keeps its own direction, and turns nothing around it. */
export const Name = ({ children }: { children: ReactNode }) => <bdi className="break-words">{children}</bdi>

/** Ids, addresses, code: from left to right in every language. */
export const Code = ({ children }: { children: ReactNode }) => (
  <bdi dir="ltr" className="font-mono text-[0.9em] break-all">
    {children}
  </bdi>
)

/** A moment as people say it, with the exact one for whoever points at it. */
export function When({ at }: { at: string | null }) {
  const { i18n } = useTranslation()
  if (at === null) return <span className="text-soft">–</span>
  const moment = new Date(at)
  return (
    <time dateTime={at} title={moment.toISOString()} className="whitespace-nowrap">
      {formatOf(i18n.language).format(moment)}
    </time>
  )
}

/** Days of the Gregorian calendar and digits as on every invoice, in both languages. */
const formats = new Map<string, Intl.DateTimeFormat>()
function formatOf(locale: string): Intl.DateTimeFormat {
  const known = formats.get(locale)
  if (known) return known
  const tag = locale === 'ar' ? 'ar-u-ca-gregory-nu-latn' : 'en-GB'
  const made = new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' })
  formats.set(locale, made)
  return made
}

/** What somebody will want to quote elsewhere, with a button that takes it along. */
export function Copied({ text }: { text: string }) {
  const { t } = useTranslation()
  const [isDone, setDone] = useState(false)
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <Code>{text}</Code>
      <button
        type="button"
        className="no-print min-h-6 rounded px-1.5 text-sm text-accent underline"
        onClick={() => void navigator.clipboard.writeText(text).then(() => setDone(true))}
      >
        {t(isDone ? 'copied' : 'copy')}
      </button>
    </span>
  )
}
