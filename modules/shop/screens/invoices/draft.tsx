import { Button, Card, Empty, Failed, Loading, Page, SelectField, TextField, To, typedIn, useChosen } from '#web'
import type { FormEvent } from 'react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { CustomerChoice } from '../customers/choice.tsx'
import { useAct, useCurrency } from '../operations.ts'
import { LineFields, lineOf } from './line.tsx'
import type { Line } from './line.tsx'
import { PieceByTag } from './piece-by-tag.tsx'

type Filled = Readonly<Record<string, string>>

/** Nothing is counted before it is known in what. */
export function Draft() {
  const { t } = useTranslation()
  const currency = useCurrency()
  if (currency === undefined) return <Loading />
  if (currency !== null) return <Form currency={currency} />
  return (
    <Page title={t('shop.screen.invoices.draft')}>
      <Empty title={t('shop.screen.unsettled')} action={<To screen="shop">{t('screen.shop-settled')}</To>}>
        {t('shop.screen.unsettled.why')}
      </Empty>
    </Page>
  )
}

/** For whom, and what. Prices and taxes are the server’s, and are seen once it is drawn up. */
function Form({ currency }: { currency: string }) {
  const { t } = useTranslation()
  const { chosen, choose, clear } = useChosen(['invoice', 'new', 'customer'])
  const [lines, setLines] = useState<readonly Line[]>([])
  const { mutate, isPending, error } = useAct('shop.invoice.draft')
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const filled: Filled = typedIn(event.currentTarget)
    const { note } = filled
    const place = filled['place'] === 'across' ? ('across' as const) : ('within' as const)
    const asked = { customerId: chosen.customer ?? '', currency, place, ...(note?.trim() && { note }) }
    const done = ({ id }: { id: string }) => choose({ invoice: id, new: undefined, customer: undefined })
    mutate({ ...asked, lines: lines.map((line) => lineOf(line, filled)) }, { onSuccess: done })
  }
  const add = (line: Line) => setLines([...lines, line])
  const missing = !chosen.customer
    ? t('shop.screen.draft.customer.first')
    : lines.length === 0
      ? t('shop.screen.draft.line.first')
      : undefined
  return (
    <Page title={t('shop.screen.invoices.draft')} action={<Button onClick={clear}>{t('cancel')}</Button>}>
      <form className="flex flex-col gap-5" onSubmit={send}>
        <CustomerChoice />
        <Lines
          lines={lines}
          currency={currency}
          add={add}
          remove={(key) => setLines(lines.filter((line) => line.key !== key))}
        />
        <div className="grid gap-4 sm:grid-cols-2">
          <SelectField label={t('shop.screen.place')} name="place">
            <option value="within">{t('shop.screen.place.within')}</option>
            <option value="across">{t('shop.screen.place.across')}</option>
          </SelectField>
          <TextField label={t('shop.screen.note')} name="note" maxLength={2_000} />
        </div>
        {error && <Failed problem={error} />}
        <div className="flex justify-end">
          <Button look="main" type="submit" busy={isPending} lacking={missing}>
            {t('shop.screen.draft.go')}
          </Button>
        </div>
      </form>
    </Page>
  )
}

type Given = { lines: readonly Line[]; currency: string; add: (line: Line) => void; remove: (key: string) => void }

function Lines({ lines, currency, add, remove }: Given) {
  const { t } = useTranslation()
  const taken = lines.flatMap(({ piece }) => piece?.id ?? [])
  return (
    <Card>
      <div className="flex flex-col gap-4 p-5">
        <h2 className="text-lg font-semibold">{t('shop.screen.lines')}</h2>
        {lines.map((line) => (
          <LineFields key={line.key} line={line} currency={currency} remove={() => remove(line.key)} />
        ))}
        <div className="flex flex-wrap items-end gap-4">
          <PieceByTag taken={taken} add={(piece) => add({ key: crypto.randomUUID(), piece })} />
          <Button onClick={() => add({ key: crypto.randomUUID() })}>{t('shop.screen.draft.loose')}</Button>
        </div>
      </div>
    </Card>
  )
}
