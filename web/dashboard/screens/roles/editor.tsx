import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { identity } from '../../../../kernel/identity/module.ts'
import { Ask } from '../../../ui/ask.tsx'
import { TextField } from '../../../ui/field.tsx'
import { Failed, Loading } from '../../../ui/states.tsx'
import { operationsOf } from '../../operations.ts'
import { tell } from '../../shell/tell.ts'
import { Difference } from './difference.tsx'
import { Grants } from './grants.tsx'

const { useAct, useLook } = operationsOf<typeof identity>()

type Role = { id: string | null; key: string; title: string | null; grants: readonly string[] }

/** What a role may do, grouped as the product is, and what a change would mean before it is saved. */
export function Editor({ role, close }: { role: Role | undefined; close: () => void }) {
  const { t } = useTranslation()
  const rights = useLook('identity.right.list', {})
  const [grants, setGrants] = useState<readonly string[]>()
  const create = useAct('identity.role.create')
  const update = useAct('identity.role.update')
  const isFixed = role !== undefined && role.id === null
  const preview = usePreview(role, grants)
  if (rights.error) return <Failed problem={rights.error} retry={rights.refetch} />
  if (!rights.data) return <Loading />
  const held =
    grants ?? rights.data.data.filter(({ roles }) => role && roles.includes(role.key)).map(({ name }) => name)
  const done = () => (tell(t('settings.saved')), close())
  const send = ({ title = '', key = '' }: Readonly<Record<string, string>>) => {
    if (role?.id) update.mutate({ id: role.id, title, grants: [...held] }, { onSuccess: done })
    else if (!role) create.mutate({ key, title, grants: [...held] }, { onSuccess: done })
    else close()
  }
  const { isPending, error } = role ? update : create
  const title = role ? (role.title ?? role.key) : t('roles.make')
  const press = t(isFixed ? 'close' : 'settings.save')
  return (
    <Ask title={title} press={press} busy={isPending} problem={error} close={close} send={send}>
      {isFixed && <p className="text-soft">{t('roles.fixed.why')}</p>}
      {!isFixed && <TextField label={t('roles.title')} name="title" defaultValue={role?.title ?? ''} required />}
      {!role && (
        <TextField
          label={t('roles.key')}
          hint={t('roles.key.hint')}
          name="key"
          dir="ltr"
          pattern="[a-z][a-z0-9\-]*"
          required
        />
      )}
      <Grants permissions={rights.data.data} held={held} change={isFixed ? undefined : setGrants} />
      {preview.error && <Failed problem={preview.error} />}
      {preview.data && <Difference {...preview.data} />}
    </Ask>
  )
}

/** Nothing has to be asked as long as nothing was changed, or there is nobody whom it concerns. */
const usePreview = (role: Role | undefined, grants: readonly string[] | undefined) =>
  useLook('identity.role.preview', role?.id && grants?.length ? { id: role.id, grants: grants.join(',') } : undefined)
