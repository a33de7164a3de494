import { Button, Failed, Loading, NotAllowed, Page, To, useChosen, useLacking } from '#web'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAct, useLook } from '../operations.ts'
import { AllowDiscount, Deliver, VoidInvoice } from './final.tsx'
import { dueOf, numberOf } from './number.tsx'
import { Pay } from './pay.tsx'
import { Sheet } from './sheet.tsx'
import type { Paper } from './sheet.tsx'

/** One invoice as it stands on paper, and what can be done about it. */
export function Invoice({ id }: { id: string }) {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { choose } = useChosen(['invoice', 'ask'])
  const isAllowed = lacking('shop.invoice.get') === undefined
  const invoice = useLook('shop.invoice.get', isAllowed ? { id } : undefined)
  if (!isAllowed) return <NotAllowed permission="shop.invoice.get" />
  if (invoice.error) return <Failed problem={invoice.error} retry={invoice.refetch} />
  if (!invoice.data) return <Loading />
  const { data } = invoice
  const title = numberOf(data) ?? t('shop.screen.invoices.one')
  const back = <Button onClick={() => choose({ invoice: undefined, ask: undefined })}>{t('shop.screen.back')}</Button>
  return (
    <Page title={title} action={back}>
      <Actions paper={data} />
      <Sheet paper={data} />
      <p className="no-print">
        <To screen="customers" chosen={{ customer: data.customerId }}>
          {t('shop.screen.invoices.customer')}
        </To>
      </p>
      <Asking paper={data} />
    </Page>
  )
}

function Actions({ paper }: { paper: Paper }) {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { choose } = useChosen(['ask'])
  const issue = useAct('shop.invoice.issue')
  const ask = (name: string, permission: string, look?: 'danger' | 'main') => (
    <Button look={look ?? 'plain'} lacking={lacking(permission)} onClick={() => choose({ ask: name })}>
      {t(`shop.screen.invoices.${name}`)}
    </Button>
  )
  return (
    <div className="no-print flex flex-col gap-2">
      <div className="flex flex-wrap gap-2">
        {paper.status === 'draft' && (
          <>
            <Button
              look="main"
              busy={issue.isPending}
              lacking={lacking('shop.invoice.issue')}
              onClick={() => issue.mutate({ id: paper.id })}
            >
              {t('shop.screen.invoices.issue')}
            </Button>
            {issue.error?.code === 'discount_needs_manager' && ask('allow', 'shop.discount.allow')}
            {ask('discard', 'shop.invoice.discard')}
          </>
        )}
        {dueOf(paper) > 0 && ask('pay', 'shop.payment.take', 'main')}
        {paper.status === 'issued' && ask('deliver', 'shop.invoice.deliver')}
        <Button onClick={() => print()}>{t('shop.screen.print')}</Button>
        {paper.status === 'issued' && ask('void', 'shop.invoice.void', 'danger')}
      </div>
      {issue.error && <Failed problem={issue.error} />}
    </div>
  )
}

/** What was pressed stands in the address. */
function Asking({ paper }: { paper: Paper }) {
  const { chosen } = useChosen(['ask'])
  return chosen.ask ? <Asked key={chosen.ask} ask={chosen.ask} paper={paper} /> : null
}

/** Of the invoice as it was then, so that a question stays until it is answered; what makes no sense is not asked. */
function Asked({ ask, paper: now }: { ask: string; paper: Paper }) {
  const { choose } = useChosen(['ask'])
  const [paper] = useState(now)
  const close = () => choose({ ask: undefined })
  const isIssued = paper.status === 'issued'
  if (ask === 'pay' && dueOf(paper) > 0) return <Pay paper={paper} close={close} />
  if (ask === 'void' && isIssued) return <VoidInvoice paper={paper} close={close} />
  if (ask === 'deliver' && isIssued) return <Deliver paper={paper} close={close} />
  if (ask === 'allow' && paper.status === 'draft') return <AllowDiscount paper={paper} close={close} />
  return null
}
