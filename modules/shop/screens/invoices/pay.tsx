import { Amount, Ask, Button, MoneyField, SelectField, tell, TextField, useMay, writeNumber } from '#web'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAct, useLook } from '../operations.ts'
import { dueOf } from './number.tsx'
import type { Paper } from './sheet.tsx'

const WAYS = ['cash', 'card', 'bank', 'upi', 'old_gold'] as const
type Way = (typeof WAYS)[number]
type Part = { key: string; way: Way; amountMinor: number | undefined; reference: string; oldGoldId: string }

const newPart = (way: Way, amountMinor?: number): Part => ({
  key: crypto.randomUUID(),
  way,
  amountMinor,
  reference: '',
  oldGoldId: '',
})

/** A payment over as many ways as the customer likes; what is more than is owed stays theirs as an advance. */
export function Pay({ paper, close }: { paper: Paper; close: () => void }) {
  const { t } = useTranslation()
  const due_minor = dueOf(paper)
  const { customerId, currency } = paper
  const [parts, setParts] = useState<readonly Part[]>([newPart('cash', due_minor)])
  const { mutate, isPending, error } = useAct('shop.payment.take')
  const total_minor = parts.reduce((sum, { amountMinor }) => sum + (amountMinor ?? 0), 0)
  const set = (key: string, change: Partial<Part>) =>
    setParts(parts.map((part) => (part.key === key ? { ...part, ...change } : part)))
  const send = ({ counter }: Readonly<Record<string, string>>) =>
    mutate(
      {
        customerId,
        currency,
        ...(counter && { counter }),
        parts: parts.map(asPart),
        allocations: [{ invoiceId: paper.id, amountMinor: Math.min(total_minor, due_minor) }],
      },
      { onSuccess: () => (tell(t('shop.screen.pay.done')), close()) },
    )
  const title = t('shop.screen.invoices.pay')
  return (
    <Ask title={title} press={title} busy={isPending} problem={error} close={close} send={send}>
      {parts.map((part) => (
        <PartFields
          key={part.key}
          part={part}
          paper={paper}
          set={(change) => set(part.key, change)}
          remove={parts.length > 1 ? () => setParts(parts.filter(({ key }) => key !== part.key)) : undefined}
        />
      ))}
      <div>
        <Button
          onClick={() => setParts([...parts, newPart('card', Math.max(0, due_minor - total_minor) || undefined)])}
        >
          {t('shop.screen.pay.split')}
        </Button>
      </div>
      <Counters />
      <p className="flex flex-wrap justify-between gap-x-6" aria-live="polite">
        <span>
          {t('shop.screen.due')} <Amount minor={due_minor} currency={currency} />
        </span>
        <strong>
          {t('shop.screen.pay.sum')} <Amount minor={total_minor} currency={currency} />
        </strong>
        {total_minor > due_minor && (
          <span>
            {t('shop.screen.pay.advance')} <Amount minor={total_minor - due_minor} currency={currency} />
          </span>
        )}
      </p>
    </Ask>
  )
}

const asPart = ({ way, amountMinor = 0, reference, oldGoldId }: Part) => ({
  way,
  amountMinor,
  reference: reference.trim() || null,
  ...(oldGoldId && { oldGoldId }),
})

type Given = { part: Part; paper: Paper; set: (change: Partial<Part>) => void; remove: (() => void) | undefined }

function PartFields({ part, paper, set, remove }: Given) {
  const { t } = useTranslation()
  const { way } = part
  const change = (chosen: string) =>
    set({
      way: WAYS.find((one) => one === chosen) ?? 'cash',
      oldGoldId: '',
      ...(chosen === 'old_gold' && { amountMinor: undefined }),
    })
  return (
    <fieldset className="grid gap-3 rounded-md border border-line p-3 sm:grid-cols-2">
      <legend className="sr-only">{t(`shop.screen.way.${way}`)}</legend>
      <SelectField label={t('shop.screen.way')} value={way} onChange={({ target }) => change(target.value)}>
        {WAYS.map((one) => (
          <option key={one} value={one}>
            {t(`shop.screen.way.${one}`)}
          </option>
        ))}
      </SelectField>
      {way === 'old_gold' ? (
        <OldGold part={part} paper={paper} set={set} />
      ) : (
        <MoneyField
          label={t('shop.screen.amount')}
          currency={paper.currency}
          name={`part.${part.key}`}
          start={part.amountMinor}
          least={1}
          changed={(amountMinor) => set({ amountMinor })}
          required
        />
      )}
      {way !== 'cash' && way !== 'old_gold' && (
        <TextField
          label={t('shop.screen.reference')}
          dir="ltr"
          maxLength={60}
          value={part.reference}
          onChange={({ target }) => set({ reference: target.value })}
        />
      )}
      {remove && (
        <div className="flex items-end">
          <Button onClick={remove}>{t('shop.screen.take')}</Button>
        </div>
      )}
    </fieldset>
  )
}

/** What the customer handed in and was paid for by nothing yet, at the value it was taken at. */
function OldGold({ part, paper, set }: Omit<Given, 'remove'>) {
  const { t } = useTranslation()
  const may = useMay()
  const { customerId, currency } = paper
  const lots = useLook('shop.oldgold.list', may('shop.oldgold.list') ? { customerId } : undefined)
  const open = lots.data?.data.filter((lot) => lot.paymentId === null && lot.currency === currency) ?? []
  const choose = (id: string) =>
    set({ oldGoldId: id, amountMinor: open.find((lot) => lot.id === id)?.valueMinor ?? undefined })
  return (
    <div className="flex flex-col gap-2">
      <SelectField
        label={t('shop.screen.oldgold')}
        value={part.oldGoldId}
        onChange={({ target }) => choose(target.value)}
        hint={open.length === 0 ? t('shop.screen.oldgold.none') : undefined}
        required
      >
        <option value="">–</option>
        {open.map(({ id, metal, purity, netMg }) => (
          <option key={id} value={id}>
            {t('shop.screen.oldgold.lot', {
              metal: t(`shop.screen.metal.${metal}`),
              purity,
              grams: writeNumber(netMg, 3),
            })}
          </option>
        ))}
      </SelectField>
      {part.amountMinor !== undefined && <Amount minor={part.amountMinor} currency={currency} />}
    </div>
  )
}

/** Whose drawer the cash goes into, of the counters whose day is open. */
function Counters() {
  const { t } = useTranslation()
  const may = useMay()
  const open = useLook('shop.till.current', may('shop.till.current') ? {} : undefined)
  if (!open.data?.length) return null
  return (
    <SelectField label={t('shop.screen.counter')} name="counter" defaultValue={open.data[0]!.counter}>
      <option value="">{t('shop.screen.counter.none')}</option>
      {open.data.map(({ counter }) => (
        <option key={counter}>{counter}</option>
      ))}
    </SelectField>
  )
}
