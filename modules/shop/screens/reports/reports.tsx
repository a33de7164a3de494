import {
  Button,
  Card,
  Empty,
  Failed,
  Loading,
  NotAllowed,
  Page,
  SelectField,
  Table,
  TextField,
  useChosen,
  useFile,
  useLacking,
} from '#web'
import { useTranslation } from 'react-i18next'
import { today } from '../day/today.ts'
import { useCurrency, useList } from '../operations.ts'
import { REPORTS, useColumns } from './columns.tsx'
import type { Report } from './columns.tsx'

const NAMES = Object.keys(REPORTS) as Report[]

/** One report at a time: which, and of which days, stands in the address; the file holds exactly what is shown. */
export function Reports() {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { chosen, choose } = useChosen(['report', 'from', 'to'])
  const report = NAMES.find((one) => one === chosen.report) ?? 'sales'
  const hasPeriod = (REPORTS[report].asks as readonly string[]).includes('period')
  const period = { from: chosen.from ?? `${today().slice(0, 8)}01`, to: chosen.to ?? today() }
  const isAllowed = lacking(`shop.${report}.list`) === undefined
  return (
    <Page title={t('screen.shop-reports')}>
      <div className="no-print flex flex-wrap items-end gap-4">
        <SelectField
          label={t('shop.screen.report')}
          value={report}
          onChange={({ target }) => choose({ report: target.value })}
        >
          {NAMES.map((one) => (
            <option key={one} value={one}>
              {t(`shop.screen.report.${one}`)}
            </option>
          ))}
        </SelectField>
        {hasPeriod &&
          (['from', 'to'] as const).map((end) => (
            <TextField
              key={end}
              label={t(`shop.screen.${end}`)}
              type="date"
              value={period[end]}
              onChange={({ target }) => target.value && choose({ [end]: target.value })}
            />
          ))}
      </div>
      {isAllowed ? (
        <Shown key={report} report={report} period={hasPeriod ? period : {}} />
      ) : (
        <NotAllowed permission={`shop.${report}.list`} />
      )}
    </Page>
  )
}

function Shown({ report, period }: { report: Report; period: object }) {
  const { t } = useTranslation()
  const currency = useCurrency()
  const needsCurrency = (REPORTS[report].asks as readonly string[]).includes('currency')
  if (needsCurrency && currency === undefined) return <Loading />
  if (needsCurrency && currency === null) return <Empty title={t('shop.screen.report.none')} />
  const asked = { ...period, ...(needsCurrency && { currency }) }
  return <Rows report={report} asked={asked} currency={currency ?? ''} />
}

function Rows({ report, asked, currency }: { report: Report; asked: object; currency: string }) {
  const { t } = useTranslation()
  const lacking = useLacking()
  const file = useFile(`shop.${report}.export`)
  const rows = useList(`shop.${report}.list`, asked as never)
  const columns = useColumns(report, currency)
  return (
    <Card>
      <div className="no-print flex justify-end gap-2 p-4">
        <Button
          lacking={lacking(`shop.${report}.export`)}
          busy={file.isPending}
          onClick={() => file.mutate({ ...asked, format: 'csv' })}
        >
          {t('shop.screen.csv')}
        </Button>
        <Button onClick={() => print()}>{t('shop.screen.print')}</Button>
      </div>
      {file.error && <Failed problem={file.error} />}
      <Table
        label={t(`shop.screen.report.${report}`)}
        {...rows}
        rows={rows.rows as readonly Readonly<Record<string, unknown>>[] | undefined}
        rowKey={(row) => JSON.stringify(row)}
        empty={<Empty title={t('shop.screen.report.none')} />}
        columns={columns}
      />
    </Card>
  )
}
