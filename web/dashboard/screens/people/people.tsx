import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { identity } from '../../../../kernel/identity/module.ts'
import { Button } from '../../../ui/button.tsx'
import { Empty, NoMatch } from '../../../ui/states.tsx'
import { Table } from '../../../ui/table.tsx'
import { Name, When } from '../../../ui/text.tsx'
import { useChosen } from '../../chosen.ts'
import { useMay } from '../../me.ts'
import { operationsOf } from '../../operations.ts'
import { Card, Page } from '../../shell/page.tsx'
import { Tabs } from '../../shell/tabs.tsx'
import { Invitations } from './invitations.tsx'
import { Invite } from './invite.tsx'
import { Member } from './member.tsx'

const { useList } = operationsOf<typeof identity>()

/** Who is in the workspace, and who is invited to it. */
export function People() {
  const { t } = useTranslation()
  const may = useMay()
  const [isInviting, setInviting] = useState(false)
  const { chosen, choose } = useChosen(['tab'])
  const lacking = may('identity.invitation.create')
    ? undefined
    : t('state.lacking', { permission: 'identity.invitation.create' })
  const invite = (
    <Button look="main" lacking={lacking} onClick={() => setInviting(true)}>
      {t('people.invite')}
    </Button>
  )
  return (
    <Page title={t('screen.people')} action={invite}>
      <Tabs
        label={t('screen.people')}
        chosen={chosen.tab ?? 'members'}
        choose={(tab) => choose({ tab: tab === 'members' ? undefined : tab })}
        tabs={[
          { key: 'members', title: t('people.members'), panel: <Members /> },
          { key: 'invitations', title: t('people.invitations'), panel: <Invitations /> },
        ]}
      />
      {isInviting && <Invite close={() => setInviting(false)} />}
    </Page>
  )
}

const STATES = ['active', 'disabled', 'removed'] as const

function Members() {
  const { t } = useTranslation()
  const { chosen, choose, clear } = useChosen(['state', 'member'])
  const state = STATES.find((one) => one === chosen.state)
  const members = useList('identity.member.list', { ...(state && { state }) })
  return (
    <Card>
      <div className="no-print flex flex-wrap gap-2 p-3">
        {[undefined, ...STATES].map((one) => (
          <Button key={one ?? 'all'} look="quiet" aria-pressed={state === one} onClick={() => choose({ state: one })}>
            {t(`people.state.${one ?? 'all'}`)}
          </Button>
        ))}
      </div>
      <Table
        label={t('people.members')}
        {...members}
        rowKey={({ id }) => id}
        open={({ id }) => choose({ member: id })}
        empty={state ? <NoMatch clear={clear} /> : <Empty title={t('people.none')} />}
        columns={[
          {
            key: 'name',
            title: t('people.name'),
            cell: ({ id, name }) => (
              <button type="button" className="text-start hover:underline" onClick={() => choose({ member: id })}>
                <Name>{name}</Name>
              </button>
            ),
          },
          { key: 'email', title: t('people.email'), cell: ({ email }) => <bdi dir="ltr">{email}</bdi> },
          { key: 'roles', title: t('people.roles'), cell: ({ roles }) => <Name>{roles.join(', ')}</Name> },
          { key: 'factor', title: t('people.factor'), cell: ({ hasFactor }) => t(hasFactor ? 'yes' : 'no') },
          { key: 'state', title: t('people.state'), cell: ({ state: now }) => t(`people.state.${now}`) },
          { key: 'since', title: t('people.since'), cell: ({ createdAt }) => <When at={createdAt} /> },
        ]}
      />
      {chosen.member && <Member id={chosen.member} close={() => choose({ member: undefined })} />}
    </Card>
  )
}
