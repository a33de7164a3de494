import { useTranslation } from 'react-i18next'
import type { identity } from '../../../../kernel/identity/module.ts'
import { Failed, Loading } from '../../../ui/states.tsx'
import { Name } from '../../../ui/text.tsx'
import { operationsOf } from '../../operations.ts'

const { useLook } = operationsOf<typeof identity>()

/** The roles of the workspace to choose from, each with how much it comes to. */
export function RoleChoice({ chosen, choose }: { chosen: readonly string[]; choose: (roles: string[]) => void }) {
  const { t } = useTranslation()
  const roles = useLook('identity.role.list', {})
  if (roles.error) return <Failed problem={roles.error} retry={roles.refetch} />
  if (!roles.data) return <Loading rows={3} />
  return (
    <fieldset className="flex flex-col gap-1">
      <legend className="pb-1 text-sm font-medium">{t('people.roles')}</legend>
      {roles.data.data.map(({ key, title, permissions }) => (
        <label key={key} className="flex min-h-9 cursor-pointer items-center gap-3 rounded px-2 hover:bg-sunken">
          <input
            type="checkbox"
            className="size-4 accent-(--accent)"
            checked={chosen.includes(key)}
            onChange={({ target }) => choose(target.checked ? [...chosen, key] : chosen.filter((one) => one !== key))}
          />
          <span className="flex-1">
            <Name>{title ?? key}</Name>
          </span>
          <span className="text-sm text-soft">{t('roles.permissions', { count: permissions })}</span>
        </label>
      ))}
    </fieldset>
  )
}
