import { Amount, Button, Card, Facts, Failed, Loading, Name, Page, Tabs, useChosen, useLacking, Weight } from '#web'
import { useTranslation } from 'react-i18next'
import { InvoiceTable } from '../invoices/table.tsx'
import { useLook } from '../operations.ts'
import { EditCustomer } from './form.tsx'
import { MetalLedger, MoneyLedger } from './ledgers.tsx'

/** One customer: how to reach them, what they owe and are owed, and how it came to that. */
export function Customer({ id }: { id: string }) {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { chosen, choose } = useChosen(['tab', 'edit', 'customer', 'metal'])
  const back = () => choose({ customer: undefined, tab: undefined, metal: undefined })
  const customer = useLook('shop.customer.get', { id })
  if (customer.error) return <Failed problem={customer.error} retry={customer.refetch} />
  if (!customer.data) return <Loading />
  const { name, phone, email, address, taxNumber, note } = customer.data
  const actions = (
    <>
      <Button onClick={back}>{t('shop.screen.back')}</Button>
      <Button look="main" lacking={lacking('shop.customer.update')} onClick={() => choose({ edit: '1' })}>
        {t('shop.screen.edit')}
      </Button>
    </>
  )
  return (
    <Page title={name} action={actions}>
      <Card>
        <div className="grid gap-6 p-5 md:grid-cols-2">
          <Facts
            facts={[
              [t('shop.screen.phone'), phone && <bdi dir="ltr">{phone}</bdi>],
              [t('shop.screen.email'), email && <bdi dir="ltr">{email}</bdi>],
              [t('shop.screen.address'), address && <Name>{address}</Name>],
              [t('shop.screen.taxNumber'), taxNumber && <bdi dir="ltr">{taxNumber}</bdi>],
              [t('shop.screen.note'), note && <Name>{note}</Name>],
            ]}
          />
          {lacking('shop.ledger.balance') === undefined && <Balance id={id} />}
        </div>
      </Card>
      <Tabs
        label={t('shop.screen.customers.kept')}
        chosen={chosen.tab ?? 'money'}
        choose={(tab) => choose({ tab: tab === 'money' ? undefined : tab })}
        tabs={[
          { key: 'money', title: t('shop.screen.ledger.money'), panel: <MoneyLedger customerId={id} /> },
          { key: 'metal', title: t('shop.screen.ledger.metal'), panel: <MetalLedger customerId={id} /> },
          { key: 'invoices', title: t('screen.shop-invoices'), panel: <InvoiceTable customerId={id} /> },
        ]}
      />
      {chosen.edit && <EditCustomer customer={customer.data} close={() => choose({ edit: undefined })} />}
    </Page>
  )
}

/** Above nothing the customer owes it, below nothing the shop does. */
function Balance({ id }: { id: string }) {
  const { t } = useTranslation()
  const { data, error, refetch } = useLook('shop.ledger.balance', { customerId: id })
  if (error) return <Failed problem={error} retry={refetch} />
  if (!data) return <Loading rows={2} />
  const open = [
    ...data.money.map(({ currency, balanceMinor }) => ({
      key: currency,
      side: sideOf(balanceMinor),
      value: <Amount minor={Math.abs(balanceMinor)} currency={currency} />,
    })),
    ...data.metal.map(({ metal, balanceMg }) => ({
      key: metal,
      side: sideOf(balanceMg),
      value: (
        <>
          <Weight mg={Math.abs(balanceMg)} /> {t('shop.screen.fine')} {t(`shop.screen.metal.${metal}`)}
        </>
      ),
    })),
  ].filter(({ side }) => side !== 'even')
  return (
    <section aria-label={t('shop.screen.balance')} className="flex flex-col gap-1">
      <h2 className="text-sm font-medium text-soft">{t('shop.screen.balance')}</h2>
      {open.length === 0 && <p className="text-lg font-medium">{t('shop.screen.balance.even')}</p>}
      {open.map(({ key, side, value }) => (
        <p key={key} className="text-lg font-medium">
          <span className={side === 'owes' ? 'text-bad' : 'text-good'}>{t(`shop.screen.balance.${side}`)}</span> {value}
        </p>
      ))}
    </section>
  )
}

const sideOf = (balance: number) => (balance > 0 ? 'owes' : balance < 0 ? 'has' : 'even')
