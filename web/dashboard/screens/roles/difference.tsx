import { useTranslation } from 'react-i18next'
import { Code } from '../../../ui/text.tsx'

/** What would be gained and lost, by name, before anything is saved. */
export function Difference({ gains, loses }: { gains: readonly string[]; loses: readonly string[] }) {
  const { t } = useTranslation()
  return (
    <div className="rounded-md border border-line bg-sunken p-3 text-sm">
      <p>{t('roles.difference', { gains: gains.length, loses: loses.length })}</p>
      <ul className="max-h-40 overflow-y-auto" tabIndex={0}>
        {gains.map((name) => (
          <li key={name} className="text-good">
            + <Code>{name}</Code>
          </li>
        ))}
        {loses.map((name) => (
          <li key={name} className="text-bad">
            − <Code>{name}</Code>
          </li>
        ))}
      </ul>
    </div>
  )
}
