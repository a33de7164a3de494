import { NumberField, SelectField, TextField } from '#web'
import { useTranslation } from 'react-i18next'

export const METALS = ['gold', 'silver', 'platinum'] as const
export type Metal = (typeof METALS)[number]
export const metalOf = (text: string | undefined): Metal | undefined => METALS.find((one) => one === text)

/** A metal by its name and how much of a thousand parts of it is fine. */
export function Alloy({ metal, purity }: { metal: string; purity: number }) {
  const { t } = useTranslation()
  return (
    <span className="whitespace-nowrap">
      {t(`shop.screen.metal.${metal}`)} <bdi className="tabular-nums">{purity}</bdi>
    </span>
  )
}

export function MetalField({ name, start }: { name: string; start?: string | undefined }) {
  const { t } = useTranslation()
  return (
    <SelectField label={t('shop.screen.metal')} name={name} defaultValue={start ?? METALS[0]}>
      {METALS.map((one) => (
        <option key={one} value={one}>
          {t(`shop.screen.metal.${one}`)}
        </option>
      ))}
    </SelectField>
  )
}

const MOST_PER_MILLE = 1_000

/** With the fineness that gold is mostly sold in at hand, and any other to be typed. */
export function PurityField({ name, start }: { name: string; start?: number | undefined }) {
  const { t } = useTranslation()
  return (
    <NumberField
      label={t('shop.screen.purity')}
      hint={t('shop.screen.purity.hint')}
      name={name}
      start={start}
      least={1}
      most={MOST_PER_MILLE}
      required
    />
  )
}

/** Three letters, as banks write it. */
export function CurrencyField({ start, changed }: { start?: string | undefined; changed?: (code: string) => void }) {
  const { t } = useTranslation()
  return (
    <TextField
      label={t('shop.screen.currency')}
      name="currency"
      defaultValue={start}
      onChange={({ target }) => changed?.(target.value)}
      dir="ltr"
      pattern="[A-Z]{3}"
      hint={t('shop.screen.currency.hint')}
      maxLength={3}
      required
    />
  )
}
