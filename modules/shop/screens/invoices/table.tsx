import { Amount, Card, Empty, Name, NoMatch, Table, useChosen, useGo } from '#web'
import { useTranslation } from 'react-i18next'
import { useList } from '../operations.ts'
import { dueOf, PaperNumber } from './number.tsx'

type Given = { status?: 'draft' | 'issued' | 'void' | undefined; customerId?: string }

/** Invoices of everybody or of one customer, the last one first. */
export function InvoiceTable({ status, customerId }: Given) {
  const { t } = useTranslation()
  const { choose } = useChosen(['status', 'invoice'])
  const go = useGo()
  const open = (invoice: string) => (customerId ? go('invoices', { invoice }) : choose({ invoice }))
  const invoices = useList('shop.invoice.list', { ...(status && { status }), ...(customerId && { customerId }) })
  return (
    <Card>
      <Table
        label={t('screen.shop-invoices')}
        {...invoices}
        rowKey={({ id }) => id}
        open={({ id }) => open(id)}
        empty={
          status ? (
            <NoMatch clear={() => choose({ status: undefined })} />
          ) : (
            <Empty title={t('shop.screen.invoices.none')}>{t('shop.screen.invoices.none.why')}</Empty>
          )
        }
        columns={[
          {
            key: 'number',
            title: t('shop.screen.number'),
            cell: (invoice) => (
              <button type="button" className="text-start hover:underline" onClick={() => open(invoice.id)}>
                <PaperNumber {...invoice} />
              </button>
            ),
          },
          {
            key: 'customer',
            title: t('shop.screen.customer'),
            cell: ({ customerName }) => <Name>{customerName}</Name>,
          },
          { key: 'day', title: t('shop.screen.day'), cell: ({ issuedOn }) => <bdi dir="ltr">{issuedOn ?? '–'}</bdi> },
          {
            key: 'status',
            title: t('shop.screen.status'),
            cell: ({ status: now }) => t(`shop.screen.paper.${now}`),
          },
          {
            key: 'total',
            title: t('shop.screen.total'),
            number: true,
            cell: ({ totalMinor, currency }) => <Amount minor={totalMinor} currency={currency} />,
          },
          {
            key: 'due',
            title: t('shop.screen.due'),
            number: true,
            cell: (invoice) => <Amount minor={dueOf(invoice)} currency={invoice.currency} />,
          },
        ]}
      />
    </Card>
  )
}
