import type { InputHTMLAttributes, ReactNode } from 'react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { GRAM_DIGITS } from './amount.tsx'
import { TextField } from './field.tsx'
import { digitsOf, readNumber, writeNumber } from './number.ts'

type Given = Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'defaultValue' | 'onChange' | 'min' | 'max'> & {
  label: string
  hint?: ReactNode
  name: string
  /** How many digits stand after the point at most. */
  digits?: number
  start?: number | null | undefined
  least?: number
  most?: number
  /** Told with every key; undefined while it is no number. */
  changed?: (units: number | undefined) => void
}

/**
 * A number as people type it, in digits of any script and in groups. The form gets it under its name as a whole number
 * of the smallest unit, and cannot be sent while it is none.
 */
export function NumberField({ name, digits = 0, start, least = 0, most, changed, onBlur, ...rest }: Given) {
  const { t } = useTranslation()
  const [text, setText] = useState(start === undefined || start === null ? '' : writeNumber(start, digits))
  const [isLeft, setLeft] = useState(false)
  const units = readNumber(text, digits)
  const isFit = (read: number | undefined) =>
    read !== undefined && read >= least && (most === undefined || read <= most)
  const wrong = t('number.wrong', { example: writeNumber(Math.max(least, EXAMPLE), digits) })
  const type = (input: HTMLInputElement) => {
    const read = readNumber(input.value, digits)
    const isGood = input.value.trim() === '' || isFit(read)
    input.setCustomValidity(isGood ? '' : wrong)
    setText(input.value)
    changed?.(isGood ? read : undefined)
  }
  return (
    <>
      <TextField
        {...rest}
        dir="ltr"
        inputMode="decimal"
        autoComplete="off"
        value={text}
        error={isLeft && text.trim() !== '' && !isFit(units) ? wrong : undefined}
        onChange={({ target }) => type(target)}
        onBlur={(event) => (setLeft(true), onBlur?.(event))}
      />
      <input type="hidden" name={name} value={units ?? ''} />
    </>
  )
}

const EXAMPLE = 1_250

type Money = Omit<Given, 'digits'> & { currency: string }
export const MoneyField = ({ label, currency, ...rest }: Money) => (
  <NumberField label={currency ? `${label} (${currency})` : label} digits={digitsOf(currency)} {...rest} />
)

export function WeightField({ label, ...rest }: Omit<Given, 'digits'>) {
  const { t } = useTranslation()
  return <NumberField label={`${label} (${t('unit.gram')})`} digits={GRAM_DIGITS} {...rest} />
}
