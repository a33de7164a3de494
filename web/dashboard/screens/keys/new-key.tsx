import { useTranslation } from 'react-i18next'
import type { identity } from '../../../../kernel/identity/module.ts'
import { Ask } from '../../../ui/ask.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { Copied } from '../../../ui/text.tsx'
import { operationsOf } from '../../operations.ts'

const { useAct, useLook } = operationsOf<typeof identity>()

export function NewKey({ close }: { close: () => void }) {
  const { t } = useTranslation()
  const roles = useLook('identity.role.list', {})
  const { mutate, data, isPending, error } = useAct('identity.key.create')
  if (data) return <Once token={data.token} close={close} />
  const send = ({ name = '', role = '', until }: Readonly<Record<string, string>>) =>
    mutate({ name, role, ...(until && { expiresAt: `${until}T23:59:59Z` }) })
  return (
    <Ask title={t('keys.make')} press={t('keys.make')} busy={isPending} problem={error} close={close} send={send}>
      <TextField label={t('keys.name')} name="name" hint={t('keys.name.hint')} required />
      <SelectField label={t('keys.role')} name="role" required>
        {roles.data?.data.map(({ key, title }) => (
          <option key={key} value={key}>
            {title ?? key}
          </option>
        ))}
      </SelectField>
      <TextField label={t('keys.until')} name="until" type="date" hint={t('keys.until.hint')} />
    </Ask>
  )
}

/** It is nowhere else: whoever closes this without it makes another one. */
function Once({ token, close }: { token: string; close: () => void }) {
  const { t } = useTranslation()
  return (
    <Dialog title={t('keys.once')} close={close}>
      <p>{t('keys.once.why')}</p>
      <p className="rounded-md bg-sunken p-3">
        <Copied text={token} />
      </p>
      <div className="flex justify-end">
        <Button look="main" onClick={close}>
          {t('keys.kept')}
        </Button>
      </div>
    </Dialog>
  )
}
