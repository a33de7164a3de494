import { useTranslation } from 'react-i18next'
import { digitsOf, showNumber } from './number.ts'

type Given = { minor: number | null; currency: string; bare?: boolean }

/** Money, wherever it is shown: from whole minor units, in digits of one width, turning nothing around it. */
export const Amount = ({ minor, currency, bare }: Given) =>
  minor === null ? (
    <span className="text-soft">–</span>
  ) : (
    <bdi dir="ltr" className="whitespace-nowrap tabular-nums">
      {showNumber(minor, digitsOf(currency), currency)}
      {!bare && <span className="text-[0.85em] text-soft"> {currency}</span>}
    </bdi>
  )

/** Weights are kept in milligrams and said in grams. */
export function Weight({ mg }: { mg: number }) {
  const { t } = useTranslation()
  return (
    <span className="whitespace-nowrap">
      <bdi dir="ltr" className="tabular-nums">
        {showNumber(mg, GRAM_DIGITS)}
      </bdi>{' '}
      <span className="text-[0.85em] text-soft">{t('unit.gram')}</span>
    </span>
  )
}

/** Parts of a hundred, kept in steps of 10^-digits of one. */
export const Percent = ({ units, digits = 1 }: { units: number; digits?: number }) => (
  <bdi dir="ltr" className="whitespace-nowrap tabular-nums">
    {showNumber(units, digits)
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '')}{' '}
    %
  </bdi>
)

export const GRAM_DIGITS = 3
