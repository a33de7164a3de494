import { useTranslation } from 'react-i18next'
import type { audit } from '../../../../kernel/audit/module.ts'
import { Button } from '../../../ui/button.tsx'
import { Empty, Failed, NoMatch } from '../../../ui/states.tsx'
import { Table } from '../../../ui/table.tsx'
import { Name, When } from '../../../ui/text.tsx'
import { useChosen } from '../../chosen.ts'
import { useFile } from '../../file.ts'
import { useMay } from '../../me.ts'
import { useNamed } from '../../named.ts'
import { operationsOf } from '../../operations.ts'
import { Card, Page } from '../../shell/page.tsx'
import { Entry, Outcome } from './entry.tsx'
import { FILTERS, Filters } from './filters.tsx'

const { useList } = operationsOf<typeof audit>()

/** What was done and refused here: what is asked for stands in the address, and a file of it holds exactly that. */
export function Audit() {
  const { t } = useTranslation()
  const named = useNamed()
  const { chosen, choose, clear } = useChosen([...FILTERS, 'entry'])
  const { entry, ...filter } = chosen
  const entries = useList('audit.entry.list', filter as object)
  const isNarrowed = Object.keys(filter).length > 0
  return (
    <Page title={t('screen.audit')} action={<Exports filter={filter} />}>
      <p className="text-soft">{t('audit.reading')}</p>
      <p className="text-soft">
        {t('audit.verify')} <code dir="ltr">vouchsafe audit verify FILE</code> ·{' '}
        <a href="/audit/verifier.mjs" className="underline">
          {t('audit.verifier')}
        </a>
      </p>
      <Filters chosen={filter} choose={choose} clear={clear} />
      <Card>
        <Table
          label={t('screen.audit')}
          {...entries}
          rowKey={({ id }) => id}
          open={({ id }) => choose({ entry: id })}
          empty={isNarrowed ? <NoMatch clear={clear} /> : <Empty title={t('audit.none')} />}
          columns={[
            { key: 'at', title: t('audit.at'), cell: ({ at }) => <When at={at} /> },
            {
              key: 'actor',
              title: t('audit.actor'),
              cell: ({ actorName }) => <Name>{actorName ?? t('audit.erased')}</Name>,
            },
            {
              key: 'action',
              title: t('audit.action'),
              cell: ({ id, action }) => (
                <button type="button" className="text-start hover:underline" onClick={() => choose({ entry: id })}>
                  {named(action)}
                </button>
              ),
            },
            { key: 'outcome', title: t('audit.outcome'), cell: ({ outcome }) => <Outcome outcome={outcome} /> },
          ]}
        />
      </Card>
      {entry && <Entry id={entry} close={() => choose({ entry: undefined })} choose={choose} />}
    </Page>
  )
}

function Exports({ filter }: { filter: object }) {
  const { t } = useTranslation()
  const may = useMay()('audit.entry.export')
  const lacking = may ? undefined : t('state.lacking', { permission: 'audit.entry.export' })
  const file = useFile('audit.entry.export')
  const mayProve = useMay()('audit.log.export')
  const proven = useFile('audit.log.export')
  return (
    <>
      {(['csv', 'jsonl'] as const).map((format) => (
        <Button key={format} lacking={lacking} busy={file.isPending} onClick={() => file.mutate({ ...filter, format })}>
          {t(`audit.export.${format}`)}
        </Button>
      ))}
      <Button
        lacking={mayProve ? undefined : t('state.lacking', { permission: 'audit.log.export' })}
        busy={proven.isPending}
        onClick={() => proven.mutate({})}
      >
        {t('audit.proven')}
      </Button>
      {file.error && <Failed problem={file.error} />}
      {proven.error && <Failed problem={proven.error} />}
    </>
  )
}
