import { useTranslation } from 'react-i18next'
import type { audit } from '../../../kernel/audit/module.ts'
import { Empty } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Code, Name, When } from '../../ui/text.tsx'
import { operationsOf } from '../operations.ts'
import { Card, Page } from '../shell/page.tsx'

const { useLook } = operationsOf<typeof audit>()

export function Audit() {
  const { t } = useTranslation()
  const entries = useLook('audit.entry.list', {})
  return (
    <Page title={t('screen.audit')}>
      <Card>
        <Table
          label={t('screen.audit')}
          rows={entries.data?.data}
          problem={entries.error}
          retry={entries.refetch}
          stale={entries.isPlaceholderData}
          rowKey={({ id }) => id}
          empty={<Empty title={t('audit.none')} />}
          columns={[
            { key: 'at', title: t('audit.at'), cell: ({ at }) => <When at={at} /> },
            { key: 'actor', title: t('audit.actor'), cell: ({ actorName }) => <Name>{actorName}</Name> },
            { key: 'action', title: t('audit.action'), cell: ({ action }) => <Code>{action}</Code> },
            { key: 'outcome', title: t('audit.outcome'), cell: ({ outcome }) => outcome },
          ]}
        />
      </Card>
    </Page>
  )
}
