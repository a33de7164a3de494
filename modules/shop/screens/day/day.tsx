import { Button, Card, Empty, Name, Page, Table, useChosen, useLacking } from '#web'
import { useTranslation } from 'react-i18next'
import { useLook } from '../operations.ts'
import { DayBook } from './daybook.tsx'
import { CloseTill, OpenTill } from './till.tsx'

/** The counters whose day is open, and what happened on a day. */
export function Day() {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { chosen, choose } = useChosen(['ask', 'till'])
  const close = () => choose({ ask: undefined, till: undefined })
  const open = (
    <Button look="main" lacking={lacking('shop.till.open')} onClick={() => choose({ ask: 'open' })}>
      {t('shop.screen.till.open')}
    </Button>
  )
  return (
    <Page title={t('screen.shop-day')} action={open}>
      <Card>
        <h2 className="p-4 pb-0 text-lg font-semibold">{t('shop.screen.till')}</h2>
        <Drawers />
      </Card>
      <DayBook />
      {chosen.ask === 'open' && <OpenTill close={close} />}
      {chosen.till && <CloseTill id={chosen.till} close={close} />}
    </Page>
  )
}

function Drawers() {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { choose } = useChosen(['till'])
  const open = useLook('shop.till.current', {})
  return (
    <Table
      label={t('shop.screen.till')}
      rows={open.data}
      problem={open.error}
      retry={open.refetch}
      rowKey={({ id }) => id}
      empty={<Empty title={t('shop.screen.till.none')}>{t('shop.screen.till.none.why')}</Empty>}
      columns={[
        { key: 'counter', title: t('shop.screen.counter'), cell: ({ counter }) => <bdi dir="ltr">{counter}</bdi> },
        { key: 'on', title: t('shop.screen.day'), cell: ({ openedOn }) => <bdi dir="ltr">{openedOn}</bdi> },
        { key: 'by', title: t('shop.screen.by'), cell: ({ openedBy }) => <Name>{openedBy}</Name> },
        {
          key: 'do',
          title: t('people.do'),
          cell: ({ id }) => (
            <Button lacking={lacking('shop.till.close')} onClick={() => choose({ till: id })}>
              {t('shop.screen.till.close')}
            </Button>
          ),
        },
      ]}
    />
  )
}
