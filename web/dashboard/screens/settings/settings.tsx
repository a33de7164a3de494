import type { FormEvent } from 'react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { identity } from '../../../../kernel/identity/module.ts'
import { typedIn } from '../../../ui/ask.tsx'
import { Button } from '../../../ui/button.tsx'
import { SelectField, TextField } from '../../../ui/field.tsx'
import { Failed, Loading } from '../../../ui/states.tsx'
import { useMay } from '../../me.ts'
import { operationsOf } from '../../operations.ts'
import { Card, Page } from '../../shell/page.tsx'
import { tell } from '../../shell/tell.ts'
import { Keeping } from './keeping.tsx'

const { useAct, useLook } = operationsOf<typeof identity>()

export function Settings() {
  const { t } = useTranslation()
  const may = useMay()
  return (
    <Page title={t('screen.settings')}>
      <Workspace />
      {may('audit.retention.get') && <Keeping />}
    </Page>
  )
}

const DEMANDS = ['policy', 'administrators', 'everyone'] as const

/** Its name, and of whom a second factor is demanded beyond what the product demands of everybody. */
function Workspace() {
  const { t } = useTranslation()
  const may = useMay()
  const [demand, setDemand] = useState<string>()
  const workspace = useLook('identity.workspace.get', {})
  const { mutate, isPending, error } = useAct('identity.workspace.update')
  if (workspace.error) return <Failed problem={workspace.error} retry={workspace.refetch} />
  if (!workspace.data) return <Loading />
  const { name, secondFactor } = workspace.data
  const permission = 'identity.workspace.update'
  const lacking = may(permission) ? undefined : t('state.lacking', { permission })
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const chosen = DEMANDS.find((one) => one === (demand ?? secondFactor)) ?? 'policy'
    const typed = typedIn(event.currentTarget)['name'] ?? ''
    mutate({ name: typed, secondFactor: chosen }, { onSuccess: () => tell(t('settings.saved')) })
  }
  return (
    <Card>
      <form className="flex max-w-xl flex-col gap-4 p-5" onSubmit={send}>
        <h2 className="text-lg font-semibold">{t('settings.workspace')}</h2>
        <TextField label={t('settings.name')} name="name" defaultValue={name} required />
        <SelectField
          label={t('settings.factor')}
          hint={t('settings.factor.hint')}
          value={demand ?? secondFactor}
          onChange={({ target }) => setDemand(target.value)}
        >
          {DEMANDS.map((one) => (
            <option key={one} value={one}>
              {t(`settings.factor.${one}`)}
            </option>
          ))}
        </SelectField>
        {error && <Failed problem={error} />}
        <div>
          <Button look="main" type="submit" busy={isPending} lacking={lacking}>
            {t('settings.save')}
          </Button>
        </div>
      </form>
    </Card>
  )
}
