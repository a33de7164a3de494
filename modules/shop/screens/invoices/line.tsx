import { Button, MoneyField, Name, NumberField, TextField, Weight, WeightField } from '#web'
import { useTranslation } from 'react-i18next'
import { Alloy, MetalField, metalOf, PurityField } from '../alloy.tsx'

export type Tagged = { id: string; tag: string; description: string; metal: string; purity: number; netMg: number }

/** A piece by its tag, or something that has none. */
export type Line = { key: string; piece?: Tagged }

type Given = { line: Line; currency: string; remove: () => void }

/** A piece brings its own terms; only what was agreed beside them is filled in. */
export function LineFields({ line: { key, piece }, currency, remove }: Given) {
  const { t } = useTranslation()
  return (
    <fieldset className="flex flex-col gap-3 rounded-md border border-line p-4">
      <legend className="px-1 text-sm font-medium">
        {piece ? <bdi dir="ltr">{piece.tag}</bdi> : t('shop.screen.draft.loose')}
      </legend>
      {piece ? (
        <p className="flex flex-wrap gap-x-4">
          <Name>{piece.description}</Name> <Alloy {...piece} /> <Weight mg={piece.netMg} />
        </p>
      ) : (
        <Loose name={key} currency={currency} />
      )}
      <div className="grid items-start gap-3 sm:grid-cols-3">
        <MoneyField
          label={t('shop.screen.rate')}
          hint={t('shop.screen.rate.hint')}
          currency={currency}
          name={`${key}.rateMinor`}
          least={1}
        />
        <MoneyField label={t('shop.screen.discount')} currency={currency} name={`${key}.discountMinor`} />
        <NumberField
          label={t('shop.screen.taxShare')}
          hint={t('shop.screen.taxShare.hint')}
          digits={1}
          most={1_000}
          name={`${key}.taxPerMille`}
        />
      </div>
      <div>
        <Button onClick={remove}>{t('shop.screen.take')}</Button>
      </div>
    </fieldset>
  )
}

function Loose({ name, currency }: { name: string; currency: string }) {
  const { t } = useTranslation()
  return (
    <div className="grid items-start gap-3 sm:grid-cols-3">
      <TextField label={t('shop.screen.description')} name={`${name}.description`} maxLength={200} required />
      <MetalField name={`${name}.metal`} />
      <PurityField name={`${name}.purity`} />
      <WeightField label={t('shop.screen.weight')} name={`${name}.weightMg`} required />
      <MoneyField label={t('shop.screen.making')} currency={currency} name={`${name}.makingMinor`} />
      <MoneyField label={t('shop.screen.stones')} currency={currency} name={`${name}.stonesMinor`} />
      <NumberField label={t('shop.screen.wastage')} digits={1} most={1_000} name={`${name}.wastagePerMille`} />
    </div>
  )
}

/** What is left empty is the board’s, the piece’s or the shop’s own. */
export function lineOf({ key, piece }: Line, filled: Readonly<Record<string, string>>) {
  const of = (name: string) => filled[`${key}.${name}`] ?? ''
  const agreed = numbers(['rateMinor', 'discountMinor', 'taxPerMille'], of)
  if (piece) return { pieceId: piece.id, ...agreed }
  return {
    description: of('description'),
    metal: metalOf(of('metal')) ?? 'gold',
    purity: Number(of('purity')),
    weightMg: Number(of('weightMg')),
    ...numbers(['makingMinor', 'stonesMinor', 'wastagePerMille'], of),
    ...agreed,
  }
}

const numbers = <Name extends string>(names: readonly Name[], of: (name: string) => string) =>
  Object.fromEntries(names.flatMap((name) => (of(name) === '' ? [] : [[name, Number(of(name))]]))) as {
    [K in Name]?: number
  }
