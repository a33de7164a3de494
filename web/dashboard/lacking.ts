import { useTranslation } from 'react-i18next'
import { useMay } from './me.ts'

/** What is said where something is not allowed, with the permission's name; undefined where it is. */
export function useLacking(): (permission: string) => string | undefined {
  const { t } = useTranslation()
  const may = useMay()
  return (permission) => (may(permission) ? undefined : t('state.lacking', { permission }))
}
