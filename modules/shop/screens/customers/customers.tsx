import { Button, Card, Empty, Name, NoMatch, Page, Search, Table, useChosen, useLacking, When } from '#web'
import { useTranslation } from 'react-i18next'
import { useList } from '../operations.ts'
import { Customer } from './customer.tsx'
import { NewCustomer } from './form.tsx'

/** Who buys here: by name or by phone, and the card of one of them. */
export function Customers() {
  const { chosen } = useChosen(['customer'])
  return chosen.customer ? <Customer id={chosen.customer} /> : <List />
}

function List() {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { chosen, choose, clear } = useChosen(['search', 'new', 'customer'])
  const customers = useList('shop.customer.list', { ...(chosen.search && { search: chosen.search.slice(0, MOST) }) })
  const add = (
    <Button look="main" lacking={lacking('shop.customer.create')} onClick={() => choose({ new: '1' })}>
      {t('shop.screen.customers.add')}
    </Button>
  )
  return (
    <Page title={t('screen.shop-customers')} action={add}>
      <Search
        key={chosen.search}
        label={t('shop.screen.customers.search')}
        start={chosen.search}
        find={(search) => choose({ search })}
      />
      <Card>
        <Table
          label={t('screen.shop-customers')}
          {...customers}
          rowKey={({ id }) => id}
          open={({ id }) => choose({ customer: id })}
          empty={
            chosen.search ? (
              <NoMatch clear={clear} />
            ) : (
              <Empty title={t('shop.screen.customers.none')} action={add}>
                {t('shop.screen.customers.none.why')}
              </Empty>
            )
          }
          columns={[
            {
              key: 'name',
              title: t('shop.screen.name'),
              cell: ({ id, name }) => (
                <button type="button" className="text-start hover:underline" onClick={() => choose({ customer: id })}>
                  <Name>{name}</Name>
                </button>
              ),
            },
            { key: 'phone', title: t('shop.screen.phone'), cell: ({ phone }) => <bdi dir="ltr">{phone ?? '–'}</bdi> },
            { key: 'email', title: t('shop.screen.email'), cell: ({ email }) => <bdi dir="ltr">{email ?? '–'}</bdi> },
            { key: 'since', title: t('shop.screen.since'), cell: ({ createdAt }) => <When at={createdAt} /> },
          ]}
        />
      </Card>
      {chosen.new && <NewCustomer close={() => choose({ new: undefined })} />}
    </Page>
  )
}

/** As long as the server looks. */
const MOST = 60
