import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { identity } from '../../../../kernel/identity/module.ts'
import { Button } from '../../../ui/button.tsx'
import { Confirm } from '../../../ui/dialog.tsx'
import { Empty } from '../../../ui/states.tsx'
import { Table } from '../../../ui/table.tsx'
import { Code, Name, When } from '../../../ui/text.tsx'
import { useMay } from '../../me.ts'
import { operationsOf } from '../../operations.ts'
import { Card, Page } from '../../shell/page.tsx'
import { NewKey } from './new-key.tsx'

const { useAct, useList } = operationsOf<typeof identity>()

/** What programs come in with. A key is shown once, when it is made, and never again. */
export function Keys() {
  const { t } = useTranslation()
  const may = useMay()
  const [isMaking, setMaking] = useState(false)
  const [revoked, setRevoked] = useState<{ id: string; name: string }>()
  const keys = useList('identity.key.list', {})
  const lacking = (permission: string) => (may(permission) ? undefined : t('state.lacking', { permission }))
  const make = (
    <Button look="main" lacking={lacking('identity.key.create')} onClick={() => setMaking(true)}>
      {t('keys.make')}
    </Button>
  )
  return (
    <Page title={t('screen.keys')} action={make}>
      <Card>
        <Table
          label={t('screen.keys')}
          {...keys}
          rowKey={({ id }) => id}
          empty={<Empty title={t('keys.none')}>{t('keys.none.why')}</Empty>}
          columns={[
            { key: 'name', title: t('keys.name'), cell: ({ name }) => <Name>{name}</Name> },
            { key: 'prefix', title: t('keys.prefix'), cell: ({ prefix }) => <Code>{prefix}</Code> },
            { key: 'role', title: t('keys.role'), cell: ({ role }) => <Name>{role}</Name> },
            { key: 'used', title: t('keys.used'), cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
            { key: 'until', title: t('keys.until'), cell: ({ expiresAt }) => <When at={expiresAt} /> },
            {
              key: 'do',
              title: t('people.do'),
              cell: ({ id, name, revokedAt }) =>
                revokedAt ? (
                  t('keys.revoked')
                ) : (
                  <Button
                    look="danger"
                    lacking={lacking('identity.key.revoke')}
                    onClick={() => setRevoked({ id, name })}
                  >
                    {t('keys.revoke')}
                  </Button>
                ),
            },
          ]}
        />
      </Card>
      {isMaking && <NewKey close={() => setMaking(false)} />}
      {revoked && <Revoke {...revoked} close={() => setRevoked(undefined)} />}
    </Page>
  )
}

function Revoke({ id, name, close }: { id: string; name: string; close: () => void }) {
  const { t } = useTranslation()
  const { mutate, isPending, error } = useAct('identity.key.revoke')
  const asked = { title: t('keys.revoke'), press: t('keys.revoke'), busy: isPending, problem: error }
  return (
    <Confirm {...asked} name={name} close={close} confirm={() => mutate({ id }, { onSuccess: close })}>
      {t('keys.revoke.why')} <Name>{name}</Name>
    </Confirm>
  )
}
