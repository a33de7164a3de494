import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { audit } from '../../../kernel/audit/module.ts'
import { Ask } from '../../ui/ask.tsx'
import { Button } from '../../ui/button.tsx'
import { Empty, NoMatch } from '../../ui/states.tsx'
import { TextField } from '../../ui/field.tsx'
import { Table } from '../../ui/table.tsx'
import { Code, Name, When } from '../../ui/text.tsx'
import { useChosen } from '../chosen.ts'
import { useMay } from '../me.ts'
import { operationsOf } from '../operations.ts'
import { Card, Page } from '../shell/page.tsx'

const { useAct, useList } = operationsOf<typeof audit>()
const STATES = ['open', 'acknowledged'] as const

/** What in the log deserves a look, until somebody has said what it was. */
export function Alerts() {
  const { t } = useTranslation()
  const may = useMay()
  const { chosen, choose, clear } = useChosen(['state', 'alert'])
  const state = STATES.find((one) => one === chosen.state)
  const alerts = useList('audit.alert.list', { ...(state && { state }) })
  const permission = 'audit.alert.acknowledge'
  const lacking = may(permission) ? undefined : t('state.lacking', { permission })
  return (
    <Page title={t('screen.alerts')}>
      <div className="no-print flex flex-wrap gap-2">
        {[undefined, ...STATES].map((one) => (
          <Button key={one ?? 'all'} look="quiet" aria-pressed={state === one} onClick={() => choose({ state: one })}>
            {t(`alerts.state.${one ?? 'all'}`)}
          </Button>
        ))}
      </div>
      <Card>
        <Table
          label={t('screen.alerts')}
          {...alerts}
          rowKey={({ id }) => id}
          empty={state ? <NoMatch clear={clear} /> : <Empty title={t('alerts.none')}>{t('alerts.none.why')}</Empty>}
          columns={[
            { key: 'at', title: t('audit.at'), cell: ({ to }) => <When at={to} /> },
            { key: 'rule', title: t('alerts.rule'), cell: ({ rule }) => t(`alert.${rule}`, { defaultValue: rule }) },
            { key: 'subject', title: t('alerts.subject'), cell: ({ subject }) => <Code>{subject}</Code> },
            { key: 'times', title: t('alerts.times'), number: true, cell: ({ times }) => times },
            {
              key: 'note',
              title: t('alerts.note'),
              cell: ({ id, acknowledgedAt, note }) =>
                acknowledgedAt ? (
                  <Name>{note}</Name>
                ) : (
                  <Button lacking={lacking} onClick={() => choose({ alert: id })}>
                    {t('alerts.acknowledge')}
                  </Button>
                ),
            },
          ]}
        />
      </Card>
      {chosen.alert && <Acknowledge id={chosen.alert} close={() => choose({ alert: undefined })} />}
    </Page>
  )
}

function Acknowledge({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation()
  const [note, setNote] = useState('')
  const { mutate, isPending, error } = useAct('audit.alert.acknowledge')
  const asked = { title: t('alerts.acknowledge'), press: t('alerts.acknowledge'), busy: isPending, problem: error }
  return (
    <Ask {...asked} close={close} send={() => mutate({ id, note }, { onSuccess: close })}>
      <TextField label={t('alerts.what')} value={note} onChange={({ target }) => setNote(target.value)} required />
    </Ask>
  )
}
