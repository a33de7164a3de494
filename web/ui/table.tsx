import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Problem } from '../dashboard/problem.ts'
import { Button } from './button.tsx'
import { Failed, Loading } from './states.tsx'

export type Column<Row> = {
  key: string
  title: string
  cell: (row: Row) => ReactNode
  /** Numbers stand at the end, in digits of one width. */
  number?: boolean
}

type Given<Row> = {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[] | undefined
  rowKey: (row: Row) => string
  problem?: Problem | null | undefined
  retry?: () => unknown
  /** Shown where there is no row: nothing there yet, or nothing that fits. */
  empty: ReactNode
  /** What was answered belongs to the question before; it stays, dimmed. */
  stale?: boolean
  more?: { has: boolean; busy: boolean; next: () => void }
  open?: (row: Row) => void
}

/** Rows on a wide screen, cards with the same order on a narrow one. */
export function Table<Row>({ label, columns, rows, rowKey, problem, retry, empty, stale, more, open }: Given<Row>) {
  const { t } = useTranslation()
  if (problem) return <Failed problem={problem} retry={retry} />
  if (!rows) return <Loading />
  if (rows.length === 0) return <>{empty}</>
  return (
    <div className={`overflow-x-auto ${stale ? 'opacity-60' : ''}`} tabIndex={0} role="region" aria-label={label}>
      <table className="w-full border-collapse text-start max-md:block">
        <thead className="max-md:sr-only">
          <tr>
            {columns.map(({ key, title, number }) => (
              <th key={key} scope="col" className={`${HEAD} ${number ? 'text-end' : 'text-start'}`}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="max-md:block">
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              className={`${ROW} ${open ? 'cursor-pointer hover:bg-sunken' : ''}`}
              onClick={open && ((event) => isPlain(event) && open(row))}
            >
              {columns.map(({ key, title, cell, number }) => (
                <td key={key} className={`${CELL} ${number ? 'md:text-end tabular-nums' : ''}`}>
                  <span className="text-sm text-soft md:hidden">{title}</span>
                  <span className="min-w-0">{cell(row)}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {more?.has && (
        <div className="flex justify-center p-4">
          <Button busy={more.busy} onClick={more.next}>
            {t('list.more')}
          </Button>
        </div>
      )}
    </div>
  )
}

/** A press on something inside of the row is meant for that. */
const isPlain = ({ target }: { target: EventTarget }) => !(target as Element).closest('a, button, input, select, label')

const ROW = 'border-t border-line max-md:block max-md:py-3'
const HEAD = 'px-4 py-2 text-sm font-medium text-soft whitespace-nowrap'
const CELL = 'px-4 py-2.5 align-top max-md:flex max-md:justify-between max-md:gap-4 max-md:py-1'
