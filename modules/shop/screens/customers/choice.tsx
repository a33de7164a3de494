import { Button, Card, Failed, Loading, Name, Search, useChosen } from '#web'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLook } from '../operations.ts'

/** Which customer: whoever was chosen stands in the address, so that a card can lead here. */
export function CustomerChoice() {
  const { t } = useTranslation()
  const { chosen, choose } = useChosen(['customer'])
  return (
    <Card>
      <div className="flex flex-col gap-4 p-5">
        <h2 className="text-lg font-semibold">{t('shop.screen.customer')}</h2>
        {chosen.customer ? (
          <Chosen id={chosen.customer} change={() => choose({ customer: undefined })} />
        ) : (
          <Find choose={(customer) => choose({ customer })} />
        )}
      </div>
    </Card>
  )
}

function Chosen({ id, change }: { id: string; change: () => void }) {
  const { t } = useTranslation()
  const { data, error, refetch } = useLook('shop.customer.get', { id })
  if (error) return <Failed problem={error} retry={refetch} />
  if (!data) return <Loading rows={1} />
  return (
    <p className="flex flex-wrap items-center gap-4">
      <strong>
        <Name>{data.name}</Name>
      </strong>
      {data.phone && <bdi dir="ltr">{data.phone}</bdi>}
      <Button onClick={change}>{t('shop.screen.customers.other')}</Button>
    </p>
  )
}

const SHOWN = 10

function Find({ choose }: { choose: (id: string) => void }) {
  const { t } = useTranslation()
  const [search, setSearch] = useState('')
  const found = useLook('shop.customer.list', { limit: SHOWN, ...(search && { search }) })
  return (
    <>
      <Search label={t('shop.screen.customers.search')} find={setSearch} />
      {found.error && <Failed problem={found.error} retry={found.refetch} />}
      {found.data?.data.length === 0 && <p>{t('state.noMatch')}</p>}
      <ul className="grid gap-2 sm:grid-cols-2">
        {found.data?.data.map(({ id, name, phone }) => (
          <li key={id}>
            <button type="button" className={FOUND} onClick={() => choose(id)}>
              <Name>{name}</Name>
              {phone && (
                <bdi dir="ltr" className="text-soft">
                  {phone}
                </bdi>
              )}
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

const FOUND =
  'flex min-h-9 w-full flex-wrap justify-between gap-x-4 rounded-md border border-line px-3 py-1.5 hover:bg-sunken'
