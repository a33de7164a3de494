import { Button, Page, useChosen, useLacking } from '#web'
import { useTranslation } from 'react-i18next'
import { Draft } from './draft.tsx'
import { Discard } from './final.tsx'
import { Invoice } from './invoice.tsx'
import { InvoiceTable } from './table.tsx'

/** What was sold: the list, one of them as it is printed, or a new one. */
export function Invoices() {
  const { chosen } = useChosen(['invoice', 'new', 'ask'])
  const isDiscarding = chosen.ask === 'discard'
  if (chosen.invoice && !isDiscarding) return <Invoice id={chosen.invoice} />
  return chosen.new ? <Draft /> : <List discarding={isDiscarding ? chosen.invoice : undefined} />
}

const STATUSES = ['draft', 'issued', 'void'] as const

function List({ discarding }: { discarding: string | undefined }) {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { chosen, choose } = useChosen(['status', 'new'])
  const status = STATUSES.find((one) => one === chosen.status)
  const draft = (
    <Button look="main" lacking={lacking('shop.invoice.draft')} onClick={() => choose({ new: '1' })}>
      {t('shop.screen.invoices.draft')}
    </Button>
  )
  return (
    <Page title={t('screen.shop-invoices')} action={draft}>
      <div className="no-print flex flex-wrap gap-2">
        {[undefined, ...STATUSES].map((one) => (
          <Button key={one ?? 'all'} look="quiet" aria-pressed={status === one} onClick={() => choose({ status: one })}>
            {t(one ? `shop.screen.paper.${one}` : 'shop.screen.all')}
          </Button>
        ))}
      </div>
      <InvoiceTable status={status} />
      {discarding && <Discard id={discarding} />}
    </Page>
  )
}
