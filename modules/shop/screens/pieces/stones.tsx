import { Button, MoneyField, NumberField, TextField } from '#web'
import { useTranslation } from 'react-i18next'

type Known = {
  description: string
  count?: number
  caratPoints: number
  grade: string | null
  certificate: string | null
  priceMinor: number
}
type Stone = { key: string; known?: Known }

/** Each with a key of its own, under which its fields are filled in. */
export const newStone = (known?: Known): Stone => ({ key: crypto.randomUUID(), ...(known && { known }) })

type Given = { stones: readonly Stone[]; change: (stones: Stone[]) => void; currency: string }

export function StoneFields({ stones, change, currency }: Given) {
  const { t } = useTranslation()
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="pb-2 font-medium">{t('shop.screen.stones')}</legend>
      {stones.map(({ key, known }) => (
        <div key={key} className="grid gap-3 rounded-md border border-line p-3 sm:grid-cols-2">
          <TextField
            label={t('shop.screen.description')}
            name={`stone.${key}.description`}
            defaultValue={known?.description}
            required
          />
          <NumberField
            label={t('shop.screen.count')}
            name={`stone.${key}.count`}
            start={known?.count ?? 1}
            least={1}
            required
          />
          <NumberField
            label={t('shop.screen.carat')}
            digits={2}
            name={`stone.${key}.caratPoints`}
            start={known?.caratPoints}
            required
          />
          <MoneyField
            label={t('shop.screen.price')}
            currency={currency}
            name={`stone.${key}.priceMinor`}
            start={known?.priceMinor}
            required
          />
          <TextField label={t('shop.screen.grade')} name={`stone.${key}.grade`} defaultValue={known?.grade ?? ''} />
          <TextField
            label={t('shop.screen.certificate')}
            name={`stone.${key}.certificate`}
            dir="ltr"
            defaultValue={known?.certificate ?? ''}
          />
          <div>
            <Button onClick={() => change(stones.filter((one) => one.key !== key))}>{t('shop.screen.take')}</Button>
          </div>
        </div>
      ))}
      <div>
        <Button onClick={() => change([...stones, newStone()])}>{t('shop.screen.stones.add')}</Button>
      </div>
    </fieldset>
  )
}

/** Put together from the fields, in the order in which they stand. */
export function stonesOf(filled: Readonly<Record<string, string>>): Known[] {
  const keys = Object.keys(filled).flatMap((name) => /^stone\.(.+)\.description$/.exec(name)?.[1] ?? [])
  return keys.map((key) => {
    const of = (name: string) => filled[`stone.${key}.${name}`]?.trim() ?? ''
    return {
      description: of('description'),
      count: Number(of('count')),
      caratPoints: Number(of('caratPoints')),
      grade: of('grade') || null,
      certificate: of('certificate') || null,
      priceMinor: Number(of('priceMinor')),
    }
  })
}
