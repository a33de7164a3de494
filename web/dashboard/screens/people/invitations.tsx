import { useTranslation } from 'react-i18next'
import type { identity } from '../../../../kernel/identity/module.ts'
import { Button } from '../../../ui/button.tsx'
import { Empty, Failed } from '../../../ui/states.tsx'
import { Table } from '../../../ui/table.tsx'
import { Name, When } from '../../../ui/text.tsx'
import { useMay } from '../../me.ts'
import { operationsOf } from '../../operations.ts'
import { Card } from '../../shell/page.tsx'
import { tell } from '../../shell/tell.ts'

const { useAct, useList } = operationsOf<typeof identity>()

export function Invitations() {
  const { t } = useTranslation()
  const may = useMay()
  const invitations = useList('identity.invitation.list', { pending: 'true' })
  const revoke = useAct('identity.invitation.revoke')
  const resend = useAct('identity.invitation.resend')
  const lacking = (permission: string) => (may(permission) ? undefined : t('state.lacking', { permission }))
  const problem = revoke.error ?? resend.error
  return (
    <Card>
      {problem && <Failed problem={problem} />}
      <Table
        label={t('people.invitations')}
        {...invitations}
        rowKey={({ id }) => id}
        empty={<Empty title={t('people.invitations.none')}>{t('people.invitations.why')}</Empty>}
        columns={[
          { key: 'email', title: t('people.email'), cell: ({ email }) => <bdi dir="ltr">{email}</bdi> },
          { key: 'roles', title: t('people.roles'), cell: ({ roles }) => <Name>{roles.join(', ')}</Name> },
          { key: 'by', title: t('people.inviter'), cell: ({ inviterName }) => <Name>{inviterName}</Name> },
          { key: 'until', title: t('people.until'), cell: ({ expiresAt }) => <When at={expiresAt} /> },
          {
            key: 'do',
            title: t('people.do'),
            cell: ({ id, email }) => (
              <span className="flex flex-wrap gap-2">
                <Button
                  busy={resend.isPending}
                  lacking={lacking('identity.invitation.resend')}
                  onClick={() => resend.mutate({ id }, { onSuccess: () => tell(t('people.invited', { email })) })}
                >
                  {t('people.resend')}
                </Button>
                <Button
                  busy={revoke.isPending}
                  lacking={lacking('identity.invitation.revoke')}
                  onClick={() => revoke.mutate({ id }, { onSuccess: () => tell(t('people.revoked')) })}
                >
                  {t('people.revoke')}
                </Button>
              </span>
            ),
          },
        ]}
      />
    </Card>
  )
}
