import { Amount, Button, Failed, Loading, MoneyField, Name, tell, TextField, typedIn, useLacking } from '#web'
import type { FormEvent } from 'react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAct, useCurrency, useLook, useMissing } from '../operations.ts'

/** What was paid for a piece: shown to nobody who does not need it. */
export function Cost({ pieceId }: { pieceId: string }) {
  const { t } = useTranslation()
  const lacking = useLacking()
  const [isOpen, setOpen] = useState(false)
  const cost = useLook('shop.cost.get', { pieceId })
  const isUnknown = useMissing(cost.error)
  if (cost.error && !isUnknown) return <Failed problem={cost.error} retry={cost.refetch} />
  if (!cost.data && !isUnknown) return <Loading rows={1} />
  return (
    <section className="flex flex-col gap-3 rounded-md bg-sunken p-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h3 className="font-medium">{t('shop.screen.cost')}</h3>
        <span>
          {cost.data ? (
            <Amount minor={cost.data.costMinor} currency={cost.data.currency} />
          ) : (
            t('shop.screen.cost.unknown')
          )}{' '}
          {cost.data?.note && <Name>{cost.data.note}</Name>}
        </span>
        <Button lacking={lacking('shop.cost.set')} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {t('shop.screen.cost.set')}
        </Button>
      </div>
      {isOpen && <Paid pieceId={pieceId} currency={cost.data?.currency} close={() => setOpen(false)} />}
    </section>
  )
}

function Paid({ pieceId, currency: was, close }: { pieceId: string; currency: string | undefined; close: () => void }) {
  const { t } = useTranslation()
  const usual = useCurrency()
  const { mutate, isPending, error } = useAct('shop.cost.set')
  const currency = was ?? usual ?? ''
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const { costMinor, note } = typedIn(event.currentTarget)
    const done = () => (tell(t('shop.screen.saved')), close())
    mutate({ pieceId, currency, costMinor: Number(costMinor), note: note?.trim() || null }, { onSuccess: done })
  }
  return (
    <form className="flex flex-col gap-3" onSubmit={send}>
      <MoneyField label={t('shop.screen.cost')} currency={currency} name="costMinor" required />
      <TextField label={t('shop.screen.note')} name="note" />
      {error && <Failed problem={error} />}
      <div>
        <Button look="main" type="submit" busy={isPending}>
          {t('shop.screen.save')}
        </Button>
      </div>
    </form>
  )
}
