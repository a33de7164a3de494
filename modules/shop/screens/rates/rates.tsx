import { Amount, Button, Card, Empty, Name, Page, Table, Tabs, To, useChosen, useLacking, When } from '#web'
import { useTranslation } from 'react-i18next'
import { Alloy } from '../alloy.tsx'
import { useCurrency, useLook } from '../operations.ts'
import { History } from './history.tsx'
import { SetRate } from './set-rate.tsx'

/** What a gram costs today, and what it cost before. */
export function Rates() {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { chosen, choose } = useChosen(['tab', 'set'])
  const set = (
    <Button look="main" lacking={lacking('shop.rate.set')} onClick={() => choose({ set: '1' })}>
      {t('shop.screen.rates.set')}
    </Button>
  )
  return (
    <Page title={t('screen.shop-rates')} action={set}>
      <Tabs
        label={t('screen.shop-rates')}
        chosen={chosen.tab ?? 'board'}
        choose={(tab) => choose({ tab: tab === 'board' ? undefined : tab })}
        tabs={[
          { key: 'board', title: t('shop.screen.rates.board'), panel: <Board /> },
          { key: 'history', title: t('shop.screen.rates.history'), panel: <History /> },
        ]}
      />
      {chosen.set && <SetRate close={() => choose({ set: undefined })} />}
    </Page>
  )
}

function Board() {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { choose } = useChosen(['tab', 'metal', 'purity'])
  const currency = useCurrency()
  const board = useLook('shop.rate.current', currency ? { currency } : undefined)
  return (
    <Card>
      <Table
        label={t('shop.screen.rates.board')}
        rows={currency === null ? [] : board.data}
        problem={board.error}
        retry={board.refetch}
        rowKey={({ id }) => id}
        empty={<Empty title={t('shop.screen.rates.none')}>{t('shop.screen.rates.none.why')}</Empty>}
        columns={[
          { key: 'of', title: t('shop.screen.metal'), cell: (rate) => <Alloy {...rate} /> },
          {
            key: 'rate',
            title: t('shop.screen.rates.gram'),
            number: true,
            cell: ({ rateMinor, currency: of }) => <Amount minor={rateMinor} currency={of} />,
          },
          { key: 'at', title: t('shop.screen.rates.since'), cell: ({ effectiveAt }) => <When at={effectiveAt} /> },
          { key: 'source', title: t('shop.screen.rates.source'), cell: ({ source }) => <Name>{source}</Name> },
          {
            key: 'do',
            title: t('people.do'),
            cell: ({ id, metal, purity }) => (
              <span className="flex flex-wrap items-center gap-3">
                <Button look="quiet" onClick={() => choose({ tab: 'history', metal, purity: String(purity) })}>
                  {t('shop.screen.rates.history')}
                </Button>
                {lacking('audit.entry.list') === undefined && (
                  <To screen="audit" chosen={{ target: id }}>
                    {t('shop.screen.rates.who')}
                  </To>
                )}
              </span>
            ),
          },
        ]}
      />
    </Card>
  )
}
