import { useTranslation } from 'react-i18next'

/** What an operation is called in the reader's language: what was done, or else what it does, or else its name. */
export function useNamed(): (operation: string) => string {
  const { t } = useTranslation()
  return (operation) => t([`act.${operation}`, operation], { defaultValue: operation })
}
