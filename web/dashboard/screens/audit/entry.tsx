import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { z } from 'zod'
import type { get } from '../../../../kernel/audit/entry.ts'
import type { audit } from '../../../../kernel/audit/module.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { Failed, Loading } from '../../../ui/states.tsx'
import { Code, Copied, Name, When } from '../../../ui/text.tsx'
import { useNamed } from '../../named.ts'
import { operationsOf } from '../../operations.ts'

const { useLook } = operationsOf<typeof audit>()
type Whole = z.output<(typeof get)['output']>
type Choose = (changes: { entry?: string | undefined; actor?: string; target?: string }) => void

/** One entry: who, from where, what was asked, what changed field by field, and where it is sealed. */
export function Entry({ id, close, choose }: { id: string; close: () => void; choose: Choose }) {
  const { t } = useTranslation()
  const named = useNamed()
  const { data: entry, error, refetch } = useLook('audit.entry.get', { id })
  return (
    <Dialog close={close} title={entry ? named(entry.action) : t('state.loading')}>
      {error ? (
        <Failed problem={error} retry={refetch} />
      ) : entry ? (
        <Facts entry={entry} choose={choose} />
      ) : (
        <Loading />
      )}
      <div className="flex justify-end">
        <Button onClick={close}>{t('close')}</Button>
      </div>
    </Dialog>
  )
}

function Facts({ entry, choose }: { entry: Whole; choose: Choose }) {
  const { t } = useTranslation()
  const { target, actorId } = entry
  return (
    <>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
        <Line name={t('audit.at')}>
          <When at={entry.at} />
        </Line>
        <Line name={t('audit.actor')}>
          <Name>{entry.actorName ?? t('audit.erased')}</Name>
        </Line>
        <Line name={t('audit.action')}>
          <Code>{entry.action}</Code> <Outcome outcome={entry.outcome} />
        </Line>
        {target && (
          <Line name={t('audit.target')}>
            <Copied text={target} />
          </Line>
        )}
        <Line name={t('audit.from.address')}>
          <Code>{entry.address ?? '–'}</Code>
        </Line>
        <Line name={t('audit.program')}>
          <bdi dir="ltr" className="text-sm">
            {entry.userAgent ?? '–'}
          </bdi>
        </Line>
        <Line name={t('audit.request')}>
          <Copied text={entry.requestId} />
        </Line>
      </dl>
      <Changes changes={entry.changes} />
      <details>
        <summary className="cursor-pointer font-medium">{t('audit.input')}</summary>
        <pre dir="ltr" tabIndex={0} className="overflow-x-auto rounded bg-sunken p-3 text-start text-sm">
          {JSON.stringify(entry.input, null, 2)}
        </pre>
      </details>
      <p className="text-sm text-soft">
        {entry.sealed ? t('audit.sealed', numbers(entry.sealed)) : t('audit.unsealed')}
      </p>
      <div className="flex flex-wrap gap-2">
        {target && <Button onClick={() => choose({ target, entry: undefined })}>{t('audit.same.target')}</Button>}
        <Button onClick={() => choose({ actor: actorId, entry: undefined })}>{t('audit.same.actor')}</Button>
      </div>
    </>
  )
}

const numbers = ({ seq, index, size }: NonNullable<Whole['sealed']>) => ({ seq, index: index + 1, size: size ?? '–' })

const Line = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-soft">{name}</dt>
    <dd className="min-w-0">{children}</dd>
  </>
)

function Changes({ changes }: Pick<Whole, 'changes'>) {
  const { t } = useTranslation()
  if (changes.length === 0) return <p className="text-soft">{t('audit.changes.none')}</p>
  return (
    <div className="overflow-x-auto" tabIndex={0} role="region" aria-label={t('audit.changes')}>
      <table className="w-full text-sm">
        <caption className="pb-1 text-start font-medium">{t('audit.changes')}</caption>
        <thead>
          <tr className="text-soft">
            <th className="py-1 text-start font-medium">{t('audit.field')}</th>
            <th className="py-1 text-start font-medium">{t('audit.before')}</th>
            <th className="py-1 text-start font-medium">{t('audit.after')}</th>
          </tr>
        </thead>
        <tbody>
          {changes
            .filter(({ field }) => !KNOWN.includes(field))
            .map(({ of, id, field, before, after }) => (
              <tr key={`${of} ${id} ${field}`} className="border-t border-line align-top">
                <td className="py-1 pe-3">
                  <Code>{field}</Code>
                </td>
                <td className="py-1 pe-3 text-bad">{shown(before)}</td>
                <td className="py-1 text-good">{shown(after)}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  )
}

/** What every row has, and what stands above already. */
const KNOWN = ['id', 'workspace_id', 'created_at']

const shown = (value: unknown) => (
  <bdi className="break-all">
    {value === null || value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value)}
  </bdi>
)

/** A refusal by its code, which is the same in every language. */
export function Outcome({ outcome }: { outcome: string }) {
  const { t } = useTranslation()
  if (outcome === 'done') return <span className="text-good">{t('audit.outcome.done')}</span>
  return (
    <span className="text-bad">
      {t('audit.outcome.refused')} <Code>{outcome}</Code>
    </span>
  )
}
