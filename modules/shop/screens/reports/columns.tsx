import type { Column } from '#web'
import { Amount, Name, Percent, Weight } from '#web'
import { useTranslation } from 'react-i18next'

type Row = Readonly<Record<string, unknown>>
type Kind = 'day' | 'name' | 'code' | 'money' | 'weight' | 'count' | 'share' | 'metal' | 'word' | 'age'

/** Of each report: what it asks for, and which columns it has, in the order in which they are read. */
export const REPORTS = {
  sales: {
    asks: ['period', 'currency'],
    columns: {
      metal: 'metal',
      purity: 'count',
      description: 'name',
      lines: 'count',
      weightMg: 'weight',
      discountMinor: 'money',
      taxableMinor: 'money',
    },
  },
  staff: {
    asks: ['period', 'currency'],
    columns: { byName: 'name', papers: 'count', totalMinor: 'money', concededMinor: 'money' },
  },
  stock: {
    asks: [],
    columns: {
      metal: 'metal',
      purity: 'count',
      fromDays: 'age',
      pieces: 'count',
      grossMg: 'weight',
      netMg: 'weight',
      fineMg: 'weight',
    },
  },
  metalbalance: { asks: [], columns: { metal: 'metal', what: 'word', fineMg: 'weight' } },
  outstanding: {
    asks: [],
    columns: {
      issuedOn: 'day',
      number: 'code',
      customerName: 'name',
      totalMinor: 'money',
      dueMinor: 'money',
      days: 'count',
    },
  },
  ageing: {
    asks: ['currency'],
    columns: {
      customerName: 'name',
      upTo30Minor: 'money',
      upTo60Minor: 'money',
      upTo90Minor: 'money',
      olderMinor: 'money',
      dueMinor: 'money',
    },
  },
  advances: {
    asks: [],
    columns: { paidOn: 'day', number: 'code', customerName: 'name', totalMinor: 'money', leftMinor: 'money' },
  },
  taxes: {
    asks: ['period', 'currency'],
    columns: {
      kind: 'word',
      place: 'word',
      component: 'word',
      name: 'name',
      code: 'code',
      perMillion: 'share',
      lines: 'count',
      taxableMinor: 'money',
      taxMinor: 'money',
    },
  },
  overrides: {
    asks: ['period'],
    columns: { day: 'day', what: 'word', number: 'code', amountMinor: 'money', reason: 'name', byName: 'name' },
  },
  daybook: {
    asks: ['period'],
    columns: {
      day: 'day',
      what: 'word',
      number: 'code',
      customerName: 'name',
      amountMinor: 'money',
      status: 'word',
      byName: 'name',
    },
  },
} as const satisfies Record<string, { asks: readonly ('period' | 'currency')[]; columns: Record<string, Kind> }>

export type Report = keyof typeof REPORTS

/** Money is in the row's own currency, or in the one that was asked for. */
export function useColumns(report: Report, currency: string): Column<Row>[] {
  const { t } = useTranslation()
  const kinds: Readonly<Record<string, Kind>> = REPORTS[report].columns
  const numbers: readonly Kind[] = ['money', 'weight', 'count', 'share']
  return Object.entries(kinds).map(([key, kind]) => ({
    key,
    title: t(`shop.screen.column.${key}`),
    number: numbers.includes(kind),
    cell: (row) => <Cell kind={kind} value={row[key]} currency={textOf(row['currency']) || currency} />,
  }))
}

const textOf = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

function Cell({ kind, value, currency }: { kind: Kind; value: unknown; currency: string }) {
  const { t } = useTranslation()
  const text = textOf(value)
  if (text === '') return <span className="text-soft">–</span>
  if (kind === 'money') return <Amount minor={Number(value)} currency={currency} />
  if (kind === 'weight') return <Weight mg={Number(value)} />
  if (kind === 'share') return <Percent units={Number(value)} digits={4} />
  if (kind === 'name') return <Name>{text}</Name>
  if (kind === 'metal') return t(`shop.screen.metal.${text}`)
  if (kind === 'word') return t(`shop.screen.word.${text}`, { defaultValue: text })
  if (kind === 'age') return t('shop.screen.age', { count: Number(value) })
  return <bdi dir="ltr">{text}</bdi>
}
