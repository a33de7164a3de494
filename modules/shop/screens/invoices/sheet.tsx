import { Amount, Name, Percent, useMay, Weight } from '#web'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { z } from 'zod'
import type { WholePaper } from '../../papers/document.ts'
import { Alloy } from '../alloy.tsx'
import { useLook } from '../operations.ts'
import { dueOf, PaperNumber } from './number.tsx'

export type Paper = z.output<typeof WholePaper>

/** The invoice as it is handed over: on the screen and on paper the same, in the language of whoever reads. */
export function Sheet({ paper }: { paper: Paper }) {
  const { t } = useTranslation()
  return (
    <section
      aria-label={t('shop.screen.invoices.one')}
      className="flex flex-col gap-6 rounded-lg border border-line bg-raised p-6 print:border-0 print:p-0"
    >
      <Head paper={paper} />
      <Lines paper={paper} />
      <div className="flex flex-wrap items-start justify-between gap-8">
        <Taxes paper={paper} />
        <Totals paper={paper} />
      </div>
      {paper.note && (
        <p>
          <Name>{paper.note}</Name>
        </p>
      )}
      {paper.voidReason && (
        <p className="text-bad">
          {t('shop.screen.paper.void')} <bdi dir="ltr">{paper.voidedOn}</bdi>: <Name>{paper.voidReason}</Name>
        </p>
      )}
    </section>
  )
}

/** The shop as it called itself on that day. */
function Head({ paper }: { paper: Paper }) {
  const { t } = useTranslation()
  const may = useMay()
  const on = paper.issuedOn ? { on: paper.issuedOn } : {}
  const { data: shop } = useLook('shop.setting.current', may('shop.setting.current') ? on : undefined)
  return (
    <header className="flex flex-wrap items-start justify-between gap-6">
      <div>
        {shop && (
          <>
            <p className="text-lg font-semibold">
              <Name>{shop.name}</Name>
            </p>
            <p>
              <Name>{shop.address}</Name>
            </p>
            {shop.taxNumber && (
              <p>
                {t('shop.screen.taxNumber')} <bdi dir="ltr">{shop.taxNumber}</bdi>
              </p>
            )}
          </>
        )}
      </div>
      <div className="text-end">
        <h2 className="text-lg font-semibold">
          {t(paper.status === 'draft' ? 'shop.screen.paper.draft' : 'shop.screen.invoices.one')}{' '}
          {paper.status === 'void' && <strong className="text-bad">{t('shop.screen.paper.void')}</strong>}
        </h2>
        <p>
          <PaperNumber {...paper} />
        </p>
        <p>
          <bdi dir="ltr">{paper.issuedOn}</bdi>
        </p>
        <p>
          {t('shop.screen.customer')}: <Name>{paper.customerName}</Name>
        </p>
      </div>
    </header>
  )
}

function Lines({ paper: { lines, currency } }: { paper: Paper }) {
  const { t } = useTranslation()
  const money = (minor: number) => <Amount minor={minor} currency={currency} bare />
  const head = [
    'description',
    'weight',
    'rate',
    'metal.value',
    'making',
    'stones',
    'discount',
    'taxable',
    'tax',
    'total',
  ]
  return (
    <div
      className="overflow-x-auto print:overflow-visible"
      tabIndex={0}
      role="region"
      aria-label={t('shop.screen.lines')}
    >
      <table className="w-full text-sm print:text-[7.5pt]">
        <thead className="table-header-group border-b border-line">
          <tr>
            <th scope="col" className="p-1.5 text-start font-medium print:p-0.5">
              #
            </th>
            {head.map((key, at) => (
              <th
                key={key}
                scope="col"
                className={`p-1.5 font-medium print:p-0.5 ${at === 0 ? 'text-start' : 'text-end'}`}
              >
                {t(`shop.screen.${key}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Row key={line.id} line={line} money={money} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

type RowGiven = { line: Paper['lines'][number]; money: (minor: number) => ReactNode }

const Row = ({ line, money }: RowGiven) => (
  <tr className="break-inside-avoid border-b border-line align-top [&>td]:p-1.5 print:[&>td]:p-0.5">
    <td>{line.position}</td>
    <td>
      <Name>{line.description}</Name>
      <br />
      <span className="text-soft">
        <Alloy metal={line.metal} purity={line.purity} />
      </span>
    </td>
    <td className="text-end">
      <Weight mg={line.weightMg} />
    </td>
    <td className="text-end">{money(line.rateMinor)}</td>
    <td className="text-end">{money(line.metalMinor + line.wastageMinor)}</td>
    <td className="text-end">{money(line.makingMinor)}</td>
    <td className="text-end">{money(line.stonesMinor)}</td>
    <td className="text-end">{money(line.discountMinor)}</td>
    <td className="text-end">{money(line.taxableMinor)}</td>
    <td className="text-end">{money(line.taxMinor)}</td>
    <td className="text-end">{money(line.totalMinor)}</td>
  </tr>
)

/** Added up by what they are called and how much they take: the server said each of them line by line. */
function Taxes({ paper: { taxes, currency } }: { paper: Paper }) {
  const { t } = useTranslation()
  const sums = [...Map.groupBy(taxes, ({ name, code, perMillion }) => `${name} ${code} ${perMillion}`)]
  if (sums.length === 0) return <span />
  return (
    <table className="text-sm [&_td]:px-2 [&_td]:py-0.5">
      <caption className="pb-1 text-start font-medium">{t('shop.screen.taxes')}</caption>
      <tbody>
        {sums.map(([key, same]) => (
          <tr key={key}>
            <td>
              <Name>{same[0]!.name}</Name> {same[0]!.code && <bdi dir="ltr">{same[0]!.code}</bdi>}
            </td>
            <td className="text-end">
              <Percent units={same[0]!.perMillion} digits={4} />
            </td>
            <td className="text-end">
              <Amount minor={same.reduce((sum, { taxMinor }) => sum + taxMinor, 0)} currency={currency} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Totals({ paper }: { paper: Paper }) {
  const { t } = useTranslation()
  const { currency, taxableMinor, taxMinor, roundOffMinor, totalMinor, settledMinor, creditedMinor, status } = paper
  const row = (key: string, minor: number, strong = false): ReactNode => (
    <div className={`flex justify-between gap-10 ${strong ? 'border-t border-line pt-1 text-lg font-semibold' : ''}`}>
      <dt>{t(`shop.screen.${key}`)}</dt>
      <dd>
        <Amount minor={minor} currency={currency} />
      </dd>
    </div>
  )
  return (
    <dl className="ms-auto flex min-w-64 flex-col gap-1">
      {row('taxable', taxableMinor)}
      {row('tax', taxMinor)}
      {roundOffMinor !== 0 && row('roundOff', roundOffMinor)}
      {row('total', totalMinor, true)}
      {status === 'issued' && row('settled', settledMinor)}
      {creditedMinor > 0 && row('credited', creditedMinor)}
      {status === 'issued' && row('due', dueOf(paper), true)}
    </dl>
  )
}
