import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { identity } from '../../../../kernel/identity/module.ts'
import { Ask } from '../../../ui/ask.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { operationsOf } from '../../operations.ts'
import { tell } from '../../shell/tell.ts'
import { RoleChoice } from './roles.tsx'

const { useAct } = operationsOf<typeof identity>()

export function Invite({ close }: { close: () => void }) {
  const { t } = useTranslation()
  const invite = useAct('identity.invitation.create')
  const [roles, setRoles] = useState<string[]>([])
  const send = ({ email = '', locale }: Readonly<Record<string, string>>) => {
    const done = () => (tell(t('people.invited', { email })), close())
    invite.mutate({ email, roles, locale: locale === 'ar' ? 'ar' : 'en' } as never, { onSuccess: done })
  }
  const asked = {
    title: t('people.invite'),
    press: t('people.invite.send'),
    busy: invite.isPending,
    problem: invite.error,
  }
  return (
    <Ask {...asked} close={close} send={send}>
      <TextField label={t('people.email')} name="email" type="email" dir="ltr" autoComplete="off" required />
      <RoleChoice chosen={roles} choose={setRoles} />
      <SelectField label={t('people.language')} name="locale" defaultValue={document.documentElement.lang}>
        <option value="en">English</option>
        <option value="ar">العربية</option>
      </SelectField>
    </Ask>
  )
}
