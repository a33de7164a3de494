import {
  Button,
  Card,
  Failed,
  Loading,
  MoneyField,
  NumberField,
  Page,
  SelectField,
  tell,
  TextField,
  typedIn,
  useLacking,
} from '#web'
import type { FormEvent } from 'react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { z } from 'zod'
import type { current } from '../../setting.ts'
import { CurrencyField } from '../alloy.tsx'
import { today } from '../day/today.ts'
import { useAct, useLook, useMissing } from '../operations.ts'
import { Taxes } from './taxes.tsx'

type Setting = z.output<(typeof current)['output']>
type Filled = Readonly<Record<string, string>>

/** What stands on every paper, how the shop rounds and taxes: settled from a day on, and never changed behind it. */
export function Settled() {
  const { t } = useTranslation()
  const setting = useLook('shop.setting.current', {})
  const isUnsettled = useMissing(setting.error)
  return (
    <Page title={t('screen.shop-settled')}>
      {setting.error && !isUnsettled ? (
        <Failed problem={setting.error} retry={setting.refetch} />
      ) : setting.data || isUnsettled ? (
        <Form setting={setting.data} />
      ) : (
        <Loading />
      )}
      <Taxes />
    </Page>
  )
}

function Form({ setting }: { setting: Setting | undefined }) {
  const { t } = useTranslation()
  const lacking = useLacking()
  const [currency, setCurrency] = useState(setting?.currency ?? '')
  const { mutate, isPending, error } = useAct('shop.setting.set')
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    mutate(settingOf(typedIn(event.currentTarget)), { onSuccess: () => tell(t('shop.screen.saved')) })
  }
  return (
    <Card>
      <form className="flex flex-col gap-4 p-5" onSubmit={send}>
        <h2 className="text-lg font-semibold">{t('shop.screen.settled.paper')}</h2>
        <div className="grid items-start gap-4 sm:grid-cols-2">
          <TextField label={t('shop.screen.settled.name')} name="name" defaultValue={setting?.name} required />
          <TextField label={t('shop.screen.address')} name="address" defaultValue={setting?.address} required />
          <TextField
            label={t('shop.screen.taxNumber')}
            name="taxNumber"
            dir="ltr"
            maxLength={32}
            defaultValue={setting?.taxNumber ?? ''}
          />
          <CurrencyField start={setting?.currency} changed={setCurrency} />
          <Ways setting={setting} currency={currency} />
          <TextField
            label={t('shop.screen.effectiveOn')}
            name="effectiveOn"
            type="date"
            defaultValue={today()}
            required
          />
        </div>
        {error && <Failed problem={error} />}
        <div>
          <Button look="main" type="submit" busy={isPending} lacking={lacking('shop.setting.set')}>
            {t('shop.screen.save')}
          </Button>
        </div>
      </form>
    </Card>
  )
}

const MONTHS = 12

function Ways({ setting, currency }: { setting: Setting | undefined; currency: string }) {
  const { t, i18n } = useTranslation()
  const month = new Intl.DateTimeFormat(i18n.language === 'ar' ? 'ar-u-ca-gregory' : 'en', { month: 'long' })
  return (
    <>
      <SelectField
        label={t('shop.screen.settled.year')}
        name="yearStartsIn"
        defaultValue={String(setting?.yearStartsIn ?? 1)}
      >
        {Array.from({ length: MONTHS }, (_, at) => (
          <option key={at} value={at + 1}>
            {month.format(new Date(2026, at, 1))}
          </option>
        ))}
      </SelectField>
      <MoneyField
        key={currency}
        label={t('shop.screen.settled.round')}
        hint={t('shop.screen.settled.round.hint')}
        currency={currency}
        name="roundOffMinor"
        start={setting?.roundOffMinor ?? 1}
        least={1}
        required
      />
      <SelectField
        label={t('shop.screen.settled.prices')}
        name="pricesIncludeTax"
        defaultValue={setting?.pricesIncludeTax ? 'yes' : 'no'}
      >
        <option value="no">{t('shop.screen.settled.prices.without')}</option>
        <option value="yes">{t('shop.screen.settled.prices.with')}</option>
      </SelectField>
      <NumberField
        label={t('shop.screen.settled.limit')}
        hint={t('shop.screen.settled.limit.hint')}
        digits={1}
        most={1_000}
        name="discountLimitPerMille"
        start={setting?.discountLimitPerMille}
      />
      <NumberField
        label={t('shop.screen.settled.estimate')}
        least={1}
        most={365}
        name="estimateDays"
        start={setting?.estimateDays ?? USUAL_days}
        required
      />
    </>
  )
}

const USUAL_days = 7

const settingOf = (filled: Filled) => ({
  effectiveOn: filled['effectiveOn'] ?? today(),
  name: filled['name'] ?? '',
  address: filled['address'] ?? '',
  taxNumber: filled['taxNumber']?.trim() || null,
  currency: filled['currency'] ?? '',
  yearStartsIn: Number(filled['yearStartsIn']),
  roundOffMinor: Number(filled['roundOffMinor']),
  pricesIncludeTax: filled['pricesIncludeTax'] === 'yes',
  discountLimitPerMille: filled['discountLimitPerMille'] ? Number(filled['discountLimitPerMille']) : null,
  estimateDays: Number(filled['estimateDays']),
})
