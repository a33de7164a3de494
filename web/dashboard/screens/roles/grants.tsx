import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { TextField } from '../../../ui/field.tsx'
import { Code } from '../../../ui/text.tsx'
import { useNamed } from '../../named.ts'

type Permission = { name: string; kind: string; sensitive: boolean }
type Given = {
  permissions: readonly Permission[]
  held: readonly string[]
  /** Absent where it is not to be changed. */
  change: ((held: readonly string[]) => void) | undefined
}

/** Hundreds of permissions, never in one list: by thing, with a count each, and narrowed by a few letters. */
export function Grants({ permissions, held, change }: Given) {
  const { t } = useTranslation()
  const named = useNamed()
  const [text, setText] = useState('')
  const wanted = text.toLowerCase()
  const found = permissions.filter(
    ({ name }) => name.toLowerCase().includes(wanted) || named(name).toLowerCase().includes(wanted),
  )
  const groups = Map.groupBy(found, ({ name }) => name.slice(0, name.lastIndexOf('.')))
  return (
    <fieldset className="flex flex-col gap-3">
      <legend className="pb-1 text-sm font-medium">{t('roles.permissions', { count: held.length })}</legend>
      <TextField label={t('roles.search')} value={text} onChange={({ target }) => setText(target.value)} />
      {[...groups].map(([thing, some]) => (
        <Group key={thing} thing={thing} permissions={some} held={held} change={change} isOpen={text !== ''} />
      ))}
    </fieldset>
  )
}

function Group({ thing, permissions, held, change, isOpen }: Given & { thing: string; isOpen: boolean }) {
  const { t } = useTranslation()
  const names = permissions.map(({ name }) => name)
  const own = names.filter((name) => held.includes(name))
  const all = own.length === names.length
  const toggle = () => change?.(all ? held.filter((name) => !names.includes(name)) : [...new Set([...held, ...names])])
  return (
    <details open={isOpen || undefined} className="rounded-md border border-line">
      <summary className="flex min-h-9 cursor-pointer items-center justify-between gap-3 px-3">
        <Code>{thing}</Code>
        <span className="text-sm text-soft tabular-nums">{t('roles.of', { own: own.length, all: names.length })}</span>
      </summary>
      <div className="flex flex-col border-t border-line p-2">
        {change && (
          <label className={CHOICE}>
            <input
              type="checkbox"
              className="size-4"
              checked={all}
              ref={(box) => void (box && (box.indeterminate = own.length > 0 && !all))}
              onChange={toggle}
            />
            {t('roles.all')}
          </label>
        )}
        {permissions.map((one) => (
          <One key={one.name} permission={one} held={held} change={change} />
        ))}
      </div>
    </details>
  )
}

function One({
  permission: { name, sensitive },
  held,
  change,
}: Omit<Given, 'permissions'> & { permission: Permission }) {
  const { t } = useTranslation()
  const named = useNamed()
  const isHeld = held.includes(name)
  const toggle = () => change?.(isHeld ? held.filter((one) => one !== name) : [...held, name])
  return (
    <label className={CHOICE}>
      <input type="checkbox" className="size-4" checked={isHeld} disabled={!change} onChange={toggle} />
      <span className="min-w-0 flex-1">
        {named(name)} {named(name) !== name && <Code>{name}</Code>}
      </span>
      {sensitive && <span className="text-sm text-warn">{t('roles.sensitive')}</span>}
    </label>
  )
}

const CHOICE = 'flex min-h-8 cursor-pointer items-center gap-3 rounded px-2 text-sm hover:bg-sunken'
