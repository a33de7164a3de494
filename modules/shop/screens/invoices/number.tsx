import { useTranslation } from 'react-i18next'

type Numbered = { series: string; year: number | null; number: number | null }

export const numberOf = ({ series, year, number }: Numbered) =>
  number === null ? undefined : `${series}/${year}/${number}`

/** From left to right in every language; a draft has none. */
export function PaperNumber(paper: Numbered) {
  const { t } = useTranslation()
  const number = numberOf(paper)
  return number ? <bdi dir="ltr">{number}</bdi> : <span className="text-soft">{t('shop.screen.paper.draft')}</span>
}

type Owed = { status: string; totalMinor: number; settledMinor: number; creditedMinor: number }

/** What is still to be paid; nothing is owed of what is no invoice yet, or no more. */
export const dueOf = ({ status, totalMinor, settledMinor, creditedMinor }: Owed) =>
  status === 'issued' ? totalMinor - settledMinor - creditedMinor : 0
