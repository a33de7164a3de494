import { Button, Card, Empty, Failed, NotAllowed, Table, TextField, useChosen, useFile, useLacking } from '#web'
import { useTranslation } from 'react-i18next'
import { useList } from '../operations.ts'
import { useColumns } from '../reports/columns.tsx'
import { today } from './today.ts'

/** Papers and payments of one day, on the screen and as a file. */
export function DayBook() {
  const { t } = useTranslation()
  const lacking = useLacking()
  return (
    <Card>
      <h2 className="p-4 pb-0 text-lg font-semibold">{t('shop.screen.report.daybook')}</h2>
      {lacking('shop.daybook.list') ? <NotAllowed permission="shop.daybook.list" /> : <Book />}
    </Card>
  )
}

function Book() {
  const { t } = useTranslation()
  const lacking = useLacking()
  const { chosen, choose } = useChosen(['day'])
  const day = chosen.day ?? today()
  const period = { from: day, to: day }
  const rows = useList('shop.daybook.list', period)
  const file = useFile('shop.daybook.export')
  const columns = useColumns('daybook', '')
  return (
    <>
      <div className="no-print flex flex-wrap items-end justify-between gap-3 p-4">
        <TextField
          label={t('shop.screen.day')}
          type="date"
          value={day}
          onChange={({ target }) => target.value && choose({ day: target.value })}
        />
        <Button
          lacking={lacking('shop.daybook.export')}
          busy={file.isPending}
          onClick={() => file.mutate({ ...period, format: 'csv' })}
        >
          {t('shop.screen.csv')}
        </Button>
      </div>
      {file.error && <Failed problem={file.error} />}
      <Table
        label={t('shop.screen.report.daybook')}
        {...rows}
        rowKey={({ id }) => id}
        empty={<Empty title={t('shop.screen.report.none')} />}
        columns={columns}
      />
    </>
  )
}
