import { useTranslation } from 'react-i18next'
import type { identity } from '../../../kernel/identity/module.ts'
import { Empty } from '../../ui/states.tsx'
import { Table } from '../../ui/table.tsx'
import { Name, When } from '../../ui/text.tsx'
import { operationsOf } from '../operations.ts'
import { Card, Page } from '../shell/page.tsx'

const { useLook } = operationsOf<typeof identity>()

export function People() {
  const { t } = useTranslation()
  const members = useLook('identity.member.list', {})
  return (
    <Page title={t('screen.people')}>
      <Card>
        <Table
          label={t('screen.people')}
          rows={members.data?.data}
          problem={members.error}
          retry={members.refetch}
          stale={members.isPlaceholderData}
          rowKey={({ id }) => id}
          empty={<Empty title={t('people.none')} />}
          columns={[
            { key: 'name', title: t('people.name'), cell: ({ name }) => <Name>{name}</Name> },
            { key: 'email', title: t('people.email'), cell: ({ email }) => <bdi dir="ltr">{email}</bdi> },
            { key: 'roles', title: t('people.roles'), cell: ({ roles }) => <Name>{roles.join(', ')}</Name> },
            { key: 'factor', title: t('people.factor'), cell: ({ hasFactor }) => t(hasFactor ? 'yes' : 'no') },
            { key: 'since', title: t('people.since'), cell: ({ createdAt }) => <When at={createdAt} /> },
          ]}
        />
      </Card>
    </Page>
  )
}
