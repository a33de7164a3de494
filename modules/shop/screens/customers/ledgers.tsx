import {
  Amount,
  Card,
  Empty,
  Failed,
  Loading,
  Name,
  NotAllowed,
  SelectField,
  Table,
  To,
  useChosen,
  useMay,
  Weight,
  When,
} from '#web'
import { useTranslation } from 'react-i18next'
import { metalOf, METALS } from '../alloy.tsx'
import type { Metal } from '../alloy.tsx'
import { useCurrency, useList, useLook } from '../operations.ts'

type Given = { customerId: string }

/** Line by line as it was entered: nothing in a ledger is ever changed. */
export function MoneyLedger({ customerId }: Given) {
  const { t } = useTranslation()
  const may = useMay()
  const { chosen, choose } = useChosen(['currency'])
  const usual = useCurrency()
  const balance = useLook('shop.ledger.balance', may('shop.ledger.balance') ? { customerId } : undefined)
  const known = [
    ...new Set([...(balance.data?.money.map(({ currency }) => currency) ?? []), ...(usual ? [usual] : [])]),
  ]
  const currency = chosen.currency ?? known[0]
  if (!may('shop.ledger.money')) return <NotAllowed permission="shop.ledger.money" />
  if (balance.error) return <Failed problem={balance.error} retry={balance.refetch} />
  if (currency === undefined) return balance.isLoading ? <Loading /> : <Empty title={t('shop.screen.ledger.none')} />
  return (
    <Card>
      {known.length > 1 && (
        <SelectField
          className="no-print max-w-60 p-4"
          label={t('shop.screen.currency')}
          value={currency}
          onChange={({ target }) => choose({ currency: target.value })}
        >
          {known.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </SelectField>
      )}
      <MoneyEntries customerId={customerId} currency={currency} />
    </Card>
  )
}

function MoneyEntries({ customerId, currency }: Given & { currency: string }) {
  const { t } = useTranslation()
  const entries = useList('shop.ledger.money', { customerId, currency })
  return (
    <Table
      label={t('shop.screen.ledger.money')}
      {...entries}
      rowKey={({ n }) => String(n)}
      empty={<Empty title={t('shop.screen.ledger.none')} />}
      columns={[
        { key: 'at', title: t('shop.screen.when'), cell: ({ createdAt }) => <When at={createdAt} /> },
        {
          key: 'kind',
          title: t('shop.screen.what'),
          cell: ({ kind, invoiceId, note }) => (
            <>
              {invoiceId && kind !== 'credit' ? (
                <To screen="invoices" chosen={{ invoice: invoiceId }}>
                  {t(`shop.screen.entry.${kind}`)}
                </To>
              ) : (
                t(`shop.screen.entry.${kind}`)
              )}{' '}
              {note && <Name>{note}</Name>}
            </>
          ),
        },
        { key: 'by', title: t('shop.screen.by'), cell: ({ byName }) => <Name>{byName}</Name> },
        {
          key: 'amount',
          title: t('shop.screen.amount'),
          number: true,
          cell: ({ amountMinor }) => <Amount minor={amountMinor} currency={currency} />,
        },
        {
          key: 'balance',
          title: t('shop.screen.balance'),
          number: true,
          cell: ({ balanceMinor }) => <Amount minor={balanceMinor} currency={currency} />,
        },
      ]}
    />
  )
}

export function MetalLedger({ customerId }: Given) {
  const { t } = useTranslation()
  const may = useMay()
  const { chosen, choose } = useChosen(['metal'])
  const metal = metalOf(chosen.metal) ?? 'gold'
  if (!may('shop.ledger.metal')) return <NotAllowed permission="shop.ledger.metal" />
  return (
    <Card>
      <SelectField
        className="no-print max-w-60 p-4"
        label={t('shop.screen.metal')}
        value={metal}
        onChange={({ target }) => choose({ metal: target.value })}
      >
        {METALS.map((one) => (
          <option key={one} value={one}>
            {t(`shop.screen.metal.${one}`)}
          </option>
        ))}
      </SelectField>
      <MetalEntries customerId={customerId} metal={metal} />
    </Card>
  )
}

function MetalEntries({ customerId, metal }: Given & { metal: Metal }) {
  const { t } = useTranslation()
  const entries = useList('shop.ledger.metal', { customerId, metal })
  return (
    <Table
      label={t('shop.screen.ledger.metal')}
      {...entries}
      rowKey={({ n }) => String(n)}
      empty={<Empty title={t('shop.screen.ledger.none')} />}
      columns={[
        { key: 'at', title: t('shop.screen.when'), cell: ({ createdAt }) => <When at={createdAt} /> },
        {
          key: 'kind',
          title: t('shop.screen.what'),
          cell: ({ kind, note }) => (
            <>
              {t(`shop.screen.entry.${kind}`)} {note && <Name>{note}</Name>}
            </>
          ),
        },
        { key: 'by', title: t('shop.screen.by'), cell: ({ byName }) => <Name>{byName}</Name> },
        { key: 'fine', title: t('shop.screen.fine'), number: true, cell: ({ fineMg }) => <Weight mg={fineMg} /> },
        {
          key: 'balance',
          title: t('shop.screen.balance'),
          number: true,
          cell: ({ balanceMg }) => <Weight mg={balanceMg} />,
        },
      ]}
    />
  )
}
