import { Amount, Card, Empty, Name, NoMatch, SelectField, Table, TextField, useChosen, When } from '#web'
import { useTranslation } from 'react-i18next'
import { Alloy, metalOf, METALS } from '../alloy.tsx'
import { useList } from '../operations.ts'

/** Every rate that was set, the last one first; none is ever changed. */
export function History() {
  const { t } = useTranslation()
  const { chosen, choose } = useChosen(['metal', 'purity'])
  const metal = metalOf(chosen.metal)
  const purity = chosen.purity && /^[1-9]\d{0,3}$/.test(chosen.purity) ? chosen.purity : undefined
  const rates = useList('shop.rate.list', { ...(metal && { metal }), ...(purity && { purity }) })
  const clear = () => choose({ metal: undefined, purity: undefined })
  return (
    <Card>
      <div className="no-print grid gap-3 p-4 sm:grid-cols-3">
        <SelectField
          label={t('shop.screen.metal')}
          value={metal ?? ''}
          onChange={({ target }) => choose({ metal: target.value })}
        >
          <option value="">{t('shop.screen.all')}</option>
          {METALS.map((one) => (
            <option key={one} value={one}>
              {t(`shop.screen.metal.${one}`)}
            </option>
          ))}
        </SelectField>
        <TextField
          key={purity ?? ''}
          label={t('shop.screen.purity')}
          dir="ltr"
          inputMode="numeric"
          defaultValue={purity}
          onBlur={({ target }) => choose({ purity: target.value.trim() })}
        />
      </div>
      <Table
        label={t('shop.screen.rates.history')}
        {...rates}
        rowKey={({ id }) => id}
        empty={metal || purity ? <NoMatch clear={clear} /> : <Empty title={t('shop.screen.rates.none')} />}
        columns={[
          { key: 'of', title: t('shop.screen.metal'), cell: (rate) => <Alloy {...rate} /> },
          {
            key: 'rate',
            title: t('shop.screen.rates.gram'),
            number: true,
            cell: ({ rateMinor, currency }) => <Amount minor={rateMinor} currency={currency} />,
          },
          { key: 'at', title: t('shop.screen.rates.since'), cell: ({ effectiveAt }) => <When at={effectiveAt} /> },
          { key: 'source', title: t('shop.screen.rates.source'), cell: ({ source }) => <Name>{source}</Name> },
        ]}
      />
    </Card>
  )
}
