import { Ask, Confirm, tell, TextField, useChosen } from '#web'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAct } from '../operations.ts'
import { numberOf } from './number.tsx'
import type { Paper } from './sheet.tsx'

type Given = { paper: Paper; close: () => void }
type Filled = Readonly<Record<string, string>>

/** The number is typed, since it stays taken for ever. */
export function VoidInvoice({ paper, close }: Given) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  const { mutate, isPending, error } = useAct('shop.invoice.void')
  const title = t('shop.screen.invoices.void')
  const missing = reason.trim().length < LEAST_REASON ? t('shop.screen.reason.first') : undefined
  const asked = { title, press: title, name: numberOf(paper) ?? '', busy: isPending, problem: error, missing }
  const send = () =>
    mutate({ id: paper.id, reason }, { onSuccess: () => (tell(t('shop.screen.invoices.void.done')), close()) })
  return (
    <Confirm {...asked} close={close} confirm={send}>
      <p className="pb-3">{t('shop.screen.invoices.void.why')}</p>
      <TextField
        label={t('shop.screen.reason')}
        value={reason}
        maxLength={500}
        onChange={({ target }) => setReason(target.value)}
      />
    </Confirm>
  )
}
const LEAST_REASON = 3

export function Deliver({ paper, close }: Given) {
  const { t } = useTranslation()
  const { mutate, isPending, error } = useAct('shop.invoice.deliver')
  const title = t('shop.screen.invoices.deliver')
  const send = ({ receivedBy = '' }: Filled) =>
    mutate({ id: paper.id, receivedBy }, { onSuccess: () => (tell(t('shop.screen.invoices.deliver.done')), close()) })
  return (
    <Ask title={title} press={title} busy={isPending} problem={error} close={close} send={send}>
      <TextField label={t('shop.screen.receivedBy')} name="receivedBy" defaultValue={paper.customerName} required />
    </Ask>
  )
}

/** A draft has no number that could be missed. It is asked over the list, since then there is nothing else to show. */
export function Discard({ id }: { id: string }) {
  const { t } = useTranslation()
  const { choose } = useChosen(['ask', 'invoice'])
  const gone = () => choose({ ask: undefined, invoice: undefined })
  const { mutate, isPending, error } = useAct('shop.invoice.discard')
  const title = t('shop.screen.invoices.discard')
  const asked = { title, press: title, busy: isPending, problem: error, close: () => choose({ ask: undefined }) }
  return (
    <Ask {...asked} send={() => mutate({ id }, { onSuccess: gone })}>
      <p>{t('shop.screen.invoices.discard.why')}</p>
    </Ask>
  )
}

export function AllowDiscount({ paper, close }: Given) {
  const { t } = useTranslation()
  const { mutate, isPending, error } = useAct('shop.discount.allow')
  const title = t('shop.screen.invoices.allow')
  const send = ({ reason = '' }: Filled) => mutate({ id: paper.id, reason }, { onSuccess: close })
  return (
    <Ask title={title} press={title} busy={isPending} problem={error} close={close} send={send}>
      <TextField label={t('shop.screen.reason')} name="reason" minLength={3} maxLength={500} required />
    </Ask>
  )
}
