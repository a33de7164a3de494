import { Ask, MoneyField, tell, TextField, useChosen } from '#web'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CurrencyField, MetalField, metalOf, PurityField } from '../alloy.tsx'
import { useAct, useCurrency } from '../operations.ts'

/** A rate counts from a moment on; what was drawn up before keeps the rate that it was drawn up at. */
export function SetRate({ close }: { close: () => void }) {
  const { t } = useTranslation()
  const known = useCurrency()
  const { choose } = useChosen(['currency', 'set'])
  const [typed, setTyped] = useState<string>()
  const { mutate, isPending, error } = useAct('shop.rate.set')
  const currency = typed ?? known ?? ''
  const send = (filled: Readonly<Record<string, string>>) => {
    const rate = {
      metal: metalOf(filled['metal']) ?? 'gold',
      purity: Number(filled['purity']),
      currency,
      rateMinor: Number(filled['rateMinor']),
      effectiveAt: momentOf(filled['effectiveAt']),
      source: filled['source'] ?? '',
    }
    const done = () => {
      tell(t('shop.screen.rates.done'))
      choose({ set: undefined, ...(known && currency !== known && { currency }) })
    }
    mutate(rate, { onSuccess: done })
  }
  const title = t('shop.screen.rates.set')
  return (
    <Ask title={title} press={title} busy={isPending} problem={error} close={close} send={send}>
      <div className="grid gap-4 sm:grid-cols-2">
        <MetalField name="metal" />
        <PurityField name="purity" />
        <CurrencyField key={known} start={known ?? ''} changed={setTyped} />
        <MoneyField
          key={currency}
          label={t('shop.screen.rates.gram')}
          currency={currency}
          name="rateMinor"
          least={1}
          required
        />
      </div>
      <TextField
        label={t('shop.screen.rates.source')}
        hint={t('shop.screen.rates.source.hint')}
        name="source"
        required
      />
      <TextField
        label={t('shop.screen.rates.from')}
        hint={t('shop.screen.rates.from.hint')}
        name="effectiveAt"
        type="datetime-local"
      />
    </Ask>
  )
}

/** As the clock on the wall says it; without one, now. */
const momentOf = (local: string | undefined) => (local ? new Date(local) : new Date()).toISOString()
