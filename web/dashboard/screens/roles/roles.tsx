import { useTranslation } from 'react-i18next'
import type { identity } from '../../../../kernel/identity/module.ts'
import { Button } from '../../../ui/button.tsx'
import { Failed, Loading } from '../../../ui/states.tsx'
import { Table } from '../../../ui/table.tsx'
import { Name } from '../../../ui/text.tsx'
import { useChosen } from '../../chosen.ts'
import { useMay } from '../../me.ts'
import { operationsOf } from '../../operations.ts'
import { Card, Page } from '../../shell/page.tsx'
import { Editor } from './editor.tsx'

const { useLook } = operationsOf<typeof identity>()

/** Who may do what: the product's own roles as they are, and the workspace's own to be changed. */
export function Roles() {
  const { t } = useTranslation()
  const may = useMay()
  const { chosen, choose } = useChosen(['role'])
  const roles = useLook('identity.role.list', {})
  const permission = 'identity.role.create'
  const lacking = may(permission) ? undefined : t('state.lacking', { permission })
  if (roles.error) return <Failed problem={roles.error} retry={roles.refetch} />
  if (!roles.data) return <Loading />
  const opened = roles.data.data.find(({ key }) => key === chosen.role)
  const make = (
    <Button look="main" lacking={lacking} onClick={() => choose({ role: NEW })}>
      {t('roles.make')}
    </Button>
  )
  return (
    <Page title={t('screen.roles')} action={make}>
      <Card>
        <Table
          label={t('screen.roles')}
          rows={roles.data.data}
          rowKey={({ key }) => key}
          open={({ key }) => choose({ role: key })}
          empty={null}
          columns={[
            {
              key: 'title',
              title: t('roles.title'),
              cell: ({ key, title }) => (
                <button type="button" className="text-start hover:underline" onClick={() => choose({ role: key })}>
                  <Name>{title ?? key}</Name>
                </button>
              ),
            },
            { key: 'own', title: t('roles.whose'), cell: ({ id }) => t(id ? 'roles.own' : 'roles.fixed') },
            { key: 'may', title: t('roles.may'), number: true, cell: ({ permissions }) => permissions },
            { key: 'members', title: t('people.members'), number: true, cell: ({ members }) => members },
            { key: 'keys', title: t('screen.keys'), number: true, cell: ({ keys }) => keys },
          ]}
        />
      </Card>
      {(opened || chosen.role === NEW) && <Editor role={opened} close={() => choose({ role: undefined })} />}
    </Page>
  )
}

/** No role is called so: a key begins with a letter. */
const NEW = '+'
