import {
  Amount,
  Ask,
  Button,
  Dialog,
  Facts,
  Failed,
  latin,
  Loading,
  MoneyField,
  NumberField,
  tell,
  TextField,
} from '#web'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CurrencyField } from '../alloy.tsx'
import { useAct, useCurrency, useLook } from '../operations.ts'

type Filled = Readonly<Record<string, string>>
type Given = { close: () => void }

export function OpenTill({ close }: Given) {
  const { t } = useTranslation()
  const known = useCurrency()
  const [typed, setTyped] = useState<string>()
  const { mutate, isPending, error } = useAct('shop.till.open')
  const currency = typed ?? known ?? ''
  const title = t('shop.screen.till.open')
  const send = ({ counter = '', floatMinor }: Filled) =>
    mutate(
      { counter: latin(counter).toUpperCase(), currency, floatMinor: Number(floatMinor) },
      { onSuccess: () => (tell(t('shop.screen.till.opened')), close()) },
    )
  return (
    <Ask title={title} press={title} busy={isPending} problem={error} close={close} send={send}>
      <TextField
        label={t('shop.screen.counter')}
        hint={t('shop.screen.counter.hint')}
        name="counter"
        dir="ltr"
        pattern="[A-Za-z0-9\-]{1,16}"
        required
      />
      {known === null && <CurrencyField changed={setTyped} />}
      <MoneyField key={currency} label={t('shop.screen.till.float')} currency={currency} name="floatMinor" required />
    </Ask>
  )
}

/** Blind: what should be there is told once it was counted. */
export function CloseTill({ id, close }: Given & { id: string }) {
  const { t } = useTranslation()
  const drawers = useLook('shop.till.current', {})
  const { mutate, data, isPending, error } = useAct('shop.till.close')
  const drawer = drawers.data?.find((one) => one.id === id)
  if (data) return <Counted close={close} {...data} />
  if (drawers.error) return <Failed problem={drawers.error} retry={drawers.refetch} />
  if (!drawers.data) return <Loading rows={2} />
  if (!drawer) return null
  const send = (filled: Filled) => {
    const note = filled['note']?.trim()
    mutate({ id, counts: countsOf(filled), ...(note && { note }) })
  }
  const title = t('shop.screen.till.close')
  return (
    <Ask title={title} press={title} busy={isPending} problem={error} close={close} send={send}>
      <p className="text-soft">{t('shop.screen.till.close.why')}</p>
      <Notes currency={drawer.currency} />
      <TextField label={t('shop.screen.note')} name="note" maxLength={2_000} />
    </Ask>
  )
}

/** Rows of what is counted: how much one is worth, and how many there are. */
function Notes({ currency }: { currency: string }) {
  const { t } = useTranslation()
  const [rows, setRows] = useState(() => [crypto.randomUUID()])
  return (
    <div className="flex flex-col gap-3">
      {rows.map((key) => (
        <div key={key} className="grid items-start gap-3 sm:grid-cols-2">
          <MoneyField
            label={t('shop.screen.till.note')}
            currency={currency}
            name={`${key}.denominationMinor`}
            least={1}
            required
          />
          <NumberField label={t('shop.screen.till.pieces')} name={`${key}.pieces`} required />
        </div>
      ))}
      <div>
        <Button onClick={() => setRows([...rows, crypto.randomUUID()])}>{t('shop.screen.till.more')}</Button>
      </div>
    </div>
  )
}

const countsOf = (filled: Filled) =>
  Object.keys(filled)
    .flatMap((name) => /^(.+)\.pieces$/.exec(name)?.[1] ?? [])
    .map((key) => ({
      denominationMinor: Number(filled[`${key}.denominationMinor`]),
      pieces: Number(filled[`${key}.pieces`]),
    }))

type Closed = {
  currency: string
  expectedMinor: number | null
  countedMinor: number | null
  differenceMinor: number | null
}

function Counted({ currency, expectedMinor, countedMinor, differenceMinor, close }: Given & Closed) {
  const { t } = useTranslation()
  return (
    <Dialog title={t('shop.screen.till.closed')} close={close}>
      <Facts
        facts={[
          [t('shop.screen.till.counted'), <Amount minor={countedMinor} currency={currency} />],
          [t('shop.screen.till.expected'), <Amount minor={expectedMinor} currency={currency} />],
          [t('shop.screen.till.difference'), <Amount minor={differenceMinor} currency={currency} />],
        ]}
      />
      <div className="flex justify-end">
        <Button look="main" onClick={close}>
          {t('close')}
        </Button>
      </div>
    </Dialog>
  )
}
